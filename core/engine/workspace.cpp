#include "core/engine/workspace.h"

#include "core/engine/architectures/weight_names.h"

#include <algorithm>
#include <set>
#include <utility>

namespace millm::engine {

namespace {

/// What a product makes of its inputs before it reads them: two bytes each, and two numbers for 64 of them.
std::int64_t arranged(std::int64_t inputs) {
    return (inputs * 17 + 31) / 32;
}

/// Which products come out of one matrix, as views of it.
using Views = std::set<std::pair<std::int64_t, Slot>>;

Views views_of(const DecoderDescription &decoder, const std::function<bool(const std::string &)> &has) {
    Views views;
    for (const WeightSpec &spec : weight_specs(decoder, has))
        if (spec.widths.size() > 1 && spec.row->cut == Cut::Blocks)
            for (const Slot slot : spec.row->slots) views.emplace(spec.layer, slot);
    return views;
}

/// A product of `inputs` numbers into `outputs`, as the last thing that happens.
std::int64_t last_product(std::int64_t inputs, std::int64_t outputs) {
    return arranged(inputs) + outputs;
}

/// One layer's parts, without what stands around them: the layer's input and what the part reads.
struct Taken {
    std::int64_t hidden, layer;
    const Views &views;

    bool is_view(Slot slot) const { return views.contains({layer, slot}); }

    // ---- mixers ----

    std::int64_t operator()(const AttentionDescription &a) const {
        const std::int64_t queries = a.heads * a.head_dim, keys = a.keys_of < 0 ? a.kv_heads * a.head_dim : 0;
        const std::int64_t all = queries * (a.query_gate ? 2 : 1) + 2 * keys;
        const bool copied = is_view(Slot::Query), normed = a.query_norm.exists(), scaled = a.query_scale.rate != 0;
        // Queries are kept once more behind a norm, and in one piece while scores are made.
        const std::int64_t kept = normed || scaled ? queries : 0, loose = copied && kept == 0 ? queries : 0;
        const std::int64_t norming = normed && copied ? 2 * queries : 0;
        return all + std::max({norming, kept + loose + queries, kept + queries * (a.query_gate ? 2 : 1),
                               kept + queries + last_product(queries, hidden)});
    }
    std::int64_t operator()(const LatentAttentionDescription &a) const {
        const std::int64_t queries = a.heads * (a.plain_dim + a.rope_dim), turned = a.heads * a.rope_dim;
        const std::int64_t latents = a.heads * a.latent, carried = latents + turned, values = a.heads * a.value_dim;
        const std::int64_t keys = 3 * (a.latent + a.rope_dim);
        return queries + turned + keys +
               std::max({2 * latents, latents + carried, carried + latents + 2 * values,
                         carried + latents + values + last_product(values, hidden)});
    }
    std::int64_t operator()(const ShortConvolutionDescription &) const {
        return 3 * hidden + hidden + std::max(2 * hidden, 2 * hidden + last_product(hidden, hidden));
    }
    std::int64_t operator()(const GatedDeltaDescription &d) const {
        const std::int64_t rates = d.rank > 0 ? 2 * d.keys() : 0, gate = d.rank > 0 ? 0 : d.values();
        return d.convolved() + gate + 2 * d.convolved() +
               std::max(d.convolved(), 2 * d.keys() + rates + 4 * d.values() + (d.rank > 0 ? d.values() : 0) +
                                           last_product(d.values(), hidden));
    }
    std::int64_t operator()(const SelectiveScanDescription &s) const {
        const std::int64_t c = s.channels, choice = s.rank + 2 * s.state;
        return 2 * c + c + choice + 4 * c + std::max(is_view(Slot::OutputGate) ? c : 0, last_product(c, hidden));
    }
    std::int64_t operator()(const StateSpaceDescription &s) const {
        const std::int64_t c = s.channels(), mixed = s.convolved(), in = 2 * c + 2 * s.keys() + s.heads;
        const std::int64_t gate = is_view(Slot::OutputGate) ? c : 0;
        return in + 2 * mixed + std::max(mixed, 2 * c + gate + (s.norm.exists() ? c : 0) + last_product(c, hidden));
    }
    std::int64_t operator()(const GatedRecurrenceDescription &r) const {
        const std::int64_t c = r.channels;
        return 2 * c + 5 * c + std::max(c, last_product(c, hidden));
    }
    std::int64_t operator()(const LinearAttentionDescription &a) const {
        const std::int64_t all = a.heads * a.head_dim;
        return 3 * all + (is_view(Slot::Query) ? 3 * all : 0) + 4 * all + last_product(all, hidden);
    }
    std::int64_t operator()(const WeightedMeanDescription &m) const {
        return hidden + std::max(4 * m.channels, 3 * m.channels + hidden + arranged(hidden));
    }
    std::int64_t operator()(const ParallelMixersDescription &p) const {
        return std::max(hidden + (*this)(p.attention), 2 * hidden + (*this)(p.space));
    }
    std::int64_t operator()(const NoMixerDescription &) const { return 0; }

