#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// An error whose sentence is the parts one after the other.
template <class... Parts>
Error failure(ErrorCode code, const Parts &...parts) {
    std::ostringstream text;
    text.imbue(std::locale::classic());
    (text << ... << parts);
    return Error{code, text.str(), 0, 0};
}

template <class... Parts>
Error invalid_file(const Parts &...parts) {
    return failure(ErrorCode::InvalidFile, parts...);
}

/// "cannot write /path: No space left on device": a system call on a file failed with `system_error`.
Error io_failure(std::string_view what, const std::filesystem::path &path, int system_error);

/// "[64, 160]", as Python writes a list.
std::string shape_text(const std::vector<std::int64_t> &shape);

/// A name from a file fit for a message: at most 120 bytes, control characters and broken UTF-8 as '?'.
std::string printable(std::string_view name);

}  // namespace millm::engine
