#include "core/engine/architectures/state_shape.h"

#include <algorithm>

namespace millm::engine {

namespace {

std::uint64_t product(const std::vector<std::int64_t> &shape) {
    std::uint64_t result = 1;
    for (const std::int64_t extent : shape) result *= static_cast<std::uint64_t>(extent);
    return result;
}

struct ShapeOf {
    std::int64_t hidden;

    StateShape operator()(const AttentionDescription &a) const {
        StateShape shape;
        // A chunk's tokens are a window as well: those of the chunks before are never seen again.
        shape.window = a.scores.window > 0 && a.scores.chunk > 0 ? std::min(a.scores.window, a.scores.chunk)
                                                                 : std::max(a.scores.window, a.scores.chunk);
        // Whoever looks both ways has all tokens before it at once.
        if (a.scores.both_ways) shape.window = 0;
        shape.shared_with = a.keys_of;
        if (a.keys_of < 0) shape.planes = {{a.kv_heads, a.head_dim}, {a.kv_heads, a.head_dim}};
        return shape;
    }
    StateShape operator()(const LatentAttentionDescription &a) const {
        StateShape shape;
        shape.planes = {{1, a.latent + a.rope_dim}};
        return shape;
    }
    StateShape operator()(const ShortConvolutionDescription &c) const {
        StateShape shape;
        shape.fixed = {{c.kernel - 1, hidden}};
        return shape;
    }
    StateShape operator()(const GatedDeltaDescription &d) const {
        StateShape shape;
        shape.fixed = {{d.kernel - 1, d.convolved()}, {d.value_heads, d.key_dim, d.value_dim}};
        return shape;
    }
    StateShape operator()(const SelectiveScanDescription &s) const {
        StateShape shape;
        shape.fixed = {{s.kernel - 1, s.channels}, {1, s.state, s.channels}};
        return shape;
    }
    StateShape operator()(const StateSpaceDescription &s) const {
        StateShape shape;
        shape.fixed = {{s.kernel - 1, s.convolved()}, {s.heads, s.state, s.head_dim}};
        return shape;
    }
    StateShape operator()(const GatedRecurrenceDescription &r) const {
        StateShape shape;
        shape.fixed = {{r.kernel - 1, r.channels}, {1, 1, r.channels}};
        return shape;
    }
    StateShape operator()(const LinearAttentionDescription &a) const {
        StateShape shape;
        shape.fixed = {{a.heads, a.head_dim, a.head_dim}};
        return shape;
    }
    StateShape operator()(const WeightedMeanDescription &m) const {
        StateShape shape;
        shape.fixed = {{1, hidden}, {3, m.channels}};
        return shape;
    }
    StateShape operator()(const ParallelMixersDescription &p) const {
        StateShape shape = (*this)(p.attention);
        shape.fixed = (*this)(p.space).fixed;
        return shape;
    }
    StateShape operator()(const NoMixerDescription &) const { return {}; }
};

}  // namespace

std::uint64_t StateShape::bytes_per_token(std::uint64_t element_size) const {
    std::uint64_t values = 0;
    for (const Plane &plane : planes) values += static_cast<std::uint64_t>(plane.heads) * static_cast<std::uint64_t>(plane.dim);
    return values * element_size;
}

std::uint64_t StateShape::fixed_bytes() const {
    std::uint64_t values = 0;
    for (const auto &shape : fixed) values += product(shape);
    return 2 * values * sizeof(float);
}

std::uint64_t StateShape::bytes(std::int64_t tokens, std::int64_t chunk, std::uint64_t element_size) const {
    std::int64_t kept = tokens;
    // A window may begin anywhere in a page, and a chunk is written behind it before anything is dropped.
    if (window > 0) kept = std::min(kept, window - 1 + chunk + page_tokens - 1);
    const std::int64_t pages = (kept + page_tokens - 1) / page_tokens;
    return static_cast<std::uint64_t>(pages * page_tokens) * bytes_per_token(element_size) + fixed_bytes();
}

std::vector<StateShape> state_shapes(const DecoderDescription &decoder) {
    std::vector<StateShape> shapes;
    for (const LayerDescription &layer : decoder.layers) {
        shapes.push_back(std::visit(ShapeOf{decoder.hidden}, layer.mixer));
        if (std::holds_alternative<ChannelMixDescription>(layer.feed)) shapes.back().fixed.push_back({1, decoder.hidden});
    }
    return shapes;
}

}  // namespace millm::engine
