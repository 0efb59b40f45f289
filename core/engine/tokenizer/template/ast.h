#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine::jinja {

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

enum class Operator : std::uint8_t {
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
};

struct CallArguments {
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> keywords;
    ExpressionPtr spread, keyword_spread;  ///< *args, **kwargs; null where there are none
};

struct Expression {
    enum class Kind : std::uint8_t {
        Constant,     ///< constant
        Name,         ///< name
        Member,       ///< ns.x as a target: name, member
        Tuple,        ///< children
        List,         ///< children
        Dict,         ///< children: key, value, key, value…
        Conditional,  ///< children: condition, then[, else]
        Or,
        And,  ///< children: two
        Not,
        Negative,
        Positive,    ///< children: one
        Compare,     ///< children: n + 1, operators: n
        Arithmetic,  ///< children: two, operators: one
        Concat,      ///< children
        Attribute,   ///< children: one; name
        Item,        ///< children: object, key
        Slice,       ///< children: start, stop, step; any may be null
        Call,        ///< children: callee; arguments
        Filter,
        Test,  ///< children: one, null for a block's text; name, arguments
    };

    Kind kind = Kind::Constant;
    int line = 0;
    int depth = 1;
    Value constant;
    std::string name, member;
    std::vector<ExpressionPtr> children;
    std::vector<Operator> operators;
    CallArguments arguments;
};

struct Statement;
using Block = std::vector<std::unique_ptr<const Statement>>;

struct Parameter {
    std::string name;
    ExpressionPtr fallback;  ///< null: none
};

/// The parameters and the body of a macro or a call block.
struct MacroBody {
    std::string name;  ///< empty for a call block
    std::vector<Parameter> parameters;
    Block body;
    bool uses_caller = false, uses_kwargs = false, uses_varargs = false;
};

struct Statement {
    enum class Kind : std::uint8_t {
        Data,      ///< text
        Print,     ///< expressions
        Set,       ///< target, expressions[0]
        SetBlock,  ///< target, expressions[0] a filter or null, body
        For,       ///< target, expressions[0], condition, body, otherwise, recursive
        If,        ///< branches: one a condition; otherwise
        Macro,     ///< macro
        Call,      ///< expressions[0] the call, macro the caller
        Filter,    ///< expressions[0], body
        With,      ///< bindings, body
        Scope,     ///< body, in a scope of its own
        Break,
        Continue,
    };

    Kind kind = Kind::Data;
    int line = 0;
    std::string text;
    ExpressionPtr target, condition;
    std::vector<ExpressionPtr> expressions;
    Block body, otherwise;
    std::vector<std::pair<ExpressionPtr, Block>> branches;
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> bindings;
    MacroBody macro;
    bool recursive = false;
};

}  // namespace millm::engine::jinja
