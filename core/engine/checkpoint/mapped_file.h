#pragma once

#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace millm::engine {

/// A whole file mapped for reading. Any thread.
class MappedFile {
public:
    static Result<MappedFile> open(const std::filesystem::path &path);
    MappedFile(MappedFile &&other) noexcept;
    MappedFile &operator=(MappedFile &&other) noexcept;
    ~MappedFile();

    std::span<const std::byte> bytes() const { return {m_data, m_size}; }
    /// The whole pages inside the range may be dropped from memory; they are read again when touched.
    void release(std::uint64_t begin, std::uint64_t count) const;

private:
    MappedFile(const std::byte *data, std::size_t size) : m_data(data), m_size(size) {}
    const std::byte *m_data = nullptr;
    std::size_t m_size = 0;
};

/// All of a small text file; Io, or InvalidFile past `limit` bytes.
Result<std::string> read_text_file(const std::filesystem::path &path, std::uint64_t limit);

}  // namespace millm::engine
