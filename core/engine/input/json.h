#pragma once

#include "core/engine/input/json_value.h"
#include "core/engine/result.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace millm::engine {

/// What a text may cost before it is refused. The defaults are a configuration's.
struct JsonLimits {
    std::size_t bytes = 16u << 20;
    int depth = 200;
    std::size_t values = 1'000'000;
    bool doubled_names = true;  ///< the last one counts, as in Python; else they are refused
};

/// Limits of what lists a name a tensor or a token: an index, a header, a vocabulary.
inline constexpr JsonLimits long_list_limits{256u << 20, 200, 4'000'000, true};

/// Reads JSON as Python's json does (Infinity and NaN are numbers, a number past double's range is Infinity, no byte order
/// mark), without recursion. InvalidFile that names `what`, the place and what is wrong.
Result<JsonValue> parse_json(std::string_view text, const std::string &what, const JsonLimits &limits = {});
/// The same where nothing but an object will do.
Result<JsonValue> parse_json_object(std::string_view text, const std::string &what, const JsonLimits &limits = {});
/// The JSON object in a file; nothing where there is no such file. Io where it is no regular file or cannot be read.
Result<std::optional<JsonValue>> read_json_object(const std::filesystem::path &path, const JsonLimits &limits = {});

}  // namespace millm::engine
