#pragma once

#include "core/engine/tokenizer/template/ast.h"
#include "core/engine/tokenizer/template/clock.h"
#include "core/engine/tokenizer/template/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millm::engine::jinja {

/// What one rendering may use up; templates come from strangers.
struct Limits {
    std::size_t output = std::size_t(8) << 20;  ///< bytes of the rendered text, and of any text on the way
    std::int64_t steps = 1'000'000;             ///< rounds of loops and calls of macros
    std::int64_t work = 256'000'000;            ///< bytes and items handled, about one a nanosecond
    int calls = 100;                            ///< macros and recursive loops within each other
    std::size_t stack = std::size_t(1) << 20;   ///< bytes of this thread's stack
};

/// The names a block of statements sees: its own and those around it.
class Scope {
public:
    explicit Scope(std::shared_ptr<Scope> parent) : m_parent(std::move(parent)) {}
    const Value *find(std::string_view name) const;
    void set(std::string_view name, Value value);
    void clear() { m_variables.clear(); }

private:
    const std::shared_ptr<Scope> m_parent;
    std::vector<std::pair<std::string, Value>> m_variables;
};
using ScopePtr = std::shared_ptr<Scope>;

class Namespace;

/// Renders a parsed template once. Throws Failure. One thread.
class Interpreter {
public:
    Interpreter(const Limits &limits, const Clock &clock) : m_limits(limits), m_clock(clock) {}
    ~Interpreter();
    Interpreter(const Interpreter &) = delete;
    Interpreter &operator=(const Interpreter &) = delete;

    std::string render(const Block &block, const Dict &variables);
    int line() const { return m_line; }  ///< of the expression that was met last

    // What filters, tests, methods and objects ask for.
    const Clock &clock() const { return m_clock; }
    void step();
    void work(std::size_t units);
    void check_text(std::size_t bytes) const;  ///< before a text of that size is made
    Value text(std::string bytes, bool markup = false);
    Value list(std::vector<Value> items);
    /// The items of anything iterable; a Type failure for the rest.
    std::vector<Value> iterate(const Value &value);
    /// Jinja's value.name and value[key]: undefined where there is no such thing.
    Value attribute(const Value &value, std::string_view name);
    Value item(const Value &value, const Value &key);
    Value slice(const Value &value, const Value &start, const Value &stop, const Value &step);
    Value call(const Value &callee, Arguments arguments);
    Value filter(const std::string &name, const Value &value, Arguments &arguments);
    bool test(const std::string &name, const Value &value, Arguments &arguments);
    Value call_macro(const MacroBody &macro, const ScopePtr &scope, Arguments &arguments);
    /// One more level of a recursive loop, as text.
    Value recurse(const Statement &loop, const ScopePtr &scope, const Value &items, int depth);
    Value make_namespace(Arguments &arguments);

private:
    enum class Flow : std::uint8_t { Next, Break, Continue };

    class CallDepth;

    void guard_stack() const;
    void print(const std::string &text);
    template <class Work>
    std::string captured(Work work);

    Flow execute(const Block &block, const ScopePtr &scope);
    Flow execute(const Statement &statement, const ScopePtr &scope);
    Flow run_loop(const Statement &loop, const ScopePtr &scope, const Value &items, int depth);
    Flow run_if(const Statement &statement, const ScopePtr &scope);
    Flow run_with(const Statement &statement, const ScopePtr &scope);
    void run_call(const Statement &statement, const ScopePtr &scope);
    void assign(const Expression &target, const Value &value, const ScopePtr &scope);

    Value evaluate(const Expression &expression, const ScopePtr &scope);
    Value evaluate_plain(const Expression &expression, const ScopePtr &scope);
    Value evaluate_filter(const Expression &filter, const ScopePtr &scope, const Value *text);
    Value name(const Expression &expression, const ScopePtr &scope);
    bool compare(const Expression &expression, const ScopePtr &scope);
    Value concat(const Expression &expression, const ScopePtr &scope);
    std::vector<Value> evaluate_all(const std::vector<ExpressionPtr> &expressions, const ScopePtr &scope);
    Arguments arguments(const CallArguments &arguments, const ScopePtr &scope);

    const Limits m_limits;
    const Clock m_clock;
    std::string *m_out = nullptr;
    int m_line = 1;
    int m_calls = 0;
    std::int64_t m_steps = 0, m_work = 0;
    const char *m_stack = nullptr;
    // Values that can refer to themselves: taken apart when the rendering ends.
    std::vector<ScopePtr> m_macro_scopes;
    std::vector<std::shared_ptr<Namespace>> m_namespaces;
};

}  // namespace millm::engine::jinja
