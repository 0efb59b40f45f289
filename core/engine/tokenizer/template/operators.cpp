#include "core/engine/tokenizer/template/operators.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/formatting.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/printing.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace millm::engine::jinja {

namespace {

constexpr std::array<const char *, 7> signs{"+", "-", "*", "/", "//", "%", "** or pow()"};

[[noreturn]] void fail_operands(Operator op, const Value &a, const Value &b) {
    if (op == Operator::Add && a.is_string()) fail_type("can only concatenate str (not \"" + b.type_name() + "\") to str");
    if (op == Operator::Add && a.is(Value::Type::Sequence)) {
        fail_type("can only concatenate " + a.type_name() + " (not \"" + b.type_name() + "\") to " + a.type_name());
    }
    fail_type(std::string("unsupported operand type(s) for ") + signs[std::size_t(op)] + ": '" + a.type_name() + "' and '" +
              b.type_name() + "'");
}

double floor_modulo(double a, double b) {
    double rest = std::fmod(a, b);
    if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
    return rest == 0 ? std::copysign(0.0, b) : rest;
}

double floor_divide(double a, double b) {
    const double quotient = (a - floor_modulo(a, b)) / b;
    if (quotient == 0) return std::copysign(0.0, a / b);
    const double whole = std::floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

Value float_arithmetic(Operator op, double a, double b) {
    const auto nonzero = [&](const char *message) {
        if (b == 0) throw Failure(Failure::Kind::ZeroDivision, message);
    };
    switch (op) {
        case Operator::Add:
            return Value(a + b);
        case Operator::Subtract:
            return Value(a - b);
        case Operator::Multiply:
            return Value(a * b);
        case Operator::Divide:
            nonzero("division by zero");
            return Value(a / b);
        case Operator::FloorDivide:
            nonzero("float floor division by zero");
            return Value(floor_divide(a, b));
        case Operator::Modulo:
            nonzero("float modulo by zero");
            return Value(floor_modulo(a, b));
        default:
            break;
    }
    if (a == 0 && b < 0) throw Failure(Failure::Kind::ZeroDivision, "zero to a negative power");
    const double result = std::pow(a, b);
    if (std::isnan(result) && !std::isnan(a) && !std::isnan(b))
        fail_value("a negative number to a broken power is a complex number");
    if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
        throw Failure(Failure::Kind::Overflow, "Numerical result out of range");
    return Value(result);
}

Value integer_arithmetic(Interpreter &interpreter, Operator op, const Integer &a, const Integer &b) {
    if (!a.small() || !b.small() || op == Operator::Power) interpreter.work(20000);
    switch (op) {
        case Operator::Add:
            return Value(a + b);
        case Operator::Subtract:
            return Value(a - b);
        case Operator::Multiply:
            return Value(a * b);
        case Operator::FloorDivide:
            return Value(floor_divide(a, b));
        case Operator::Modulo:
            return Value(floor_modulo(a, b));
        case Operator::Power:
            if (!b.negative()) return Value(power(a, b));
            [[fallthrough]];
        default:
            return float_arithmetic(op, a.to_double(), b.to_double());
    }
}

Value repeat(Interpreter &interpreter, const Value &value, const Integer &times) {
    const auto wanted = times.negative() ? 0 : times.small().value_or(std::int64_t(1) << 60);
    const auto size = value.is_string() ? value.bytes().size() : value.items().size();
    if (size == 0 || wanted == 0)
        return value.is_string() ? Value::text("", value.text().markup) : value.is_tuple() ? Value::tuple({}) : Value::list({});
    interpreter.check_text(wanted > (std::int64_t(1) << 40) / std::int64_t(size) ? std::size_t(1) << 50
                                                                                 : size * std::size_t(wanted));
    interpreter.work(size * std::size_t(wanted));
    if (value.is_string()) {
        std::string text;
        text.reserve(size * std::size_t(wanted));
        for (std::int64_t i = 0; i < wanted; ++i) text += value.bytes();
        return interpreter.text(std::move(text), value.text().markup);
    }
    // An item is larger than a byte.
    interpreter.work(size * std::size_t(wanted) * 16);
    std::vector<Value> items;
    items.reserve(size * std::size_t(wanted));
    for (std::int64_t i = 0; i < wanted; ++i) items.insert(items.end(), value.items().begin(), value.items().end());
    return value.is_tuple() ? Value::tuple(std::move(items)) : interpreter.list(std::move(items));
}

Value add(Interpreter &interpreter, const Value &a, const Value &b) {
    if (a.is_string() && b.is_string()) {
        interpreter.check_text(a.bytes().size() + b.bytes().size());
        if (a.text().markup || b.text().markup)
            return interpreter.text(escaped(interpreter, a) + escaped(interpreter, b), true);
        return interpreter.text(a.bytes() + b.bytes());
    }
    if (a.is(Value::Type::Sequence) && b.is(Value::Type::Sequence) && a.is_tuple() == b.is_tuple()) {
        auto items = a.items();
        items.insert(items.end(), b.items().begin(), b.items().end());
        interpreter.work(items.size() * 16);
        return a.is_tuple() ? Value::tuple(std::move(items)) : interpreter.list(std::move(items));
    }
    fail_operands(Operator::Add, a, b);
}

}  // namespace

void require_defined(const Value &value) {
    if (!value.is_undefined()) return;
    throw Failure(value.absence().security ? Failure::Kind::Security : Failure::Kind::Undefined, value.absence().message);
}

Value arithmetic(Interpreter &interpreter, Operator op, const Value &a, const Value &b) {
    if (op == Operator::Modulo && a.is_string()) return interpreter.text(percent_format(interpreter, a, b), a.text().markup);
    require_defined(a);
    require_defined(b);
    const auto x = a.as_integer(), y = b.as_integer();
    if (x && y) return integer_arithmetic(interpreter, op, *x, *y);
    if (const auto i = a.as_double(), j = b.as_double(); i && j) return float_arithmetic(op, *i, *j);
    const auto repeatable = [](const Value &value) { return value.is_string() || value.is(Value::Type::Sequence); };
    if (op == Operator::Multiply && repeatable(a) && y) return repeat(interpreter, a, *y);
    if (op == Operator::Multiply && repeatable(b) && x) return repeat(interpreter, b, *x);
    if (op == Operator::Add) return add(interpreter, a, b);
    fail_operands(op, a, b);
}

Value negate(const Value &value, bool minus) {
    require_defined(value);
    if (const auto integer = value.as_integer()) return Value(minus ? -*integer : *integer);
    if (value.is(Value::Type::Float)) return Value(minus ? -value.number() : value.number());
    fail_type(std::string("bad operand type for unary ") + (minus ? "-" : "+") + ": '" + value.type_name() + "'");
}

bool contains(Interpreter &interpreter, const Value &container, const Value &item) {
    switch (container.type()) {
        case Value::Type::Undefined:
            return false;
        case Value::Type::String:
            if (item.is_undefined() || !item.is_string()) {
                fail_type("'in <string>' requires string as left operand, not " + item.type_name());
            }
            interpreter.work(container.bytes().size());
            return container.bytes().find(item.bytes()) != std::string::npos;
        case Value::Type::Dict:
            return container.dict().find(item) != nullptr;
        case Value::Type::Sequence:
        case Value::Type::Object: {
            if (container.is(Value::Type::Object) && !container.object().iterable()) break;
            const auto items = interpreter.iterate(container);
            return std::any_of(items.begin(), items.end(), [&](const auto &other) { return equal(other, item); });
        }
        default:
            break;
    }
    fail_type("argument of type '" + container.type_name() + "' is not a container or iterable");
}

bool compare(Interpreter &interpreter, Operator op, const Value &a, const Value &b) {
    const auto size = [](const Value &value) {
        return value.is_string()                 ? value.bytes().size() / 16
               : value.is(Value::Type::Sequence) ? value.items().size() * 4
               : value.is(Value::Type::Dict)     ? value.dict().size() * 4
                                                 : 0;
    };
    interpreter.work(size(a) + size(b));
    switch (op) {
        case Operator::Equal:
            return equal(a, b);
        case Operator::NotEqual:
            return !equal(a, b);
        case Operator::Less:
            return less(a, b, "<");
        case Operator::Greater:
            return less(b, a, ">");
        case Operator::In:
            return contains(interpreter, b, a);
        case Operator::NotIn:
            return !contains(interpreter, b, a);
        default:
            break;
    }
    // Not the negation of the other order: nothing is ordered with a NaN.
    const bool less_equal = op == Operator::LessEqual;
    const auto &x = less_equal ? a : b, &y = less_equal ? b : a;
    return less(x, y, less_equal ? "<=" : ">=") || equal(x, y);
}

}  // namespace millm::engine::jinja
