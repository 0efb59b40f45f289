#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace millm::engine::jinja {

/// The arguments of a call put to the names of its parameters, as Python does it. A Type failure for too many, unknown or
/// doubled ones.
class Parameters {
public:
    Parameters(const char *function, const Arguments &arguments, std::initializer_list<const char *> names);

    bool has(std::size_t i) const { return m_values[i].has_value(); }
    /// A Type failure where it was not given.
    const Value &required(std::size_t i) const;
    Value value(std::size_t i, Value fallback = Value()) const { return m_values[i] ? *m_values[i] : std::move(fallback); }
    bool boolean(std::size_t i, bool fallback) const { return m_values[i] ? m_values[i]->truthy() : fallback; }
    /// A Type failure for what is no int. Large ones are cut to ±2^60.
    std::int64_t integer(std::size_t i, std::int64_t fallback) const;
    /// A Type failure for what is no str.
    std::string string(std::size_t i, const std::string &fallback) const;

private:
    const char *m_function;
    std::vector<const char *> m_names;
    std::vector<std::optional<Value>> m_values;
};

}  // namespace millm::engine::jinja
