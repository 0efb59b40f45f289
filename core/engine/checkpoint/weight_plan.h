#pragma once

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/foreign/weight.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// One product or vector of a decoder as a checkpoint holds it.
struct PlannedWeight {
    WeightSpec spec;                   ///< in the checkpoint's spelling
    std::vector<std::size_t> tensors;  ///< places of its weight, bias and what a quantized weight has beside it
    std::uint64_t bytes = 0;           ///< of those tensors
    std::shared_ptr<const ForeignWeight> foreign = nullptr;  ///< where another program than bitsandbytes packed it
};

/// Which tensors of a checkpoint a decoder is made of: the one judgement that preview, converter and loader share.
struct WeightPlan {
    /// In weight_specs' order. A checkpoint's own head is among them also where config.json says that the embedding is the
    /// head; where such a checkpoint has the head alone, the embedding's row names it.
    std::vector<PlannedWeight> weights;
    std::vector<std::string> unused;  ///< names of tensors that the decoder has no use for, buffers left out

    /// From headers alone. InvalidFile, naming tensor and shapes, where a needed one is missing or has another shape than
    /// config.json gives it; Unsupported where its type is none that is computed with, or it is packed in a way that is not
    /// read.
    static Result<WeightPlan> match(const DecoderDescription &decoder, std::span<const TensorInfo> tensors);

    /// How many tensors are not used and some of their names, as a sentence; empty where all are.
    std::string unused_as_text() const;
};

/// The tensors of a checkpoint of this decoder with all weights in one type, for files whose headers are not known.
std::vector<TensorInfo> expected_tensors(const DecoderDescription &decoder, DType dtype);

}  // namespace millm::engine
