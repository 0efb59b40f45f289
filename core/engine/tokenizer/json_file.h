#pragma once

#include "core/engine/result.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace millm::engine {

/// The bytes of a file; nothing where there is no such file, Io where it cannot be read or is larger than 1 GiB.
Result<std::optional<std::string>> read_small_file(const std::filesystem::path &path);

/// The JSON object in a file; nothing where there is no such file, InvalidFile where it is
/// something else (the message names file and place).
Result<std::optional<nlohmann::json>> read_json_object(const std::filesystem::path &path);

/// Parses JSON text; InvalidFile with `what` and the place, also where it nests deeper than 200.
Result<nlohmann::json> parse_json(std::string_view text, const std::string &what);

/// The string member `key`, or nothing.
std::optional<std::string> string_member(const nlohmann::json &object, const char *key);

}  // namespace millm::engine
