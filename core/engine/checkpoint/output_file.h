#pragma once

#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace millm::engine {

/// A file that is written at any place and counts only after sync(). One thread at a time.
class OutputFile {
public:
    static Result<OutputFile> create(const std::filesystem::path &path);
    OutputFile(OutputFile &&other) noexcept;
    OutputFile &operator=(OutputFile &&other) noexcept;
    ~OutputFile();

    Result<void> write(std::uint64_t offset, std::span<const std::byte> bytes);
    Result<void> sync();

private:
    OutputFile(int fd, std::filesystem::path path) : m_fd(fd), m_path(std::move(path)) {}
    int m_fd = -1;
    std::filesystem::path m_path;
};

/// Writes a whole small file and syncs it.
Result<void> write_text_file(const std::filesystem::path &path, std::string_view text);
/// Makes the names in a folder durable.
Result<void> sync_folder(const std::filesystem::path &folder);

}  // namespace millm::engine
