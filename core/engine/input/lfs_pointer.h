#pragma once

#include <string_view>

namespace millm::engine {

inline constexpr std::string_view lfs_pointer_words =
    "it is a git-lfs pointer, a few lines in place of the file itself: fetch that with \"git lfs pull\", or download it anew";

/// Whether a file begins like what git leaves behind where git-lfs has not fetched the large file.
inline bool is_lfs_pointer(std::string_view begin) {
    return begin.starts_with("version https://git-lfs.") || begin.starts_with("version https://hawser.");
}

}  // namespace millm::engine
