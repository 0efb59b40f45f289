#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/weight_source.h"

#include <memory>
#include <vector>

namespace millm::engine {

/// What one layer does with the streams that pass it (StreamsDescription).
class Streams {
public:
    Streams(const StreamsDescription &description, std::int64_t hidden, WeightSource &weights);

    /// All streams as the layer expects them: [streams, rows, hidden] -> the same, contiguous.
    at::Tensor predict(const at::Tensor &streams) const;
    /// The streams after the layer made `result` [rows, hidden] of the active one of `predicted`, which is overwritten.
    at::Tensor correct(at::Tensor predicted, const at::Tensor &result) const;
    /// What the layer's token input reads of a corrected active stream, [rows, hidden].
    at::Tensor scaled(const at::Tensor &active) const;
    std::uint64_t bytes() const;

private:
    at::Tensor weigh(const at::Tensor &active) const;

    StreamsDescription description_;
    double inverse_hidden_;
    Norm norm_;
    std::unique_ptr<Linear> router_, prediction_, correction_;
    at::Tensor scale_;  ///< [hidden] f32 or undefined
};

/// How the streams begin at the embeddings and end behind the last layer.
class StreamEnds {
public:
    StreamEnds(const StreamsDescription &description, WeightSource &weights);

    at::Tensor spread(const at::Tensor &hidden) const;    ///< [rows, hidden] -> [streams, rows, hidden], contiguous
    at::Tensor collect(const at::Tensor &streams) const;  ///< and back
    std::uint64_t bytes() const;

private:
    std::vector<std::unique_ptr<Linear>> in_, out_;  ///< one a stream but the first
};

}  // namespace millm::engine
