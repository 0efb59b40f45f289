#include "core/engine/tokenizer/json_file.h"

#include <fstream>
#include <system_error>

namespace millm::engine {

namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t(1) << 30;
constexpr int deepest_nesting = 200;

}  // namespace

Result<std::optional<std::string>> read_small_file(const std::filesystem::path &path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return std::optional<std::string>();
    const auto size = std::filesystem::file_size(path, error);
    if (error) return Error{ErrorCode::Io, path.filename().string() + ": " + error.message()};
    if (size > largest_file) {
        return Error{ErrorCode::Io, path.filename().string() + " is larger than is read into memory",
                     std::int64_t(largest_file), std::int64_t(size)};
    }
    std::string bytes(size, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(bytes.data(), std::streamsize(size));
    if (!file || std::uintmax_t(file.gcount()) != size) {
        return Error{ErrorCode::Io, path.filename().string() + " cannot be read", std::int64_t(size),
                     std::int64_t(file.gcount())};
    }
    return std::optional(std::move(bytes));
}

Result<nlohmann::json> parse_json(std::string_view text, const std::string &what) {
    bool too_deep = false;
    const auto watch_depth = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json &) {
        too_deep = too_deep || depth > deepest_nesting;
        return true;
    };
    try {
        auto value = nlohmann::json::parse(text, watch_depth);
        if (too_deep) return Error{ErrorCode::InvalidFile, what + " nests too deeply", deepest_nesting, 0};
        return value;
    } catch (const nlohmann::json::exception &error) {
        return Error{ErrorCode::InvalidFile, what + " is not JSON: " + error.what()};
    }
}

Result<std::optional<nlohmann::json>> read_json_object(const std::filesystem::path &path) {
    auto bytes = read_small_file(path);
    if (!bytes) return std::move(bytes).error();
    if (!*bytes) return std::optional<nlohmann::json>();
    auto value = parse_json(**bytes, path.filename().string());
    if (!value) return std::move(value).error();
    if (!value->is_object()) return Error{ErrorCode::InvalidFile, path.filename().string() + " is not a JSON object"};
    return std::optional(std::move(*value));
}

std::optional<std::string> string_member(const nlohmann::json &object, const char *key) {
    if (!object.is_object()) return std::nullopt;
    const auto member = object.find(key);
    if (member == object.end() || !member->is_string()) return std::nullopt;
    return member->get<std::string>();
}

}  // namespace millm::engine
