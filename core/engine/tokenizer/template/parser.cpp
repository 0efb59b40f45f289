#include "core/engine/tokenizer/template/parser.h"

#include "core/engine/tokenizer/template/expression_parser.h"
#include "core/engine/tokenizer/template/failure.h"
#include "core/engine/tokenizer/template/token_stream.h"

#include <algorithm>
#include <initializer_list>

namespace millm::engine::jinja {

namespace {

using Tag = Statement::Kind;
using Made = std::unique_ptr<Statement>;

constexpr int deepest_blocks = 100;

class Parser {
public:
    explicit Parser(std::string_view source)
        : m_tokens(tokenize(source)), m_expressions(m_tokens, [this](const std::string &name) { heard(name); }) {}

    Block run() {
        auto body = block({});
        if (!m_tokens.at(Token::Type::End)) m_tokens.fail("unexpected '" + TokenStream::describe(m_tokens.current()) + "'");
        return body;
    }

private:
    using Ends = std::initializer_list<std::string_view>;
    using Rule = Made (Parser::*)(int line);
    struct Row {
        std::string_view tag;
        Rule rule;
    };

    static Made make(Tag kind, int line) {
        auto statement = std::make_unique<Statement>();
        statement->kind = kind;
        statement->line = line;
        return statement;
    }

    /// A name that is read inside of macros' bodies: macros take caller, varargs and kwargs only where they use them.
    void heard(const std::string &name) {
        for (auto *macro : m_open_macros) {
            macro->uses_caller = macro->uses_caller || name == "caller";
            macro->uses_kwargs = macro->uses_kwargs || name == "kwargs";
            macro->uses_varargs = macro->uses_varargs || name == "varargs";
        }
    }

    /// Statements up to a tag in `ends`, whose name is the current token then; to the end of the template without `ends`.
    Block block(Ends ends) {
        if (m_open_tags.size() >= deepest_blocks) m_tokens.fail("blocks nest more than 100 deep");
        Block out;
        while (!m_tokens.at(Token::Type::End)) {
            const int line = m_tokens.line();
            if (m_tokens.at(Token::Type::Data)) {
                auto data = make(Tag::Data, line);
                data->text = m_tokens.next().text;
                out.push_back(std::move(data));
            } else if (m_tokens.at(Token::Type::VariableBegin)) {
                m_tokens.next();
                auto print = make(Tag::Print, line);
                print->expressions.push_back(m_expressions.tuple());
                m_tokens.expect(Token::Type::VariableEnd);
                out.push_back(std::move(print));
            } else if (m_tokens.at(Token::Type::BlockBegin)) {
                m_tokens.next();
                if (std::any_of(ends.begin(), ends.end(), [&](auto end) { return m_tokens.at_name(end); })) return out;
                if (auto parsed = statement()) out.push_back(std::move(parsed));
                m_tokens.expect(Token::Type::BlockEnd);
            } else {
                m_tokens.fail("unexpected '" + TokenStream::describe(m_tokens.current()) + "'");
            }
        }
        if (ends.size() > 0) {
            m_tokens.fail("Unexpected end of template. Jinja was looking for the following tags: " + words(ends) +
                          ". The innermost block that needs to be closed is '" + m_open_tags.back() + "'.");
        }
        return out;
    }

    /// The body of a tag, from the tag's end on.
    Block body(Ends ends) {
        m_tokens.skip_operator(":");
        m_tokens.expect(Token::Type::BlockEnd);
        return block(ends);
    }

    Block body_and_end(std::string_view end) {
        auto out = body({end});
        m_tokens.next();
        return out;
    }

    static std::string words(Ends ends) {
        std::string out;
        for (const auto end : ends) out += (out.empty() ? "'" : " or '") + std::string(end) + "'";
        return out;
    }

    Made statement() {
        static constexpr Row rows[] = {
            {"set", &Parser::set},
            {"for", &Parser::for_},
            {"if", &Parser::if_},
            {"macro", &Parser::macro},
            {"call", &Parser::call},
            {"filter", &Parser::filter},
            {"with", &Parser::with},
            {"generation", &Parser::generation},
            {"print", &Parser::print},
            {"break", &Parser::leave},
            {"continue", &Parser::leave},
            {"block", &Parser::named_block},
            {"autoescape", &Parser::autoescape},
        };
        if (!m_tokens.at(Token::Type::Name)) m_tokens.fail("tag name expected");
        const auto name = m_tokens.current().text;
        const int line = m_tokens.line();
        for (const auto &row : rows) {
            if (row.tag != name) continue;
            m_open_tags.push_back(name);
            m_tokens.next();
            auto parsed = (this->*row.rule)(line);
            m_open_tags.pop_back();
            return parsed;
        }
        for (const char *loader : {"include", "import", "from", "extends"}) {
            if (name == loader) m_tokens.fail("'" + name + "' needs other templates, which a chat template has not");
        }
        m_tokens.fail(
            "Encountered unknown tag '" + name + "'." +
            (m_open_tags.empty() ? "" : " The innermost block that needs to be closed is '" + m_open_tags.back() + "'."));
    }

    Made set(int line) {
        auto out = make(Tag::Set, line);
        if (m_tokens.at(Token::Type::BlockEnd)) {
            m_tokens.fail("Expected an expression, got '" + TokenStream::describe(m_tokens.current()) + "'");
        }
        out->target = m_expressions.target(true);
        if (m_tokens.skip_operator("=")) {
            out->expressions.push_back(m_expressions.tuple());
            return out;
        }
        out->kind = Tag::SetBlock;
        out->expressions.push_back(m_expressions.filters(nullptr, false));
        out->body = body_and_end("endset");
        return out;
    }

