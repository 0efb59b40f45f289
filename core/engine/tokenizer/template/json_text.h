#pragma once

#include "core/engine/tokenizer/template/value.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace millm::engine::jinja {

/// How json.dumps lays text out; as it stands: transformers' tojson without arguments.
struct JsonLayout {
    bool ensure_ascii = false, sort_keys = false;
    std::optional<std::string> indent;  ///< nothing: all in one line
    std::string item_separator = ", ", key_separator = ": ";
};

/// A Type failure for what JSON has no form for.
std::string json_text(Interpreter &interpreter, const Value &value, const JsonLayout &layout);

/// A JSON object as a dict, members in their order. A Value failure with the place where it is none.
std::shared_ptr<const Dict> dict_from_json(std::string_view text);

}  // namespace millm::engine::jinja
