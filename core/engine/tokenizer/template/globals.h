#pragma once

namespace millm::engine::jinja {

class Scope;

/// The functions that every template has: range, namespace, raise_exception, strftime_now…
void add_globals(Scope &scope);

}  // namespace millm::engine::jinja
