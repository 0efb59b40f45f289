#include "core/engine/layers/decoder_layer.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/attention.h"
#include "core/engine/layers/channel_mix.h"
#include "core/engine/layers/dense_and_moe.h"
#include "core/engine/layers/experts.h"
#include "core/engine/layers/gated_delta.h"
#include "core/engine/layers/gated_recurrence.h"
#include "core/engine/layers/latent_attention.h"
#include "core/engine/layers/linear_attention.h"
#include "core/engine/layers/parallel_mixers.h"
#include "core/engine/layers/selective_scan.h"
#include "core/engine/layers/short_convolution.h"
#include "core/engine/layers/state_space.h"
#include "core/engine/layers/weighted_mean.h"

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
    std::unique_ptr<Mixer> operator()(const SelectiveScanDescription &s) const {
        return std::make_unique<SelectiveScan>(s, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const StateSpaceDescription &s) const {
        return std::make_unique<StateSpace>(s, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const GatedRecurrenceDescription &r) const {
        return std::make_unique<GatedRecurrence>(r, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const LinearAttentionDescription &a) const {
        return std::make_unique<LinearAttention>(a, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const WeightedMeanDescription &m) const {
        return std::make_unique<WeightedMean>(m, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const ParallelMixersDescription &p) const {
        return std::make_unique<ParallelMixers>(p, layer, weights);
    }
    std::unique_ptr<Mixer> operator()(const NoMixerDescription &) const { return nullptr; }
};

struct MakeFeed {
    const DecoderDescription &decoder;
    std::int64_t layer;
    WeightSource &weights;

    std::unique_ptr<Feed> operator()(const DenseDescription &dense) const {
        return dense.size > 0 ? std::make_unique<FeedForward>(dense, weights) : nullptr;
    }
    std::unique_ptr<Feed> operator()(const MoeDescription &moe) const {
        return std::make_unique<Experts>(moe, decoder.hidden, weights);
    }
    std::unique_ptr<Feed> operator()(const DenseAndMoeDescription &both) const {
        return std::make_unique<DenseAndMoe>(both, decoder.hidden, weights);
    }
    std::unique_ptr<Feed> operator()(const ChannelMixDescription &) const {
        const std::size_t states = state_shapes(decoder)[static_cast<std::size_t>(layer)].fixed.size();
        return std::make_unique<ChannelMix>(layer, states - 1, weights);
    }
};

}  // namespace

DecoderLayer::DecoderLayer(const DecoderDescription &decoder, std::int64_t layer, WeightSource &weights)
    : residual_(decoder.layers[static_cast<std::size_t>(layer)].residual), active_(decoder.streams.active) {
    const LayerDescription &description = decoder.layers[static_cast<std::size_t>(layer)];
    if (decoder.streams.count > 1) streams_ = std::make_unique<Streams>(decoder.streams, decoder.hidden, weights);
    before_mixer_ = weights.norm(Slot::BeforeMixer, residual_.before_mixer, decoder.hidden);
    if (description.laurel.rank > 0) laurel_ = std::make_unique<Laurel>(description.laurel, decoder.hidden, weights);
    mixer_ = std::visit(MakeMixer{decoder, layer, weights}, description.mixer);
    after_mixer_ = weights.norm(Slot::AfterMixer, residual_.after_mixer, decoder.hidden);
    before_feed_ = weights.norm(Slot::BeforeFeed, residual_.before_feed, decoder.hidden);
    feed_ = std::visit(MakeFeed{decoder, layer, weights}, description.feed);
    after_feed_ = weights.norm(Slot::AfterFeed, residual_.after_feed, decoder.hidden);
    if (description.token_input.exists)
        token_input_ = std::make_unique<TokenInput>(description.token_input, decoder.hidden, layer, weights);
    if (description.scaled) scale_ = weights.vector(Slot::LayerScale).item<float>();
}

at::Tensor DecoderLayer::join(const at::Tensor &skip, const at::Tensor &branch, const Norm &after,
                              const BranchScales &scales) const {
    const at::Tensor passed = scales.skip == 1 ? skip : skip * scales.skip;
    if (residual_.norm_sum) return after.forward(at::add(passed, branch, scales.branch));
    return at::add(passed, after.forward(branch), scales.branch);
}

at::Tensor DecoderLayer::forward(const at::Tensor &hidden, const PassContext &pass) const {
    at::Tensor out = streams_ ? pass_streams(hidden, pass) : branches(hidden, pass);
    if (token_input_ && !streams_) out = out + token_input_->forward(out, pass);
    return scale_ ? out.mul(*scale_) : out;
}

at::Tensor DecoderLayer::pass_streams(const at::Tensor &streams, const PassContext &pass) const {
    const at::Tensor predicted = streams_->predict(streams);
    at::Tensor corrected = streams_->correct(predicted, branches(predicted.select(0, active_), pass));
    // Whichever stream is the active one, all but the first get it.
    if (token_input_)
        corrected.narrow(0, 1, corrected.size(0) - 1)
            .add_(token_input_->forward(streams_->scaled(corrected.select(0, active_)), pass));
    return corrected;
}

at::Tensor DecoderLayer::branches(const at::Tensor &hidden, const PassContext &pass) const {
    at::Tensor between = hidden, fed_from;
    if (mixer_) {
        const at::Tensor mixed_from = before_mixer_.forward(hidden);
        const at::Tensor mixed = mixer_->forward(mixed_from, pass);
        if (residual_.parallel) {
            const at::Tensor fed = feed_->forward(before_feed_.defined() ? before_feed_.forward(hidden) : mixed_from, pass);
            return join(join(hidden, mixed, after_mixer_, residual_.mixer_scales), fed, after_feed_, residual_.feed_scales);
        }
        const at::Tensor &skip = residual_.skip_from_norm ? mixed_from : hidden;
        // Most layers' sum and the norm behind it are one loop over the rows.
        if (feed_ && !residual_.norm_sum && !after_mixer_.defined() && !laurel_ && before_feed_.defined() &&
            residual_.mixer_scales.skip == 1) {
            Norm::Sum sum = before_feed_.forward_sum(skip, mixed, residual_.mixer_scales.branch);
            between = std::move(sum.sum);
            fed_from = std::move(sum.normed);
        } else {
            between = join(skip, mixed, after_mixer_, residual_.mixer_scales);
            if (laurel_) between = laurel_->join(between, mixed_from);
        }
    }
    if (!feed_) return between;
    if (!fed_from.defined()) fed_from = before_feed_.forward(between);
    return join(residual_.skip_from_norm ? fed_from : between, feed_->forward(fed_from, pass), after_feed_,
                residual_.feed_scales);
}

bool DecoderLayer::recordable() const {
    return (!mixer_ || mixer_->recordable()) && (!feed_ || feed_->recordable()) && !token_input_ && !streams_;
}

std::uint64_t DecoderLayer::bytes() const {
    return before_mixer_.bytes() + after_mixer_.bytes() + before_feed_.bytes() + after_feed_.bytes() +
           (mixer_ ? mixer_->bytes() : 0) + (feed_ ? feed_->bytes() : 0) + (laurel_ ? laurel_->bytes() : 0) +
           (token_input_ ? token_input_->bytes() : 0) + (streams_ ? streams_->bytes() : 0) + (scale_ ? sizeof(float) : 0);
}

}  // namespace millm::engine
