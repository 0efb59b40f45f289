#include "core/base/log_scope.h"

#include <algorithm>

namespace millm {
namespace {

thread_local const LogScope *innermost = nullptr;

}  // namespace

LogScope::LogScope(LogFields fields) : m_fields(std::move(fields)), m_outer(std::exchange(innermost, this)) {}

LogScope::~LogScope() {
    innermost = m_outer;
}

LogFields LogScope::fields() {
    LogFields all;
    const auto said = [&all](QLatin1StringView name) {
        return std::ranges::any_of(all, [name](const auto &field) { return field.first == name; });
    };
    for (const LogScope *scope = innermost; scope; scope = scope->m_outer) {
        for (auto field = scope->m_fields.crbegin(); field != scope->m_fields.crend(); ++field)
            if (!field->second.isEmpty() && !said(field->first)) all.prepend(*field);
    }
    return all;
}

}  // namespace millm
