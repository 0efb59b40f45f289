#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/batch.h"
#include "core/engine/layers/weight_source.h"

#include <memory>
#include <vector>

namespace millm::engine {

/// Makes the vectors that layers take of each token (TokenInputsDescription).
class TokenInputs {
public:
    TokenInputs(const DecoderDescription &decoder, WeightSource &weights);

    /// Tokens [rows] and their embeddings [rows, hidden] -> [layers, rows, size], contiguous.
    at::Tensor make(const std::vector<std::int64_t> &tokens, const at::Tensor &hidden) const;
    std::uint64_t bytes() const { return table_.nbytes() + projection_->bytes() + norm_.bytes(); }

private:
    TokenInputsDescription description_;
    std::int64_t depth_;
    double hidden_;
    at::Tensor table_;  ///< [tokens, layers * size], as stored
    std::unique_ptr<Linear> projection_;
    Norm norm_;
};

/// What one layer does with its vector (TokenInputDescription).
class TokenInput {
public:
    TokenInput(const TokenInputDescription &description, std::int64_t hidden, std::int64_t layer, WeightSource &weights);

    /// What is added to x, [rows, hidden] -> the same.
    at::Tensor forward(const at::Tensor &x, const PassContext &pass) const;
    std::uint64_t bytes() const { return gate_->bytes() + out_->bytes() + norm_.bytes(); }

private:
    Activation activation_;
    std::int64_t layer_;
    std::unique_ptr<Linear> gate_, out_;
    Norm norm_;
};

}  // namespace millm::engine
