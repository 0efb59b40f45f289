// Expressions.
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/filters.h"
#include "core/engine/tokenizer/template/interpreter.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/operators.h"
#include "core/engine/tokenizer/template/printing.h"
#include "core/engine/tokenizer/template/tests.h"

#include <iterator>

namespace millm::engine::jinja {

using Kind = Expression::Kind;

Value Interpreter::evaluate(const Expression &expression, const ScopePtr &scope) {
    guard_stack();
    work(8);
    m_line = expression.line;
    const auto child = [&](std::size_t i) { return evaluate(*expression.children[i], scope); };
    switch (expression.kind) {
        case Kind::Or: {
            auto left = child(0);
            return left.truthy() ? left : child(1);
        }
        case Kind::And: {
            auto left = child(0);
            return left.truthy() ? child(1) : left;
        }
        case Kind::Not:
            return Value(!child(0).truthy());
        case Kind::Conditional:
            if (child(0).truthy()) return child(1);
            if (expression.children.size() > 2) return child(2);
            return Value::undefined("the inline if-expression on line " + std::to_string(expression.line) +
                                    " evaluated to false and no else section was defined.");
        case Kind::Filter:
            return evaluate_filter(expression, scope, nullptr);
        default:
            return evaluate_plain(expression, scope);
    }
}

Value Interpreter::evaluate_plain(const Expression &expression, const ScopePtr &scope) {
    const auto child = [&](std::size_t i) { return evaluate(*expression.children[i], scope); };
    const auto optional_child = [&](std::size_t i) { return expression.children[i] ? child(i) : Value(); };
    switch (expression.kind) {
        case Kind::Constant:
            return expression.constant;
        case Kind::Name:
        case Kind::Member:
            return name(expression, scope);
        case Kind::Tuple:
            return Value::tuple(evaluate_all(expression.children, scope));
        case Kind::List:
            return Value::list(evaluate_all(expression.children, scope));
        case Kind::Dict: {
            auto dict = std::make_shared<Dict>();
            for (std::size_t i = 0; i < expression.children.size(); i += 2) {
                auto key = child(i);
                dict->set(std::move(key), child(i + 1));
            }
            return Value(std::shared_ptr<const Dict>(std::move(dict)));
        }
        case Kind::Negative:
        case Kind::Positive:
            return negate(child(0), expression.kind == Kind::Negative);
        case Kind::Compare:
            return Value(compare(expression, scope));
        case Kind::Arithmetic: {
            const auto left = child(0);
            const auto right = child(1);
            return arithmetic(*this, expression.operators[0], left, right);
        }
        case Kind::Concat:
            return concat(expression, scope);
        case Kind::Attribute:
            return attribute(child(0), expression.name);
        case Kind::Item: {
            const auto object = child(0);
            const auto &key = *expression.children[1];
            if (key.kind != Kind::Slice) return item(object, child(1));
            const auto bound = [&](std::size_t i) { return key.children[i] ? evaluate(*key.children[i], scope) : Value(); };
            const auto start = bound(0), stop = bound(1), step = bound(2);
            return slice(object, start, stop, step);
        }
        case Kind::Slice:
            return Value::tuple({optional_child(0), optional_child(1), optional_child(2)});
        case Kind::Call: {
            const auto callee = child(0);
            return call(callee, arguments(expression.arguments, scope));
        }
        case Kind::Test: {
            const auto value = child(0);
            auto given = arguments(expression.arguments, scope);
            return Value(test(expression.name, value, given));
        }
        default:
            fail_type("not an expression");
    }
}

Value Interpreter::evaluate_filter(const Expression &filter_node, const ScopePtr &scope, const Value *block_text) {
    const auto &target = filter_node.children[0];
    // A block's filters form a chain whose innermost link has no target.
    const auto value = !target                                      ? (block_text ? *block_text : Value())
                       : block_text && target->kind == Kind::Filter ? evaluate_filter(*target, scope, block_text)
                                                                    : evaluate(*target, scope);
    auto given = arguments(filter_node.arguments, scope);
    m_line = filter_node.line;
    return filter(filter_node.name, value, given);
}

Value Interpreter::name(const Expression &expression, const ScopePtr &scope) {
    const auto *value = scope->find(expression.name);
    return value ? *value : Value::undefined(string_repr(expression.name) + " is undefined");
}

bool Interpreter::compare(const Expression &expression, const ScopePtr &scope) {
    auto left = evaluate(*expression.children[0], scope);
    for (std::size_t i = 0; i < expression.operators.size(); ++i) {
        auto right = evaluate(*expression.children[i + 1], scope);
        if (!jinja::compare(*this, expression.operators[i], left, right)) return false;
        left = std::move(right);
    }
    return true;
}

Value Interpreter::concat(const Expression &expression, const ScopePtr &scope) {
    const auto parts = evaluate_all(expression.children, scope);
    // Without autoescape ~ joins plain text, markup or not.
    std::string out;
    for (const auto &part : parts) {
        out += to_str(*this, part);
        check_text(out.size());
    }
    return text(std::move(out));
}

std::vector<Value> Interpreter::evaluate_all(const std::vector<ExpressionPtr> &expressions, const ScopePtr &scope) {
    std::vector<Value> values;
    values.reserve(expressions.size());
    for (const auto &expression : expressions) values.push_back(evaluate(*expression, scope));
    return values;
}

Arguments Interpreter::arguments(const CallArguments &from, const ScopePtr &scope) {
    Arguments out;
    out.positional = evaluate_all(from.positional, scope);
    for (const auto &[name, expression] : from.keywords) out.keywords.emplace_back(name, evaluate(*expression, scope));
    if (from.spread) {
        auto more = iterate(evaluate(*from.spread, scope));
        std::move(more.begin(), more.end(), std::back_inserter(out.positional));
    }
    if (from.keyword_spread) {
        const auto more = evaluate(*from.keyword_spread, scope);
        require_defined(more);
        if (!more.is(Value::Type::Dict)) fail_type("argument after ** must be a mapping, not " + more.type_name());
        for (const auto &[key, value] : more.dict().entries()) {
            if (!key.is_string()) fail_type("keywords must be strings");
            for (const auto &[name, other] : out.keywords) {
                if (name == key.bytes()) fail_type("got multiple values for keyword argument " + string_repr(name));
            }
            out.keywords.emplace_back(key.bytes(), value);
        }
        work(more.dict().size() * 16);
    }
    return out;
}

Value Interpreter::call(const Value &callee, Arguments given) {
    require_defined(callee);
    if (!callee.is(Value::Type::Object) || !callee.object().callable())
        fail_type("'" + callee.type_name() + "' object is not callable");
    // The call may drop the last other reference to what is called.
    const Value alive = callee;
    return alive.object().call(*this, given);
}

Value Interpreter::filter(const std::string &name, const Value &value, Arguments &given) {
    const auto filter = find_filter(name);
    if (!filter) fail_type("No filter named " + string_repr(name) + ".");
    return filter(*this, value, given);
}

bool Interpreter::test(const std::string &name, const Value &value, Arguments &given) {
    const auto test = find_test(name);
    if (!test) fail_type("No test named " + string_repr(name) + ".");
    return test(*this, value, given);
}

}  // namespace millm::engine::jinja
