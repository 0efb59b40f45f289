#pragma once

#include "core/engine/tokenizer/template/ast.h"
#include "core/engine/tokenizer/template/value.h"

namespace millm::engine::jinja {

/// Throws what using an undefined value says; does nothing for others.
void require_defined(const Value &value);

/// a + b, a % b… with Python's rules; Type, ZeroDivision, Overflow, Limit failures.
Value arithmetic(Interpreter &interpreter, Operator op, const Value &a, const Value &b);
Value negate(const Value &value, bool minus);
/// a < b, a in b…
bool compare(Interpreter &interpreter, Operator op, const Value &a, const Value &b);
bool contains(Interpreter &interpreter, const Value &container, const Value &item);

}  // namespace millm::engine::jinja
