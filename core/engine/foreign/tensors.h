#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/foreign/weight.h"
#include "core/engine/result.h"

#include <cstddef>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace millm::engine {

/// A checkpoint's tensors as if no other program had packed any: in place of the parts of a packed weight stands one plain
/// tensor of 16 bits. What plans, estimates and converts needs to know of no format but this.
class PlainTensors {
public:
    /// From names, types and shapes alone. Unsupported where the format is none that is read; InvalidFile, naming tensors and
    /// numbers, where parts are missing, do not go together or have no weight that they are of.
    static Result<PlainTensors> of(const DecoderDescription &decoder, std::span<const TensorInfo> stored);
    /// The same for estimates: the tensors as they are where they cannot be read.
    static PlainTensors as_far_as_read(const DecoderDescription &decoder, std::span<const TensorInfo> stored);

    std::span<const TensorInfo> all() const { return m_own.empty() ? m_stored : std::span<const TensorInfo>(m_own); }
    bool packed() const { return !m_weights.empty(); }
    /// The places among the stored tensors of what one of all() is made of, its bytes first.
    std::vector<std::size_t> parts(std::size_t place) const;
    /// Null where the tensor is stored plainly.
    const ForeignWeight *weight(const std::string &name) const;

private:
    std::span<const TensorInfo> m_stored;
    std::vector<TensorInfo> m_own;
    std::vector<std::vector<std::size_t>> m_parts;  ///< beside m_own
    std::unordered_map<std::string, ForeignWeight> m_weights;
};

/// The plain tensor that stands for a packed weight, in the decoder's own order of inputs and outputs.
TensorInfo stand_in(const DecoderDescription &decoder, const ForeignWeight &weight);

}  // namespace millm::engine
