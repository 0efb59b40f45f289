#include "core/engine/checkpoint/mapped_file.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/regular_file.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace millm::engine {
Result<MappedFile> MappedFile::open(const std::filesystem::path &path) {
    const auto file = open_regular_file(path);
    if (!file) return file.error();
    if (!*file) return failure(ErrorCode::Io, "cannot open ", path.string(), ": there is no such file");
    const auto size = static_cast<std::size_t>((*file)->bytes);
    if (size == 0) return MappedFile(nullptr, 0);
    void *data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, (*file)->descriptor.get(), 0);
    if (data == MAP_FAILED) return io_failure("cannot map", path, errno);
    return MappedFile(static_cast<const std::byte *>(data), size);
}

MappedFile::MappedFile(MappedFile &&other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}

MappedFile &MappedFile::operator=(MappedFile &&other) noexcept {
    std::swap(m_data, other.m_data);
    std::swap(m_size, other.m_size);
    return *this;
}

MappedFile::~MappedFile() {
    if (m_data) ::munmap(const_cast<std::byte *>(m_data), m_size);
}

void MappedFile::release(std::uint64_t begin, std::uint64_t count) const {
    // Only pages that lie wholly inside: a page shared with a neighbour may still be in use.
    const std::uint64_t page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    const std::uint64_t first = (begin + page - 1) / page * page;
    const std::uint64_t last = std::min<std::uint64_t>(begin + count, m_size) / page * page;
    if (first < last) ::madvise(const_cast<std::byte *>(m_data) + first, last - first, MADV_DONTNEED);
}

Result<std::string> read_text_file(const std::filesystem::path &path, std::uint64_t limit) {
    auto text = read_regular_file(path, limit);
    if (!text) return std::move(text).error();
    if (!*text) return failure(ErrorCode::Io, "cannot open ", path.string(), ": there is no such file");
    return **std::move(text);
}

}  // namespace millm::engine
