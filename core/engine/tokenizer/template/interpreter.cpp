// Statements, scopes and macros. Expressions are in evaluator.cpp, attributes and items in lookup.cpp.
#include "core/engine/tokenizer/template/interpreter.h"

#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/globals.h"
#include "core/engine/tokenizer/template/objects.h"
#include "core/engine/tokenizer/template/printing.h"

#include <algorithm>

namespace millm::engine::jinja {

const Value *Scope::find(std::string_view name) const {
    for (const auto *scope = this; scope; scope = scope->m_parent.get()) {
        for (const auto &[key, value] : scope->m_variables) {
            if (key == name) return &value;
        }
    }
    return nullptr;
}

void Scope::set(std::string_view name, Value value) {
    for (auto &[key, old] : m_variables) {
        if (key != name) continue;
        old = std::move(value);
        return;
    }
    m_variables.emplace_back(name, std::move(value));
}

/// One more macro or recursive loop within another.
class Interpreter::CallDepth {
public:
    explicit CallDepth(Interpreter &interpreter) : m_interpreter(interpreter) {
        interpreter.step();
        if (interpreter.m_calls >= interpreter.m_limits.calls) {
            fail_limit("macros call each other more than " + std::to_string(interpreter.m_limits.calls) + " deep");
        }
        ++interpreter.m_calls;
    }
    ~CallDepth() { --m_interpreter.m_calls; }

private:
    Interpreter &m_interpreter;
};

Interpreter::~Interpreter() {
    for (const auto &scope : m_macro_scopes) scope->clear();
    for (const auto &space : m_namespaces) space->clear();
}

void Interpreter::step() {
    if (++m_steps > m_limits.steps) fail_limit("the template takes more than " + std::to_string(m_limits.steps) + " steps");
}

void Interpreter::work(std::size_t units) {
    const auto most = std::size_t(m_limits.work);
    if (units > most || (m_work += std::int64_t(units)) > m_limits.work) fail_limit("the template works too much");
}

void Interpreter::check_text(std::size_t bytes) const {
    if (bytes > m_limits.output) fail_limit("a text of more than " + std::to_string(m_limits.output) + " bytes");
}

void Interpreter::guard_stack() const {
    // Measured, because how deep statements and expressions may nest depends on what they are.
    const auto *here = static_cast<const char *>(__builtin_frame_address(0));
    const auto used = here < m_stack ? m_stack - here : here - m_stack;
    if (std::size_t(used) > m_limits.stack) fail_limit("the template nests too deeply");
}

Value Interpreter::text(std::string bytes, bool markup) {
    check_text(bytes.size());
    work(bytes.size());
    return Value::text(std::move(bytes), markup);
}

Value Interpreter::list(std::vector<Value> items) {
    work(items.size());
    return Value::list(std::move(items));
}

std::string Interpreter::render(const Block &block, const Dict &variables) {
    m_stack = static_cast<const char *>(__builtin_frame_address(0));
    const ComparingLimit comparing(m_limits.work / 8);  // one takes several nanoseconds
    const auto globals = std::make_shared<Scope>(nullptr);
    add_globals(*globals);
    const auto context = std::make_shared<Scope>(globals);
    for (const auto &[name, value] : variables.entries()) context->set(name.bytes(), value);
    std::string out;
    m_out = &out;
    // What the template sets is apart from what it was given: both are its top level.
    execute(block, std::make_shared<Scope>(context));
    return out;
}

void Interpreter::print(const std::string &text) {
    check_text(m_out->size() + text.size());
    work(text.size());
    *m_out += text;
}

template <class Work>
std::string Interpreter::captured(Work run) {
    std::string out;
    struct Redirect {
        std::string *&place, *before;
        ~Redirect() { place = before; }
    } redirect{m_out, std::exchange(m_out, &out)};
    run();
    return out;
}

Interpreter::Flow Interpreter::execute(const Block &block, const ScopePtr &scope) {
    for (const auto &statement : block) {
        if (const auto flow = execute(*statement, scope); flow != Flow::Next) return flow;
    }
    return Flow::Next;
}

Interpreter::Flow Interpreter::execute(const Statement &statement, const ScopePtr &scope) {
    guard_stack();
    work(8);
    m_line = statement.line;
    const auto inner = [&] { return std::make_shared<Scope>(scope); };
    auto flow = Flow::Next;
    switch (statement.kind) {
        case Statement::Kind::Data:
            print(statement.text);
            break;
        case Statement::Kind::Print:
            for (const auto &expression : statement.expressions) print(to_str(*this, evaluate(*expression, scope)));
            break;
        case Statement::Kind::Set:
            assign(*statement.target, evaluate(*statement.expressions[0], scope), scope);
            break;
        case Statement::Kind::SetBlock: {
            auto value = text(captured([&] { flow = execute(statement.body, inner()); }));
            if (flow != Flow::Next) break;
            if (statement.expressions[0]) value = evaluate_filter(*statement.expressions[0], scope, &value);
            assign(*statement.target, value, scope);
            break;
        }
        case Statement::Kind::For:
            if (statement.recursive) {
                print(recurse(statement, scope, evaluate(*statement.expressions[0], scope), 0).bytes());
            } else {
                return run_loop(statement, scope, evaluate(*statement.expressions[0], scope), 0);
            }
            break;
        case Statement::Kind::If:
            return run_if(statement, scope);
        case Statement::Kind::Macro:
            work(500);
            m_macro_scopes.push_back(scope);
            scope->set(statement.macro.name, make_object<Macro>(statement.macro, scope));
            break;
        case Statement::Kind::Call:
            run_call(statement, scope);
            break;
        case Statement::Kind::Filter: {
            const auto value = text(captured([&] { flow = execute(statement.body, inner()); }));
            const auto filtered = evaluate_filter(*statement.expressions[0], scope, &value);
            // Put into the output as it is, unlike what is printed.
            if (!filtered.is_string()) fail_type("a filtered block is no text but '" + filtered.type_name() + "'");
            print(filtered.bytes());
            break;
        }
        case Statement::Kind::With:
            return run_with(statement, scope);
        case Statement::Kind::Scope:
            return execute(statement.body, inner());
        case Statement::Kind::Break:
            return Flow::Break;
        case Statement::Kind::Continue:
            return Flow::Continue;
    }
    return flow;
}

Interpreter::Flow Interpreter::run_if(const Statement &statement, const ScopePtr &scope) {
    for (const auto &[condition, body] : statement.branches) {
        if (evaluate(*condition, scope).truthy()) return execute(body, scope);
    }
    return execute(statement.otherwise, scope);
}

Interpreter::Flow Interpreter::run_with(const Statement &statement, const ScopePtr &scope) {
    const auto inner = std::make_shared<Scope>(scope);
    for (const auto &[target, value] : statement.bindings) assign(*target, evaluate(*value, scope), inner);
    return execute(statement.body, inner);
}

void Interpreter::run_call(const Statement &statement, const ScopePtr &scope) {
    const auto &expression = *statement.expressions[0];
    const auto callee = evaluate(*expression.children[0], scope);
    auto with_caller = arguments(expression.arguments, scope);
    work(500);
    m_macro_scopes.push_back(scope);
    with_caller.keywords.emplace_back("caller", make_object<Macro>(statement.macro, scope));
    print(to_str(*this, call(callee, std::move(with_caller))));
}

Interpreter::Flow Interpreter::run_loop(const Statement &loop, const ScopePtr &scope, const Value &items, int depth) {
    auto all = iterate(items);
    if (loop.condition) {
        std::vector<Value> chosen;
        for (auto &item : all) {
            step();
            const auto inner = std::make_shared<Scope>(scope);
            assign(*loop.target, item, inner);
            if (evaluate(*loop.condition, inner).truthy()) chosen.push_back(std::move(item));
        }
        all = std::move(chosen);
    }
    if (all.empty()) return execute(loop.otherwise, std::make_shared<Scope>(scope));
    const auto state = std::make_shared<Loop>(all, depth);
    if (loop.recursive) state->make_recursive(loop, scope);
    struct End {
        Loop &loop;
        ~End() { loop.end(); }
    } end{*state};
    bool finished_one = false;
    for (std::size_t i = 0; i < all.size(); ++i) {
        step();
        state->move_to(i);
        const auto inner = std::make_shared<Scope>(scope);
        inner->set("loop", Value(std::shared_ptr<Object>(state)));
        assign(*loop.target, all[i], inner);
        const auto flow = execute(loop.body, inner);
        if (flow == Flow::Break) break;
        finished_one = finished_one || flow == Flow::Next;
    }
    // Jinja's else belongs to a loop none of whose rounds came to its end, be it that they all broke off.
    return finished_one ? Flow::Next : execute(loop.otherwise, std::make_shared<Scope>(scope));
}

Value Interpreter::recurse(const Statement &loop, const ScopePtr &scope, const Value &items, int depth) {
    const CallDepth call_depth(*this);
    return text(captured([&] { run_loop(loop, scope, items, depth); }));
}

void Interpreter::assign(const Expression &target, const Value &value, const ScopePtr &scope) {
    switch (target.kind) {
        case Expression::Kind::Name:
            scope->set(target.name, value);
            return;
        case Expression::Kind::Member: {
            const auto *object = scope->find(target.name);
            auto *space = object ? object->object_as<Namespace>() : nullptr;
            if (!space) fail_type("cannot assign attribute on non-namespace object");
            space->set(target.member, value);
            return;
        }
        default:
            break;
    }
    const auto parts = iterate(value);
    if (parts.size() != target.children.size()) {
        const auto wanted = std::to_string(target.children.size());
        fail_value(parts.size() < target.children.size()
                       ? "not enough values to unpack (expected " + wanted + ", got " + std::to_string(parts.size()) + ")"
                       : "too many values to unpack (expected " + wanted + ")");
    }
    for (std::size_t i = 0; i < parts.size(); ++i) assign(*target.children[i], parts[i], scope);
}

Value Interpreter::call_macro(const MacroBody &macro, const ScopePtr &scope, Arguments &given) {
    const CallDepth depth(*this);
    guard_stack();
    const auto inner = std::make_shared<Scope>(scope);
    const auto take = [&](const std::string &name) -> std::optional<Value> {
        const auto found =
            std::find_if(given.keywords.begin(), given.keywords.end(), [&](const auto &entry) { return entry.first == name; });
        if (found == given.keywords.end()) return std::nullopt;
        auto value = found->second;
        given.keywords.erase(found);
        return value;
    };
    // Arguments first, then defaults: a default may use any parameter.
    std::vector<const Parameter *> missing;
    for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
        const auto &parameter = macro.parameters[i];
        const auto value = i < given.positional.size() ? std::optional(given.positional[i]) : take(parameter.name);
        if (value)
            inner->set(parameter.name, *value);
        else
            missing.push_back(&parameter);
    }
    if (macro.uses_caller) inner->set("caller", take("caller").value_or(Value::undefined("No caller defined")));
    if (macro.uses_kwargs) {
        auto rest = std::make_shared<Dict>();
        for (auto &[name, value] : given.keywords) rest->set(Value::text(name), value);
        inner->set("kwargs", Value(std::shared_ptr<const Dict>(std::move(rest))));
    } else if (!given.keywords.empty()) {
        const auto &name = given.keywords.front().first;
        if (name == "caller") fail_type("macro " + string_repr(macro.name) + " does not use the special caller argument");
        fail_type("macro " + string_repr(macro.name) + " takes no keyword argument " + string_repr(name));
    }
    const auto count = macro.parameters.size();
    if (macro.uses_varargs) {
        std::vector<Value> rest;
        for (std::size_t i = count; i < given.positional.size(); ++i) rest.push_back(given.positional[i]);
        inner->set("varargs", Value::tuple(std::move(rest)));
    } else if (given.positional.size() > count) {
        fail_type("macro " + string_repr(macro.name) + " takes not more than " + std::to_string(count) + " argument(s)");
    }
    for (const auto *parameter : missing) {
        inner->set(parameter->name, parameter->fallback
                                        ? evaluate(*parameter->fallback, inner)
                                        : Value::undefined("parameter " + string_repr(parameter->name) + " was not provided"));
    }
    return text(captured([&] { execute(macro.body, inner); }));
}

Value Interpreter::make_namespace(Arguments &arguments) {
    // One that outlives its scope holds memory until the end.
    work(2000);
    auto space = std::make_shared<Namespace>();
    m_namespaces.push_back(space);
    for (const auto &argument : arguments.positional) {
        if (arguments.positional.size() > 1 || !argument.is(Value::Type::Dict))
            fail_type("namespace() takes a mapping and keywords");
        for (const auto &[key, value] : argument.dict().entries()) {
            if (key.is_string()) space->set(key.bytes(), value);
        }
    }
    for (const auto &[name, value] : arguments.keywords) space->set(name, value);
    return Value(std::shared_ptr<Object>(std::move(space)));
}

}  // namespace millm::engine::jinja
