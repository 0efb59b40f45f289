#include "core/engine/checkpoint/failure.h"

#include <cstring>

namespace millm::engine {

Error io_failure(std::string_view what, const std::filesystem::path &path, int system_error) {
    Error error = failure(ErrorCode::Io, what, " ", path.string(), ": ", std::strerror(system_error));
    error.got = system_error;
    return error;
}

std::string shape_text(const std::vector<std::int64_t> &shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

std::string printable(std::string_view name) {
    // Names in error messages travel into JSON replies and logs, so bytes that are not ASCII text are masked.
    std::string text;
    for (const char c : name.substr(0, 120)) text += (c >= 0x20 && c < 0x7f) ? c : '?';
    if (name.size() > 120) text += "...";
    return text;
}

}  // namespace millm::engine
