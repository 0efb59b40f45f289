#include "core/engine/input/regular_file.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/lfs_pointer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace millm::engine {

namespace {

const char *kind_of(mode_t mode) {
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISFIFO(mode)) return "a named pipe";
    if (S_ISSOCK(mode)) return "a socket";
    return "a device";
}

}  // namespace

Descriptor::Descriptor(Descriptor &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}

Descriptor &Descriptor::operator=(Descriptor &&other) noexcept {
    std::swap(m_fd, other.m_fd);
    return *this;
}

Descriptor::~Descriptor() {
    if (m_fd >= 0) ::close(m_fd);
}

Result<std::optional<RegularFile>> open_regular_file(const std::filesystem::path &path) {
    // Looked at before it is opened, since opening alone may wait or set a device going; and again, since it may have changed.
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::optional<RegularFile>();
        return io_failure("cannot look at", path, errno);
    }
    if (S_ISREG(status.st_mode)) {
        RegularFile file{Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)), 0};
        if (file.descriptor.get() < 0) return io_failure("cannot open", path, errno);
        if (::fstat(file.descriptor.get(), &status) != 0) return io_failure("cannot look at", path, errno);
        if (S_ISREG(status.st_mode)) {
            file.bytes = static_cast<std::uint64_t>(status.st_size);
            return std::optional(std::move(file));
        }
    }
    return failure(ErrorCode::Io, path.string(), " is ", kind_of(status.st_mode), ", not a regular file");
}

Result<std::optional<std::string>> read_regular_file(const std::filesystem::path &path, std::uint64_t limit) {
    auto file = open_regular_file(path);
    if (!file) return std::move(file).error();
    if (!*file) return std::optional<std::string>();
    const std::uint64_t size = (*file)->bytes;
    if (size > limit)
        return Error{
            ErrorCode::InvalidFile,
            path.filename().string() + ": " + std::to_string(size) + " bytes, more than the limit of " + std::to_string(limit),
            static_cast<std::int64_t>(limit), static_cast<std::int64_t>(size)};
    std::string bytes(size, '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t got = ::read((*file)->descriptor.get(), bytes.data() + done, bytes.size() - done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_failure("cannot read", path, errno);
        if (got == 0) return failure(ErrorCode::Io, path.string(), " ended at ", done, " of ", size, " bytes");
        done += static_cast<std::size_t>(got);
    }
    if (is_lfs_pointer(bytes)) return failure(ErrorCode::InvalidFile, path.filename().string(), ": ", lfs_pointer_words);
    return std::optional(std::move(bytes));
}

}  // namespace millm::engine
