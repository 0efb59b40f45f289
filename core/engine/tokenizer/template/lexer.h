#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine::jinja {

struct Token {
    enum class Type : std::uint8_t {
        Data,
        VariableBegin,
        VariableEnd,
        BlockBegin,
        BlockEnd,
        Name,
        String,
        Number,
        Operator,
        End
    };

    Type type = Type::End;
    std::string text;  ///< data, a name, an operator, a string's characters
    Value number;      ///< of Number: an int or a float
    int line = 1;
};

/// Cuts a template into tokens; the last one is End. Whitespace control, trim_blocks, lstrip_blocks and the end of the
/// file are dealt with here, as Jinja's lexer does with transformers' settings. Throws Failure.
std::vector<Token> tokenize(std::string_view source);

}  // namespace millm::engine::jinja
