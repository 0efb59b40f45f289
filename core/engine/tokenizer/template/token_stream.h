#pragma once

#include "core/engine/tokenizer/template/lexer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine::jinja {

/// The tokens of a template and the place where the parser is.
class TokenStream {
public:
    explicit TokenStream(std::vector<Token> tokens) : m_tokens(std::move(tokens)) {}

    const Token &current() const { return m_tokens[m_at]; }
    const Token &look() const { return m_tokens[std::min(m_at + 1, m_tokens.size() - 1)]; }
    const Token &next();
    int line() const { return current().line; }

    bool at(Token::Type type) const { return current().type == type; }
    bool at_operator(std::string_view text) const { return is_operator(current(), text); }
    bool at_name(std::string_view text) const { return is_name(current(), text); }
    bool skip_operator(std::string_view text);
    bool skip_name(std::string_view text);
    void expect_operator(std::string_view text);
    void expect_name(std::string_view text);
    std::string expect_name();
    void expect(Token::Type type);

    static bool is_operator(const Token &token, std::string_view text) {
        return token.type == Token::Type::Operator && token.text == text;
    }
    static bool is_name(const Token &token, std::string_view text) {
        return token.type == Token::Type::Name && token.text == text;
    }
    /// As Jinja's messages call it.
    static std::string describe(const Token &token);

    /// Throws Failure at the current line, or at `line`.
    [[noreturn]] void fail(const std::string &message, int line = 0) const;

private:
    std::vector<Token> m_tokens;
    std::size_t m_at = 0;
};

}  // namespace millm::engine::jinja