    Made for_(int line) {
        auto out = make(Tag::For, line);
        out->target = m_expressions.target(false, "in");
        if (writes_loop(*out->target)) m_tokens.fail("Can't assign to special loop variable in for-loop target", line);
        m_tokens.expect_name("in");
        out->expressions.push_back(m_expressions.tuple(false, "recursive"));
        if (m_tokens.skip_name("if")) out->condition = m_expressions.expression();
        out->recursive = m_tokens.skip_name("recursive");
        ++m_loops;
        out->body = body({"endfor", "else"});
        --m_loops;
        if (m_tokens.next().text == "else") out->otherwise = body_and_end("endfor");
        return out;
    }

    static bool writes_loop(const Expression &target) {
        if (target.kind == Expression::Kind::Name) return target.name == "loop";
        return std::any_of(target.children.begin(), target.children.end(),
                           [](const auto &child) { return writes_loop(*child); });
    }

    Made if_(int line) {
        auto out = make(Tag::If, line);
        while (true) {
            auto condition = m_expressions.tuple(false);
            out->branches.emplace_back(std::move(condition), body({"elif", "else", "endif"}));
            const auto name = m_tokens.next().text;
            if (name == "elif") continue;
            if (name == "else") out->otherwise = body_and_end("endif");
            return out;
        }
    }

    void signature(MacroBody &macro) {
        m_tokens.expect_operator("(");
        while (!m_tokens.at_operator(")")) {
            if (!macro.parameters.empty()) m_tokens.expect_operator(",");
            Parameter parameter{m_expressions.target_name(), nullptr};
            if (m_tokens.skip_operator("=")) {
                parameter.fallback = m_expressions.expression();
            } else if (!macro.parameters.empty() && macro.parameters.back().fallback) {
                m_tokens.fail("non-default argument follows default argument");
            }
            macro.parameters.push_back(std::move(parameter));
        }
        m_tokens.expect_operator(")");
    }

    void macro_body(MacroBody &macro, std::string_view end) {
        m_open_macros.push_back(&macro);
        const int loops = std::exchange(m_loops, 0);
        macro.body = body_and_end(end);
        m_loops = loops;
        m_open_macros.pop_back();
        for (const auto &parameter : macro.parameters) {
            macro.uses_caller = macro.uses_caller && parameter.name != "caller";
            macro.uses_kwargs = macro.uses_kwargs && parameter.name != "kwargs";
            macro.uses_varargs = macro.uses_varargs && parameter.name != "varargs";
        }
    }

    Made macro(int line) {
        auto out = make(Tag::Macro, line);
        out->macro.name = m_expressions.target_name();
        signature(out->macro);
        macro_body(out->macro, "endmacro");
        return out;
    }

    Made call(int line) {
        auto out = make(Tag::Call, line);
        if (m_tokens.at_operator("(")) signature(out->macro);
        auto callee = m_expressions.expression();
        if (callee->kind != Expression::Kind::Call) m_tokens.fail("expected call", line);
        out->expressions.push_back(std::move(callee));
        macro_body(out->macro, "endcall");
        return out;
    }

    Made filter(int line) {
        auto out = make(Tag::Filter, line);
        out->expressions.push_back(m_expressions.filters(nullptr, true));
        out->body = body_and_end("endfilter");
        return out;
    }

    Made with(int line) {
        auto out = make(Tag::With, line);
        while (!m_tokens.at(Token::Type::BlockEnd)) {
            if (!out->bindings.empty()) m_tokens.expect_operator(",");
            auto target = m_expressions.target(false);
            m_tokens.expect_operator("=");
            out->bindings.emplace_back(std::move(target), m_expressions.expression());
        }
        out->body = body_and_end("endwith");
        return out;
    }

    Made generation(int line) {
        auto out = make(Tag::Scope, line);
        out->body = body_and_end("endgeneration");
        return out;
    }

    Made named_block(int line) {
        auto out = make(Tag::Scope, line);
        const auto name = m_tokens.expect_name();
        m_tokens.skip_name("scoped");
        m_tokens.skip_name("required");
        out->body = body_and_end("endblock");
        m_tokens.skip_name(name);
        return out;
    }

    Made autoescape(int line) {
        auto out = make(Tag::Scope, line);
        const auto mode = m_expressions.expression();
        if (mode->kind != Expression::Kind::Constant || mode->constant.truthy())
            m_tokens.fail("autoescape is not supported", line);
        out->body = body_and_end("endautoescape");
        return out;
    }

    Made print(int line) {
        auto out = make(Tag::Print, line);
        while (!m_tokens.at(Token::Type::BlockEnd)) {
            if (!out->expressions.empty()) m_tokens.expect_operator(",");
            out->expressions.push_back(m_expressions.expression());
        }
        return out;
    }

    Made leave(int line) {
        const auto &name = m_open_tags.back();
        if (m_loops == 0) m_tokens.fail("'" + name + "' outside loop", line);
        return make(name == "break" ? Tag::Break : Tag::Continue, line);
    }

    TokenStream m_tokens;
    ExpressionParser m_expressions;
    std::vector<std::string> m_open_tags;
    std::vector<MacroBody *> m_open_macros;
    int m_loops = 0;
};

}  // namespace

Block parse(std::string_view source) {
    return Parser(source).run();
}

}  // namespace millm::engine::jinja
