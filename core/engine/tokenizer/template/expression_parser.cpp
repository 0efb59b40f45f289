#include "core/engine/tokenizer/template/expression_parser.h"

#include "core/engine/tokenizer/template/failure.h"

#include <algorithm>
#include <array>
#include <utility>

namespace millm::engine::jinja {

namespace {

using Kind = Expression::Kind;

/// Brackets and signs within each other, and nodes on top of each other: recursion follows both.
constexpr int deepest_expressions = 100;
constexpr int deepest_tree = 500;

constexpr std::array<std::pair<std::string_view, Operator>, 6> comparisons{{
    {"==", Operator::Equal},
    {"!=", Operator::NotEqual},
    {"<", Operator::Less},
    {"<=", Operator::LessEqual},
    {">", Operator::Greater},
    {">=", Operator::GreaterEqual},
}};
constexpr std::array<std::pair<std::string_view, Operator>, 4> products{{
    {"*", Operator::Multiply},
    {"/", Operator::Divide},
    {"//", Operator::FloorDivide},
    {"%", Operator::Modulo},
}};

template <std::size_t size>
const Operator *find(const std::array<std::pair<std::string_view, Operator>, size> &table, const Token &token) {
    if (token.type != Token::Type::Operator) return nullptr;
    const auto row = std::find_if(table.begin(), table.end(), [&](const auto &entry) { return entry.first == token.text; });
    return row == table.end() ? nullptr : &row->second;
}

class Nesting {
public:
    Nesting(int &level, const TokenStream &tokens) : m_level(level) {
        if (level >= deepest_expressions) tokens.fail("expressions nest more than 100 deep");
        ++m_level;
    }
    ~Nesting() { --m_level; }

private:
    int &m_level;
};

}  // namespace

ExpressionParser::Made ExpressionParser::make(Kind kind, int line) const {
    auto node = std::make_unique<Expression>();
    node->kind = kind;
    node->line = line;
    return node;
}

ExpressionPtr ExpressionParser::finish(Made node) const {
    int depth = 0;
    const auto consider = [&](const ExpressionPtr &child) { depth = std::max(depth, child ? child->depth : 0); };
    std::for_each(node->children.begin(), node->children.end(), consider);
    std::for_each(node->arguments.positional.begin(), node->arguments.positional.end(), consider);
    for (const auto &[name, value] : node->arguments.keywords) consider(value);
    consider(node->arguments.spread);
    consider(node->arguments.keyword_spread);
    node->depth = depth + 1;
    if (node->depth > deepest_tree) m_tokens.fail("an expression has more than 500 levels", node->line);
    return node;
}

ExpressionPtr ExpressionParser::binary(Kind kind, int line, ExpressionPtr left, ExpressionPtr right) const {
    auto node = make(kind, line);
    node->children.push_back(std::move(left));
    node->children.push_back(std::move(right));
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::arithmetic(Operator op, int line, ExpressionPtr left, ExpressionPtr right) const {
    auto node = make(Kind::Arithmetic, line);
    node->operators.push_back(op);
    node->children.push_back(std::move(left));
    node->children.push_back(std::move(right));
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::expression(bool with_conditional) {
    return with_conditional ? conditional() : disjunction();
}

ExpressionPtr ExpressionParser::conditional() {
    const Nesting nesting(m_nesting, m_tokens);
    auto value = disjunction();
    while (m_tokens.at_name("if")) {
        auto node = make(Kind::Conditional, m_tokens.line());
        m_tokens.next();
        node->children.push_back(disjunction());
        node->children.push_back(std::move(value));
        if (m_tokens.skip_name("else")) node->children.push_back(conditional());
        value = finish(std::move(node));
    }
    return value;
}

ExpressionPtr ExpressionParser::disjunction() {
    auto left = conjunction();
    while (m_tokens.at_name("or")) {
        const int line = m_tokens.next().line;
        left = binary(Kind::Or, line, std::move(left), conjunction());
    }
    return left;
}

ExpressionPtr ExpressionParser::conjunction() {
    auto left = negation();
    while (m_tokens.at_name("and")) {
        const int line = m_tokens.next().line;
        left = binary(Kind::And, line, std::move(left), negation());
    }
    return left;
}

ExpressionPtr ExpressionParser::negation() {
    if (!m_tokens.at_name("not")) return comparison();
    const Nesting nesting(m_nesting, m_tokens);
    auto node = make(Kind::Not, m_tokens.next().line);
    node->children.push_back(negation());
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::comparison() {
    auto node = make(Kind::Compare, m_tokens.line());
    node->children.push_back(sum());
    while (true) {
        if (const auto *op = find(comparisons, m_tokens.current())) {
            m_tokens.next();
            node->operators.push_back(*op);
        } else if (m_tokens.skip_name("in")) {
            node->operators.push_back(Operator::In);
        } else if (m_tokens.at_name("not") && TokenStream::is_name(m_tokens.look(), "in")) {
            m_tokens.next();
            m_tokens.next();
            node->operators.push_back(Operator::NotIn);
        } else {
            break;
        }
        node->children.push_back(sum());
    }
    if (node->operators.empty()) return std::move(node->children.front());
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::sum() {
    auto left = concatenation();
    while (m_tokens.at_operator("+") || m_tokens.at_operator("-")) {
        const auto &token = m_tokens.next();
        const auto op = token.text == "+" ? Operator::Add : Operator::Subtract;
        const int line = token.line;
        left = arithmetic(op, line, std::move(left), concatenation());
    }
    return left;
}

ExpressionPtr ExpressionParser::concatenation() {
    auto node = make(Kind::Concat, m_tokens.line());
    node->children.push_back(product());
    while (m_tokens.skip_operator("~")) node->children.push_back(product());
    if (node->children.size() == 1) return std::move(node->children.front());
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::product() {
    auto left = power();
    while (const auto *op = find(products, m_tokens.current())) {
        const int line = m_tokens.next().line;
        left = arithmetic(*op, line, std::move(left), power());
    }
    return left;
}

ExpressionPtr ExpressionParser::power() {
    auto left = unary(true);
    while (m_tokens.at_operator("**")) {
        const int line = m_tokens.next().line;
        left = arithmetic(Operator::Power, line, std::move(left), unary(true));
    }
    return left;
}

ExpressionPtr ExpressionParser::unary(bool with_filter) {
    ExpressionPtr node;
    if (m_tokens.at_operator("-") || m_tokens.at_operator("+")) {
        const Nesting nesting(m_nesting, m_tokens);
        const auto &token = m_tokens.next();
        auto sign = make(token.text == "-" ? Kind::Negative : Kind::Positive, token.line);
        sign->children.push_back(unary(false));
        node = finish(std::move(sign));
    } else {
        node = primary();
    }
    node = postfix(std::move(node));
    return with_filter ? filter_expression(std::move(node)) : std::move(node);
}

ExpressionPtr ExpressionParser::primary() {
    const auto &token = m_tokens.current();
    auto node = make(Kind::Constant, token.line);
    switch (token.type) {
        case Token::Type::Name:
            if (token.text == "true" || token.text == "True" || token.text == "false" || token.text == "False") {
                node->constant = Value(token.text == "true" || token.text == "True");
            } else if (token.text != "none" && token.text != "None") {
                node->kind = Kind::Name;
                node->name = token.text;
                m_on_name(node->name);
            }
            m_tokens.next();
            return node;
        case Token::Type::String: {
            std::string text;
            while (m_tokens.at(Token::Type::String)) text += m_tokens.next().text;
            node->constant = Value::text(std::move(text));
            return node;
        }
        case Token::Type::Number:
            node->constant = token.number;
            m_tokens.next();
            return node;
        default:
            break;
    }
    if (m_tokens.skip_operator("(")) {
        auto inside = tuple(true, {}, true);
        m_tokens.expect_operator(")");
        return inside;
    }
    if (m_tokens.at_operator("[")) return list();
    if (m_tokens.at_operator("{")) return dict();
    m_tokens.fail("unexpected '" + TokenStream::describe(token) + "'");
}

bool ExpressionParser::at_tuple_end(std::string_view end_name) const {
    return m_tokens.at(Token::Type::VariableEnd) || m_tokens.at(Token::Type::BlockEnd) || m_tokens.at_operator(")") ||
           (!end_name.empty() && m_tokens.at_name(end_name));
}

ExpressionPtr ExpressionParser::tuple(bool with_conditional, std::string_view end_name, bool parentheses) {
    auto node = make(Kind::Tuple, m_tokens.line());
    bool is_tuple = false;
    while (true) {
        if (!node->children.empty()) m_tokens.expect_operator(",");
        if (at_tuple_end(end_name)) break;
        node->children.push_back(expression(with_conditional));
        if (!m_tokens.at_operator(",")) break;
        is_tuple = true;
    }
    if (!is_tuple) {
        if (!node->children.empty()) return std::move(node->children.front());
        if (!parentheses) m_tokens.fail("Expected an expression, got '" + TokenStream::describe(m_tokens.current()) + "'");
    }
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::target_item(bool members) {
    const int line = m_tokens.line();
    if (m_tokens.at_operator("(")) {
        const Nesting nesting(m_nesting, m_tokens);
        m_tokens.next();
        auto inside = target(members);
        m_tokens.expect_operator(")");
        return inside;
    }
    if (!m_tokens.at(Token::Type::Name))
        m_tokens.fail("Expected an expression, got '" + TokenStream::describe(m_tokens.current()) + "'");
    auto node = make(Kind::Name, line);
    node->name = target_name();
    if (members && m_tokens.skip_operator(".")) {
        node->kind = Kind::Member;
        node->member = m_tokens.expect_name();
        m_on_name(node->name);
    }
    return node;
}

ExpressionPtr ExpressionParser::target(bool members, std::string_view end_name) {
    auto node = make(Kind::Tuple, m_tokens.line());
    bool is_tuple = false;
    while (true) {
        if (!node->children.empty()) m_tokens.expect_operator(",");
        if (!node->children.empty() && (at_tuple_end(end_name) || m_tokens.at_operator("="))) break;
        node->children.push_back(target_item(members));
        if (!m_tokens.at_operator(",")) break;
        is_tuple = true;
    }
    if (!is_tuple) return std::move(node->children.front());
    return finish(std::move(node));
}

std::string ExpressionParser::target_name() {
    const int line = m_tokens.line();
    auto name = m_tokens.expect_name();
    for (const char *constant : {"true", "false", "none", "True", "False", "None"}) {
        if (name == constant) m_tokens.fail("can't assign to '" + name + "'", line);
    }
    return name;
}

ExpressionPtr ExpressionParser::list() {
    auto node = make(Kind::List, m_tokens.next().line);
    while (!m_tokens.at_operator("]")) {
        if (!node->children.empty()) m_tokens.expect_operator(",");
        if (m_tokens.at_operator("]")) break;
        node->children.push_back(expression());
    }
    m_tokens.expect_operator("]");
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::dict() {
    auto node = make(Kind::Dict, m_tokens.next().line);
    while (!m_tokens.at_operator("}")) {
        if (!node->children.empty()) m_tokens.expect_operator(",");
        if (m_tokens.at_operator("}")) break;
        node->children.push_back(expression());
        m_tokens.expect_operator(":");
        node->children.push_back(expression());
    }
    m_tokens.expect_operator("}");
    return finish(std::move(node));
}

ExpressionPtr ExpressionParser::postfix(ExpressionPtr node) {
    while (true) {
        if (m_tokens.at_operator(".") || m_tokens.at_operator("[")) {
            node = subscript(std::move(node));
        } else if (m_tokens.at_operator("(")) {
            node = call(std::move(node));
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::filter_expression(ExpressionPtr node) {
    while (true) {
        if (m_tokens.at_operator("|")) {
            node = filters(std::move(node), false);
        } else if (m_tokens.at_name("is")) {
            node = test(std::move(node));
        } else if (m_tokens.at_operator("(")) {
            node = call(std::move(node));
        } else {
            return node;
        }
    }
}

ExpressionPtr ExpressionParser::subscript(ExpressionPtr object) {
    const auto &token = m_tokens.next();
    const int line = token.line;
    if (token.text == ".") {
        const auto &attribute = m_tokens.next();
        if (attribute.type == Token::Type::Name) {
            auto node = make(Kind::Attribute, line);
            node->name = attribute.text;
            node->children.push_back(std::move(object));
            return finish(std::move(node));
        }
        if (attribute.type != Token::Type::Number || !attribute.number.is(Value::Type::Integer)) {
            m_tokens.fail("expected name or number", attribute.line);
        }
        auto key = make(Kind::Constant, line);
        key->constant = attribute.number;
        return binary(Kind::Item, line, std::move(object), std::move(key));
    }
    std::vector<ExpressionPtr> keys;
    while (!m_tokens.at_operator("]")) {
        if (!keys.empty()) m_tokens.expect_operator(",");
        keys.push_back(subscribed());
    }
    m_tokens.expect_operator("]");
    if (keys.size() == 1) return binary(Kind::Item, line, std::move(object), std::move(keys.front()));
    auto key = make(Kind::Tuple, line);
    key->children = std::move(keys);
    return binary(Kind::Item, line, std::move(object), finish(std::move(key)));
}

ExpressionPtr ExpressionParser::subscribed() {
    auto node = make(Kind::Slice, m_tokens.line());
    ExpressionPtr start;
    if (!m_tokens.at_operator(":")) {
        start = expression();
        if (!m_tokens.at_operator(":")) return start;
    }
    m_tokens.next();
    node->children.push_back(std::move(start));
    const auto at_end = [&] { return m_tokens.at_operator("]") || m_tokens.at_operator(","); };
    node->children.push_back(at_end() || m_tokens.at_operator(":") ? nullptr : expression());
    node->children.push_back(m_tokens.skip_operator(":") && !at_end() ? expression() : nullptr);
    return finish(std::move(node));
}

CallArguments ExpressionParser::arguments() {
    CallArguments out;
    const int line = m_tokens.line();
    const auto ensure = [&](bool valid) {
        if (!valid) m_tokens.fail("invalid syntax for function call expression", line);
    };
    m_tokens.expect_operator("(");
    for (bool first = true; !m_tokens.at_operator(")"); first = false) {
        if (!first) {
            m_tokens.expect_operator(",");
            if (m_tokens.at_operator(")")) break;
        }
        if (m_tokens.skip_operator("*")) {
            ensure(!out.spread && !out.keyword_spread);
            out.spread = expression();
        } else if (m_tokens.skip_operator("**")) {
            ensure(!out.keyword_spread);
            out.keyword_spread = expression();
        } else if (m_tokens.at(Token::Type::Name) && TokenStream::is_operator(m_tokens.look(), "=")) {
            ensure(!out.keyword_spread);
            auto name = m_tokens.next().text;
            m_tokens.next();
            out.keywords.emplace_back(std::move(name), expression());
        } else {
            ensure(!out.spread && !out.keyword_spread && out.keywords.empty());
            out.positional.push_back(expression());
        }
    }
    m_tokens.expect_operator(")");
    return out;
}

ExpressionPtr ExpressionParser::call(ExpressionPtr callee) {
    auto node = make(Kind::Call, m_tokens.line());
    node->children.push_back(std::move(callee));
    node->arguments = arguments();
    return finish(std::move(node));
}

std::string ExpressionParser::dotted_name() {
    auto name = m_tokens.expect_name();
    while (m_tokens.skip_operator(".")) name += "." + m_tokens.expect_name();
    return name;
}

ExpressionPtr ExpressionParser::filters(ExpressionPtr value, bool inline_start) {
    while (m_tokens.at_operator("|") || inline_start) {
        if (!inline_start) m_tokens.next();
        inline_start = false;
        auto node = make(Kind::Filter, m_tokens.line());
        node->name = dotted_name();
        if (m_tokens.at_operator("(")) node->arguments = arguments();
        node->children.push_back(std::move(value));
        value = finish(std::move(node));
    }
    return value;
}

ExpressionPtr ExpressionParser::test(ExpressionPtr value) {
    const int line = m_tokens.next().line;
    const bool negated = m_tokens.skip_name("not");
    auto node = make(Kind::Test, line);
    node->name = dotted_name();
    const auto &token = m_tokens.current();
    const bool begins_argument = token.type == Token::Type::Name || token.type == Token::Type::String ||
                                 token.type == Token::Type::Number || m_tokens.at_operator("[") || m_tokens.at_operator("{");
    if (m_tokens.at_operator("(")) {
        node->arguments = arguments();
    } else if (begins_argument && !m_tokens.at_name("else") && !m_tokens.at_name("or") && !m_tokens.at_name("and")) {
        if (m_tokens.at_name("is")) m_tokens.fail("You cannot chain multiple tests with is");
        node->arguments.positional.push_back(postfix(primary()));
    }
    node->children.push_back(std::move(value));
    auto out = finish(std::move(node));
    if (!negated) return out;
    auto negation = make(Kind::Not, line);
    negation->children.push_back(std::move(out));
    return finish(std::move(negation));
}

}  // namespace millm::engine::jinja
