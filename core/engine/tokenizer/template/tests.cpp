#include "core/engine/tokenizer/template/tests.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/filters.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/unicode.h"

#include <algorithm>

namespace millm::engine::jinja {

namespace {

using In = Interpreter;
using Type = Value::Type;

const Value &one(const Arguments &arguments) {
    if (arguments.positional.size() != 1 || !arguments.keywords.empty()) fail_type("this test takes one argument");
    return arguments.positional[0];
}

Value modulo(In &in, const Value &value, std::int64_t divisor) {
    return arithmetic(in, Operator::Modulo, value, Value(divisor));
}

bool odd(In &in, const Value &value, Arguments &) {
    return equal(modulo(in, value, 2), Value(std::int64_t(1)));
}
bool even(In &in, const Value &value, Arguments &) {
    return equal(modulo(in, value, 2), Value(std::int64_t(0)));
}
bool divisible(In &in, const Value &value, Arguments &arguments) {
    const Value *by = arguments.keywords.size() == 1 && arguments.keywords[0].first == "num" ? &arguments.keywords[0].second
                                                                                             : &one(arguments);
    return equal(arithmetic(in, Operator::Modulo, value, *by), Value(std::int64_t(0)));
}
bool defined(In &, const Value &value, Arguments &) {
    return !value.is_undefined();
}
bool undefined(In &, const Value &value, Arguments &) {
    return value.is_undefined();
}
bool filter(In &, const Value &value, Arguments &) {
    return value.is_string() && find_filter(value.bytes());
}
bool test(In &, const Value &value, Arguments &) {
    return value.is_string() && find_test(value.bytes());
}
bool none(In &, const Value &value, Arguments &) {
    return value.is_none();
}
bool boolean(In &, const Value &value, Arguments &) {
    return value.is(Type::Boolean);
}
bool is_true(In &, const Value &value, Arguments &) {
    return value.is(Type::Boolean) && value.boolean();
}
bool is_false(In &, const Value &value, Arguments &) {
    return value.is(Type::Boolean) && !value.boolean();
}
bool integer(In &, const Value &value, Arguments &) {
    return value.is(Type::Integer);
}
bool is_float(In &, const Value &value, Arguments &) {
    return value.is(Type::Float);
}
bool number(In &, const Value &value, Arguments &) {
    return value.is(Type::Integer) || value.is(Type::Float) || value.is(Type::Boolean);
}
bool string(In &, const Value &value, Arguments &) {
    return value.is_string();
}
bool mapping(In &, const Value &value, Arguments &) {
    return value.is(Type::Dict);
}

bool cased(In &in, const Value &value, bool (*wanted)(char32_t), bool (*other)(char32_t)) {
    bool found = false;
    for (const auto c : characters_of(to_str(in, value))) {
        if (other(c) || is_title(c)) return false;
        found = found || wanted(c);
    }
    return found;
}
bool lower(In &in, const Value &value, Arguments &) {
    return cased(in, value, is_lower, is_upper);
}
bool upper(In &in, const Value &value, Arguments &) {
    return cased(in, value, is_upper, is_lower);
}

bool sequence(In &, const Value &value, Arguments &) {
    if (value.is(Type::Object)) return value.object().length() && value.object().indexable();
    return value.is_string() || value.is(Type::Sequence) || value.is(Type::Dict) || value.is_undefined();
}
bool iterable(In &, const Value &value, Arguments &) {
    if (value.is(Type::Object)) return value.object().iterable();
    return value.is_string() || value.is(Type::Sequence) || value.is(Type::Dict) || value.is_undefined();
}
bool callable(In &, const Value &value, Arguments &) {
    return value.is_undefined() || (value.is(Type::Object) && value.object().callable());
}
bool same_as(In &, const Value &value, Arguments &arguments) {
    return value.same_as(one(arguments));
}
bool escaped(In &, const Value &value, Arguments &) {
    return value.is_string() && value.text().markup;
}
bool in(In &interpreter, const Value &value, Arguments &arguments) {
    return contains(interpreter, one(arguments), value);
}

template <Operator op>
bool compared(In &in, const Value &value, Arguments &arguments) {
    return compare(in, op, value, one(arguments));
}

template <Test test>
bool alone(In &in, const Value &value, Arguments &arguments) {
    if (!arguments.positional.empty() || !arguments.keywords.empty()) fail_type("the test takes no argument");
    return test(in, value, arguments);
}

struct TestRow {
    std::string_view name;
    Test test;
};
constexpr TestRow rows[] = {
    {"defined", alone<defined>},
    {"undefined", alone<undefined>},
    {"none", alone<none>},
    {"string", alone<string>},
    {"mapping", alone<mapping>},
    {"iterable", alone<iterable>},
    {"sequence", alone<sequence>},
    {"boolean", alone<boolean>},
    {"true", alone<is_true>},
    {"false", alone<is_false>},
    {"number", alone<number>},
    {"integer", alone<integer>},
    {"float", alone<is_float>},
    {"odd", alone<odd>},
    {"even", alone<even>},
    {"divisibleby", divisible},
    {"lower", alone<lower>},
    {"upper", alone<upper>},
    {"sameas", same_as},
    {"callable", alone<callable>},
    {"escaped", alone<escaped>},
    {"in", in},
    {"filter", alone<filter>},
    {"test", alone<test>},
    {"==", compared<Operator::Equal>},
    {"eq", compared<Operator::Equal>},
    {"equalto", compared<Operator::Equal>},
    {"!=", compared<Operator::NotEqual>},
    {"ne", compared<Operator::NotEqual>},
    {">", compared<Operator::Greater>},
    {"gt", compared<Operator::Greater>},
    {"greaterthan", compared<Operator::Greater>},
    {">=", compared<Operator::GreaterEqual>},
    {"ge", compared<Operator::GreaterEqual>},
    {"<", compared<Operator::Less>},
    {"lt", compared<Operator::Less>},
    {"lessthan", compared<Operator::Less>},
    {"<=", compared<Operator::LessEqual>},
    {"le", compared<Operator::LessEqual>},
};

}  // namespace

Test find_test(std::string_view name) {
    const auto row = std::find_if(std::begin(rows), std::end(rows), [&](const auto &entry) { return entry.name == name; });
    return row == std::end(rows) ? nullptr : row->test;
}

}  // namespace millm::engine::jinja
