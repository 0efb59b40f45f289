#pragma once

#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// One stored (never deflated) entry of a zip archive.
struct ZipEntry {
    std::string name;
    std::uint64_t begin = 0;  ///< of its data, from the file's first byte
    std::uint64_t bytes = 0;
};

/// The entries of a zip archive, from its central directory (ZIP64 too), in the directory's order. InvalidFile for compressed
/// or encrypted entries, names given twice or leading elsewhere, and data that overlaps or lies outside the file.
Result<std::vector<ZipEntry>> read_zip_directory(std::span<const std::byte> file);

/// Whether the archive's end record is there: false while a file is still arriving.
bool has_zip_end(std::span<const std::byte> file);

}  // namespace millm::engine
