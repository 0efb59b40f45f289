#pragma once

#include "core/engine/input/json_value.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm {

/// A function that a model wants to be called.
struct ToolCall {
    std::string name;
    std::string arguments;  ///< a JSON object as text, members in the model's order
};

/// The forms in which models write calls; each between marks of its own, which are not part of what is read.
enum class CallForm : unsigned char {
    Tagged,    ///< JSON, or XML: <function=f><parameter=k>v</parameter></function>, or
               ///< f<arg_key>k</arg_key><arg_value>v</arg_value>
    Function,  ///< f>{"k": v}: the rest of <function=
    Invoke,    ///< <invoke name="f"><parameter name="k">v</parameter></invoke>
    Json,      ///< one object, several, or a list of them
    Mistral,   ///< a JSON list, or f[ARGS]{"k": v}, f[CALL_ID]i[ARGS]{…}, f{…}
    DeepSeek,  ///< <｜tool▁call▁begin｜>function<｜tool▁sep｜>f and a block of JSON, or f<｜tool▁sep｜>{…}
    Kimi,      ///< <|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{…}
    Pythonic,  ///< [f(k=v), g()]
    Braced,    ///< call:f{k:<escape>v<escape>}
};

/// The calls of an answer, or of its part between marks. `tools`: OpenAI's list, by whose schemas values that are written
/// without quotes are strings or other JSON. Nothing where it is no call in that form: then it is text.
std::optional<std::vector<ToolCall>> read_calls(CallForm form, std::string_view text, const engine::JsonValue &tools);

/// Calls in an answer that is nothing else, without marks: JSON objects that name one of the tools and its arguments, one in a
/// fenced block, or Python's calls in a list.
std::optional<std::vector<ToolCall>> read_bare_calls(std::string_view text, const engine::JsonValue &tools);

}  // namespace millm
