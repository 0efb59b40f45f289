#pragma once

#include "core/engine/checkpoint/mapped_file.h"
#include "core/engine/checkpoint/torch_file.h"
#include "core/engine/input/regular_file.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// What a weight file says of itself before all of it is there.
struct SourceHeader {
    std::vector<TorchTensor> tensors;  ///< by their place in the file
    std::uint64_t total = 0;           ///< bytes of the whole file
};

/// A weight file of which only a first part may be there. One thread at a time.
class ArrivingFile {
public:
    static Result<ArrivingFile> open(const std::filesystem::path &path);

    /// Nothing while the header is not wholly inside the first `available` bytes. Of a torch file all bytes are needed; then
    /// `torch_error` keeps why an older one, which has no end mark, cannot be read yet.
    Result<std::optional<SourceHeader>> header(bool torch, std::uint64_t available, std::string &torch_error) const;
    Result<void> read(std::uint64_t offset, std::span<std::byte> to) const;
    /// All elements of a view that is not contiguous.
    Result<std::vector<std::byte>> gathered(const TorchTensor &tensor) const;

private:
    ArrivingFile(Descriptor file, std::filesystem::path path) : m_file(std::move(file)), m_path(std::move(path)) {}
    Descriptor m_file;
    std::filesystem::path m_path;
};

}  // namespace millm::engine
