#include "core/engine/layers/linear_attention.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"
#include "core/engine/layers/recurrence.h"

#include <array>

namespace millm::engine {

LinearAttention::LinearAttention(const LinearAttentionDescription &a, std::int64_t layer, WeightSource &weights)
    : description_(a),
      layer_(layer),
      in_(weights.projections(std::array{Slot::Query, Slot::Key, Slot::Value})),
      decays_(at::tensor(at::ArrayRef<float>(a.decays)).unsqueeze(0).to(weights.compute().device)),
      norm_(weights.norm(Slot::RecurrentNorm, a.norm, a.heads * a.head_dim)),
      gate_(weights.linear(Slot::OutputGate)),
      out_(weights.linear(Slot::RecurrentOut)) {}

at::Tensor LinearAttention::forward(const at::Tensor &x, const PassContext &pass) const {
    const auto in = in_.forward(x);
    const auto heads = [&](const at::Tensor &values) {
        return activate(description_.activation, values.to(at::kFloat).contiguous())
            .unflatten(1, {description_.heads, description_.head_dim});
    };
    Recurrent recurrent;
    recurrent.query = heads(in[0]);
    recurrent.key = heads(in[1]);
    recurrent.value = heads(in[2]);
    recurrent.decay = decays_.expand({x.size(0), description_.heads});
    const at::Tensor out = norm_.forward(recurrent.run(layer_, 0, pass).flatten(1).to(x.scalar_type()));
    return out_->forward(out * gate_->forward(x).sigmoid());
}

std::uint64_t LinearAttention::bytes() const {
    return in_.bytes() + norm_.bytes() + gate_->bytes() + out_->bytes();
}

}  // namespace millm::engine
