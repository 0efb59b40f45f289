#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace millm::engine {

/// A tensor of a torch file: a view of a storage. `info.begin` is its first element's place in the file.
struct TorchTensor {
    TensorInfo info;
    std::vector<std::int64_t> strides;  ///< in elements
    bool contiguous = true;             ///< row-major without holes: the bytes at `info.begin` are the tensor
};

/// The state dict of a pytorch_model.bin, of the zip or the older stream form. Nothing in the file is executed.
/// NeedsRemoteCode where it wants to be (TorchScript archives, foreign classes), InvalidFile where it contradicts itself.
Result<std::vector<TorchTensor>> read_torch_file(std::span<const std::byte> file);

/// Whether a file of which only the first bytes are there may be a torch file that is complete now: a zip with its end
/// record. Older streams have no end mark and answer true.
bool may_be_complete_torch_file(std::span<const std::byte> file);

/// Copies the tensor's elements in row-major order; `out` has info.bytes bytes.
void gather(std::span<const std::byte> file, const TorchTensor &tensor, std::byte *out);

}  // namespace millm::engine
