#include "core/engine/checkpoint/output_file.h"

#include "core/engine/checkpoint/failure.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace millm::engine {
Result<OutputFile> OutputFile::create(const std::filesystem::path &path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0) return io_failure("cannot create", path, errno);
    return OutputFile(fd, path);
}

OutputFile::OutputFile(OutputFile &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)), m_path(std::move(other.m_path)) {}

OutputFile &OutputFile::operator=(OutputFile &&other) noexcept {
    std::swap(m_fd, other.m_fd);
    std::swap(m_path, other.m_path);
    return *this;
}

OutputFile::~OutputFile() {
    if (m_fd >= 0) ::close(m_fd);
}

Result<void> OutputFile::write(std::uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t done = ::pwrite(m_fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return io_failure("cannot write", m_path, errno);
        bytes = bytes.subspan(static_cast<std::size_t>(done));
        offset += static_cast<std::uint64_t>(done);
    }
    return {};
}

Result<void> OutputFile::sync() {
    if (::fsync(m_fd) != 0) return io_failure("cannot sync", m_path, errno);
    return {};
}

Result<void> write_text_file(const std::filesystem::path &path, std::string_view text) {
    auto file = OutputFile::create(path);
    if (!file) return std::move(file).error();
    if (auto written = file->write(0, std::as_bytes(std::span(text.data(), text.size()))); !written) return written;
    return file->sync();
}

Result<void> sync_folder(const std::filesystem::path &folder) {
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return io_failure("cannot open", folder, errno);
    const bool synced = ::fsync(fd) == 0;
    const int error = errno;
    ::close(fd);
    if (!synced) return io_failure("cannot sync", folder, error);
    return {};
}

}  // namespace millm::engine
