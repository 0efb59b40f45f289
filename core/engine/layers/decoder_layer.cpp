#include "core/engine/layers/decoder_layer.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/attention.h"
#include "core/engine/layers/experts.h"
#include "core/engine/layers/gated_delta.h"
#include "core/engine/layers/latent_attention.h"
#include "core/engine/layers/short_convolution.h"

namespace millm::engine {

namespace {

/// One line a kind of mixer.
struct MakeMixer {
    const DecoderDescription &decoder;
    std::int64_t layer;
    WeightSource &weights;

    std::unique_ptr<Mixer> operator()(const AttentionDescription &a) const {
        return std::make_unique<Attention>(a, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const LatentAttentionDescription &a) const {
        return std::make_unique<LatentAttention>(a, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const ShortConvolutionDescription &c) const {
        return std::make_unique<ShortConvolution>(c, decoder.hidden, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const GatedDeltaDescription &d) const {
        return std::make_unique<GatedDelta>(d, layer, weights);
    }
};

struct MakeFeed {
    WeightSource &weights;

    std::unique_ptr<Feed> operator()(const DenseDescription &dense) const {
        return dense.size > 0 ? std::make_unique<FeedForward>(dense, weights) : nullptr;
    }
    std::unique_ptr<Feed> operator()(const MoeDescription &moe) const { return std::make_unique<Experts>(moe, weights); }
};

}  // namespace

DecoderLayer::DecoderLayer(const DecoderDescription &decoder, std::int64_t layer, WeightSource &weights)
    : residual_(decoder.layers[static_cast<std::size_t>(layer)].residual) {
    const LayerDescription &description = decoder.layers[static_cast<std::size_t>(layer)];
    before_mixer_ = weights.norm(Slot::BeforeMixer, residual_.before_mixer, decoder.hidden);
    mixer_ = std::visit(MakeMixer{decoder, layer, weights}, description.mixer);
    after_mixer_ = weights.norm(Slot::AfterMixer, residual_.after_mixer, decoder.hidden);
    before_feed_ = weights.norm(Slot::BeforeFeed, residual_.before_feed, decoder.hidden);
    feed_ = std::visit(MakeFeed{weights}, description.feed);
    after_feed_ = weights.norm(Slot::AfterFeed, residual_.after_feed, decoder.hidden);
}

at::Tensor DecoderLayer::join(const at::Tensor &skip, const at::Tensor &branch, const Norm &after) const {
    if (residual_.norm_sum) return after.forward(at::add(skip, branch, residual_.scale));
    return at::add(skip, after.forward(branch), residual_.scale);
}

at::Tensor DecoderLayer::forward(const at::Tensor &hidden, const PassContext &pass) const {
    const at::Tensor mixed_from = before_mixer_.forward(hidden);
    const at::Tensor mixed = mixer_->forward(mixed_from, pass);
    if (residual_.parallel) {
        const at::Tensor fed = feed_->forward(before_feed_.defined() ? before_feed_.forward(hidden) : mixed_from);
        return join(join(hidden, mixed, after_mixer_), fed, after_feed_);
    }
    const at::Tensor between = join(residual_.skip_from_norm ? mixed_from : hidden, mixed, after_mixer_);
    if (!feed_) return between;
    const at::Tensor fed_from = before_feed_.forward(between);
    return join(residual_.skip_from_norm ? fed_from : between, feed_->forward(fed_from), after_feed_);
}

std::uint64_t DecoderLayer::bytes() const {
    return before_mixer_.bytes() + after_mixer_.bytes() + before_feed_.bytes() + after_feed_.bytes() + mixer_->bytes() +
           (feed_ ? feed_->bytes() : 0);
}

}  // namespace millm::engine
