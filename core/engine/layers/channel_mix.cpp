#include "core/engine/layers/channel_mix.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/token_shift.h"

namespace millm::engine {

ChannelMix::ChannelMix(std::int64_t layer, std::size_t state, WeightSource &weights)
    : layer_(layer),
      state_(state),
      share_(weights.vector(Slot::MixFeed).view({-1})),
      gate_share_(weights.vector(Slot::MixFeedGate).view({-1})),
      up_(weights.linear(Slot::Up)),
      gate_(weights.linear(Slot::Gate)),
      down_(weights.linear(Slot::Down)) {}

at::Tensor ChannelMix::forward(const at::Tensor &x, const PassContext &pass) const {
    const TokenPairs tokens(x, layer_, state_, pass);
    const auto mixed = [&](const at::Tensor &share) { return tokens.mixed(share).to(x.scalar_type()); };
    const at::Tensor inner = up_->forward(mixed(share_)).relu_().square_();
    return gate_->forward(mixed(gate_share_)).sigmoid_().mul_(down_->forward(inner));
}

std::uint64_t ChannelMix::bytes() const {
    return share_.nbytes() + gate_share_.nbytes() + up_->bytes() + gate_->bytes() + down_->bytes();
}

}  // namespace millm::engine
