#include "core/engine/checkpoint/arriving_file.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/lfs_pointer.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace millm::engine {
namespace {

Result<std::optional<SourceHeader>> torch_header(const std::filesystem::path &path, std::uint64_t available,
                                                 std::string &torch_error) {
    auto file = MappedFile::open(path);
    if (!file) return std::move(file).error();
    const auto bytes = file->bytes().first(std::min<std::uint64_t>(available, file->bytes().size()));
    if (bytes.size() < 4 || !may_be_complete_torch_file(bytes)) return std::optional<SourceHeader>();
    // What will not become right by more bytes.
    const bool zip = bytes[0] == std::byte{'P'},
               pointer = is_lfs_pointer({reinterpret_cast<const char *>(bytes.data()), bytes.size()});
    auto tensors = read_torch_file(bytes);
    if (!tensors) {
        // A zip has its end; an older stream may only be short yet.
        if (zip || pointer || tensors.error().code != ErrorCode::InvalidFile) return std::move(tensors).error();
        torch_error = tensors.error().message;
        return std::optional<SourceHeader>();
    }
    SourceHeader header{*std::move(tensors), bytes.size()};
    std::sort(header.tensors.begin(), header.tensors.end(),
              [](const TorchTensor &a, const TorchTensor &b) { return a.info.begin < b.info.begin; });
    return std::optional(std::move(header));
}

}  // namespace

Result<ArrivingFile> ArrivingFile::open(const std::filesystem::path &path) {
    auto file = open_regular_file(path);
    if (!file) return std::move(file).error();
    if (!*file) return failure(ErrorCode::Io, "cannot open ", path.string(), ": there is no such file");
    return ArrivingFile(std::move((*file)->descriptor), path);
}

Result<std::optional<SourceHeader>> ArrivingFile::header(bool torch, std::uint64_t available, std::string &torch_error) const {
    if (torch) return torch_header(m_path, available, torch_error);
    if (available < 8) return std::optional<SourceHeader>();
    std::array<std::byte, 8> first{};
    if (auto got = read(0, first); !got) return std::move(got).error();
    auto length = safetensors_header_length(first, ~std::uint64_t{0});
    if (!length) return std::move(length).error();
    if (available - 8 < *length) return std::optional<SourceHeader>();
    std::string text(*length, '\0');
    if (auto got = read(8, std::as_writable_bytes(std::span(text.data(), text.size()))); !got) return std::move(got).error();
    auto infos = parse_safetensors_header(text);
    if (!infos) return std::move(infos).error();
    SourceHeader header;
    header.total = 8 + *length;
    for (TensorInfo &info : *infos) {
        header.total = info.begin + info.bytes;
        header.tensors.push_back({std::move(info), {}, true});
    }
    return std::optional(std::move(header));
}

Result<void> ArrivingFile::read(std::uint64_t offset, std::span<std::byte> to) const {
    while (!to.empty()) {
        const ssize_t got = ::pread(m_file.get(), to.data(), to.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return io_failure("cannot read", m_path, errno);
        if (got == 0)
            return failure(ErrorCode::Io, m_path.string(), " ends at byte ", offset, ", ", to.size(),
                           " more were said to be there");
        to = to.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return {};
}

Result<std::vector<std::byte>> ArrivingFile::gathered(const TorchTensor &tensor) const {
    auto file = MappedFile::open(m_path);
    if (!file) return std::move(file).error();
    std::vector<std::byte> bytes(tensor.info.bytes);
    gather(file->bytes(), tensor, bytes.data());
    return bytes;
}

}  // namespace millm::engine
