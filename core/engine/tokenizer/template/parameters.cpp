#include "core/engine/tokenizer/template/parameters.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/operators.h"

#include <algorithm>
#include <string_view>

namespace millm::engine::jinja {

Parameters::Parameters(const char *function, const Arguments &arguments, std::initializer_list<const char *> names)
    : m_function(function), m_names(names), m_values(names.size()) {
    const auto name = std::string(function) + "()";
    if (arguments.positional.size() > m_names.size()) {
        fail_type(name + " takes " + std::to_string(m_names.size()) + " arguments but " +
                  std::to_string(arguments.positional.size()) + " were given");
    }
    std::copy(arguments.positional.begin(), arguments.positional.end(), m_values.begin());
    for (const auto &[keyword, value] : arguments.keywords) {
        const auto place = std::find_if(m_names.begin(), m_names.end(), [&](const char *other) { return keyword == other; });
        if (place == m_names.end()) fail_type(name + " got an unexpected keyword argument '" + keyword + "'");
        auto &slot = m_values[std::size_t(place - m_names.begin())];
        if (slot) fail_type(name + " got multiple values for argument '" + keyword + "'");
        slot = value;
    }
}

const Value &Parameters::required(std::size_t i) const {
    if (!m_values[i]) fail_type(std::string(m_function) + "() missing required argument: '" + m_names[i] + "'");
    return *m_values[i];
}

std::int64_t Parameters::integer(std::size_t i, std::int64_t fallback) const {
    if (!m_values[i]) return fallback;
    require_defined(*m_values[i]);
    const auto integer = m_values[i]->as_integer();
    if (!integer) fail_type("'" + m_values[i]->type_name() + "' object cannot be interpreted as an integer");
    constexpr std::int64_t far = std::int64_t(1) << 60;
    return std::clamp(integer->small().value_or(integer->negative() ? -far : far), -far, far);
}

std::string Parameters::string(std::size_t i, const std::string &fallback) const {
    if (!m_values[i]) return fallback;
    require_defined(*m_values[i]);
    if (!m_values[i]->is_string())
        fail_type(std::string(m_function) + "() argument must be str, not " + m_values[i]->type_name());
    return m_values[i]->bytes();
}

}  // namespace millm::engine::jinja
