#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace millm::engine {

/// A file descriptor that is closed when this goes away.
class Descriptor {
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    Descriptor(Descriptor &&other) noexcept;
    Descriptor &operator=(Descriptor &&other) noexcept;
    ~Descriptor();
    int get() const { return m_fd; }

private:
    int m_fd = -1;
};

/// A regular file open for reading.
struct RegularFile {
    Descriptor descriptor;
    std::uint64_t bytes = 0;
};

/// Opens a file of a stranger's folder: nothing waits for the other end of a named pipe, no device is touched. Nothing where
/// there is no such file; Io, saying what it is, where it is not a regular file.
Result<std::optional<RegularFile>> open_regular_file(const std::filesystem::path &path);
/// All of such a file; InvalidFile where it is longer than `limit` bytes or a git-lfs pointer.
Result<std::optional<std::string>> read_regular_file(const std::filesystem::path &path, std::uint64_t limit);

}  // namespace millm::engine
