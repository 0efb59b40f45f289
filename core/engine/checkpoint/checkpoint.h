#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Length of a safetensors header from the file's first 8 bytes; InvalidFile past 100 MB or past `file_bytes`.
Result<std::uint64_t> safetensors_header_length(std::span<const std::byte, 8> first, std::uint64_t file_bytes);

/// The tensors of a safetensors header (the JSON after the first 8 bytes). Checks dtype x shape = bytes, order, overlap,
/// that all lie inside `file_bytes` and fill it. `begin` of the results counts from the file's first byte.
Result<std::vector<TensorInfo>> parse_safetensors_header(std::string_view header_json, std::uint64_t file_bytes);
/// The same where the file is still arriving: it will end where the last tensor does.
Result<std::vector<TensorInfo>> parse_safetensors_header(std::string_view header_json);

/// A tensor's place and its bytes (little-endian, row-major, contiguous, aligned to an element). Lives as long as the
/// Checkpoint.
struct StoredTensor {
    const TensorInfo *info = nullptr;
    std::span<const std::byte> bytes;
};

/// A folder's weights by name, whatever files hold them: model.safetensors, a sharded one with its index, a single other
/// *.safetensors, or pytorch_model.bin read by a restricted unpickler. Files are mapped, not read; only views that are not
/// contiguous are copied, when they are first asked for. Any thread.
class Checkpoint {
public:
    static Result<std::unique_ptr<Checkpoint>> open(const std::filesystem::path &folder);
    virtual ~Checkpoint() = default;
    virtual const std::vector<TensorInfo> &tensors() const = 0;
    /// Null info where there is no tensor of that name.
    virtual StoredTensor find(std::string_view name) const = 0;
    /// config.json's text.
    virtual const std::string &config() const = 0;
    /// Tells the kernel that the pages are not needed any more (after a tensor is copied to the device).
    virtual void release(std::string_view name) const = 0;
};

}  // namespace millm::engine
