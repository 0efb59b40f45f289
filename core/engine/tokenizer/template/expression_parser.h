#pragma once

#include "core/engine/tokenizer/template/ast.h"
#include "core/engine/tokenizer/template/token_stream.h"

#include <functional>
#include <string_view>

namespace millm::engine::jinja {

/// Parses what stands in {{ }} and behind a tag's name, with Jinja's precedences. Throws Failure.
class ExpressionParser {
public:
    /// `on_name` hears every name that is read.
    ExpressionParser(TokenStream &tokens, std::function<void(const std::string &)> on_name)
        : m_tokens(tokens), m_on_name(std::move(on_name)) {}

    ExpressionPtr expression(bool conditional = true);
    /// Expressions with commas between them are a tuple. `end_name`: a name that ends it.
    ExpressionPtr tuple(bool conditional = true, std::string_view end_name = {}, bool parentheses = false);
    /// A name or a tuple of names; `members`: also ns.x.
    ExpressionPtr target(bool members, std::string_view end_name = {});
    std::string target_name();
    /// `| filter | filter…` behind `node`; a null node stands for a block's text. `inline_start`: without the first `|`.
    ExpressionPtr filters(ExpressionPtr node, bool inline_start);

private:
    using Made = std::unique_ptr<Expression>;

    Made make(Expression::Kind kind, int line) const;
    ExpressionPtr finish(Made node) const;
    ExpressionPtr binary(Expression::Kind kind, int line, ExpressionPtr left, ExpressionPtr right) const;
    ExpressionPtr arithmetic(Operator op, int line, ExpressionPtr left, ExpressionPtr right) const;

    ExpressionPtr conditional();
    ExpressionPtr disjunction();
    ExpressionPtr conjunction();
    ExpressionPtr negation();
    ExpressionPtr comparison();
    ExpressionPtr sum();
    ExpressionPtr concatenation();
    ExpressionPtr product();
    ExpressionPtr power();
    ExpressionPtr unary(bool with_filter);
    ExpressionPtr primary();
    ExpressionPtr target_item(bool members);
    ExpressionPtr list();
    ExpressionPtr dict();
    ExpressionPtr postfix(ExpressionPtr node);
    ExpressionPtr filter_expression(ExpressionPtr node);
    ExpressionPtr subscript(ExpressionPtr node);
    ExpressionPtr subscribed();
    ExpressionPtr call(ExpressionPtr node);
    ExpressionPtr test(ExpressionPtr node);
    CallArguments arguments();
    std::string dotted_name();
    bool at_tuple_end(std::string_view end_name) const;

    TokenStream &m_tokens;
    std::function<void(const std::string &)> m_on_name;
    int m_nesting = 0;
};

}  // namespace millm::engine::jinja
