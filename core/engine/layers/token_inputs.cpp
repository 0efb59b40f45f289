#include "core/engine/layers/token_inputs.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"

#include <cmath>
#include <numbers>

namespace millm::engine {

TokenInputs::TokenInputs(const DecoderDescription &decoder, WeightSource &weights)
    : description_(decoder.token_inputs),
      depth_(decoder.depth()),
      hidden_(static_cast<double>(decoder.hidden)),
      table_(weights.table(Slot::TokenInputEmbedding)),
      projection_(weights.linear(Slot::TokenInputProjection)),
      norm_(weights.norm(Slot::TokenInputNorm, description_.norm, description_.size)) {}

at::Tensor TokenInputs::make(const std::vector<std::int64_t> &tokens, const at::Tensor &hidden) const {
    std::vector<std::int64_t> rows = tokens;
    for (std::int64_t &row : rows)
        if (row >= description_.rows) row = 0;
    at::Tensor stored = table_.index_select(0, at::tensor(rows, at::kLong).to(table_.device())).to(hidden.scalar_type());
    stored.mul_(std::sqrt(static_cast<double>(description_.size)));
    at::Tensor inputs = projection_->forward(hidden).mul_(1 / std::sqrt(hidden_));
    inputs = norm_.forward(inputs.unflatten(1, {depth_, description_.size}));  // [rows, layers, size]
    inputs = (inputs + stored.view(inputs.sizes())).mul_(1 / std::numbers::sqrt2);
    return inputs.transpose(0, 1).contiguous();
}

TokenInput::TokenInput(const TokenInputDescription &description, std::int64_t hidden, std::int64_t layer, WeightSource &weights)
    : activation_(description.activation),
      layer_(layer),
      gate_(weights.linear(Slot::TokenInputGate)),
      out_(weights.linear(Slot::TokenInputOut)),
      norm_(weights.norm(Slot::AfterTokenInput, description.norm, hidden)) {}

at::Tensor TokenInput::forward(const at::Tensor &x, const PassContext &pass) const {
    return norm_.forward(out_->forward(activate(activation_, gate_->forward(x), pass.token_inputs.select(0, layer_))));
}

}  // namespace millm::engine