    // ---- feed-forwards ----

    std::int64_t dense(const DenseDescription &d, Slot up, Slot gate) const {
        if (d.size == 0) return 0;
        const std::int64_t read = !d.gated ? 1 : is_view(up) || is_view(gate) ? 4 : 2;
        std::int64_t between = 0;
        if (d.activation == Activation::Xielu) between = 4;
        if (d.activation == Activation::ClampedSwish) between = 5;
        if (d.sparsity > 0) between = 3;
        return d.size * read + std::max(d.size * between, last_product(d.size, hidden));
    }
    std::int64_t operator()(const DenseDescription &d) const { return dense(d, Slot::Up, Slot::Gate); }
    std::int64_t operator()(const MoeDescription &m) const {
        // An expert's rows are a share of all: twice the fair one, as routers are not fair.
        const std::int64_t one = hidden + dense(m.expert, Slot::ExpertUp, Slot::ExpertGate);
        const std::int64_t routed = m.experts > 0 ? std::min(one, 2 * one * m.chosen / m.experts) : one;
        return m.experts + hidden + std::max(routed, dense(m.shared, Slot::SharedUp, Slot::SharedGate));
    }
    std::int64_t operator()(const ChannelMixDescription &c) const { return 3 * hidden + c.size + last_product(c.size, hidden); }
    std::int64_t operator()(const DenseAndMoeDescription &both) const {
        return hidden + std::max((*this)(both.dense), hidden + (*this)(both.mixture));
    }
};

std::int64_t taken_by(const DecoderDescription &decoder, std::int64_t layer, const Views &views) {
    const LayerDescription &description = decoder.layers[static_cast<std::size_t>(layer)];
    const ResidualDescription &residual = description.residual;
    const Taken taken{decoder.hidden, layer, views};
    const bool mixes = !std::holds_alternative<NoMixerDescription>(description.mixer);
    const std::int64_t hidden = decoder.hidden;
    std::int64_t most = 2 * hidden;
    // The layer's input and what the mixer reads; then that, the sum and what the feed-forward reads.
    if (mixes) most = std::max(most, (residual.before_mixer.exists() ? 2 : 1) * hidden + std::visit(taken, description.mixer));
    const std::int64_t around = !mixes ? 1 : residual.parallel ? 3 : 2;
    most = std::max(most, (around + (residual.before_feed.exists() ? 1 : 0)) * hidden + std::visit(taken, description.feed));
    return most;
}

}  // namespace

std::int64_t values_of_row(const DecoderDescription &decoder, const std::function<bool(const std::string &)> &has) {
    const Views views = views_of(decoder, has);
    std::int64_t most = 0;
    for (std::int64_t layer = 0; layer < decoder.depth(); ++layer) most = std::max(most, taken_by(decoder, layer, views));
    // What lasts from the first layer to the last one.
    for (const RopeDescription &rope : decoder.ropes) most += rope.dims;
    if (decoder.streams.count > 1) most += (2 * decoder.streams.count - 1) * decoder.hidden;
    return most + decoder.depth() * decoder.token_inputs.size;
}

}  // namespace millm::engine
