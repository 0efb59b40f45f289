#include "core/engine/tokenizer/template/token_stream.h"

#include "core/engine/tokenizer/template/failure.h"

namespace millm::engine::jinja {

const Token &TokenStream::next() {
    const auto &token = m_tokens[m_at];
    if (m_at + 1 < m_tokens.size()) ++m_at;
    return token;
}

bool TokenStream::skip_operator(std::string_view text) {
    if (!at_operator(text)) return false;
    next();
    return true;
}

bool TokenStream::skip_name(std::string_view text) {
    if (!at_name(text)) return false;
    next();
    return true;
}

void TokenStream::expect_operator(std::string_view text) {
    if (!skip_operator(text)) fail("expected token '" + std::string(text) + "', got '" + describe(current()) + "'");
}

void TokenStream::expect_name(std::string_view text) {
    if (!skip_name(text)) fail("expected token '" + std::string(text) + "', got '" + describe(current()) + "'");
}

std::string TokenStream::expect_name() {
    if (!at(Token::Type::Name)) fail("expected a name, got '" + describe(current()) + "'");
    return next().text;
}

void TokenStream::expect(Token::Type type) {
    if (at(type)) {
        next();
        return;
    }
    Token wanted;
    wanted.type = type;
    fail("expected token '" + describe(wanted) + "', got '" + describe(current()) + "'");
}

std::string TokenStream::describe(const Token &token) {
    switch (token.type) {
        case Token::Type::Data:
            return "template data / text";
        case Token::Type::VariableBegin:
            return "begin of print statement";
        case Token::Type::VariableEnd:
            return "end of print statement";
        case Token::Type::BlockBegin:
            return "begin of statement block";
        case Token::Type::BlockEnd:
            return "end of statement block";
        case Token::Type::End:
            return "end of template";
        case Token::Type::String:
            return "string";
        case Token::Type::Name:
        case Token::Type::Number:
        case Token::Type::Operator:
            return token.text;
    }
    return {};
}

void TokenStream::fail(const std::string &message, int line) const {
    throw Failure(Failure::Kind::Syntax, message, line > 0 ? line : this->line());
}

}  // namespace millm::engine::jinja
