#include "core/engine/layers/streams.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

namespace {

/// Below it a stream's mean square counts as this.
constexpr double least_square = 1e-5;

at::Tensor mean_square(const at::Tensor &x) {
    return x.to(at::kFloat).square().mean(-1, /*keepdim=*/true);
}

/// x [rows, hidden] as long as `model` is, row by row.
at::Tensor as_long_as(const at::Tensor &model, const at::Tensor &x) {
    return x.to(at::kFloat)
        .mul(mean_square(model).sqrt_())
        .div_(mean_square(x).clamp_min_(least_square).sqrt_())
        .to(x.scalar_type());
}

std::uint64_t stream_bytes(const std::vector<std::unique_ptr<Linear>> &list) {
    std::uint64_t total = 0;
    for (const auto &linear : list) total += linear->bytes();
    return total;
}

}  // namespace

Streams::Streams(const StreamsDescription &description, std::int64_t hidden, WeightSource &weights)
    : description_(description),
      inverse_hidden_(1 / static_cast<double>(hidden)),
      norm_(weights.norm(Slot::StreamNorm, description.norm, hidden)),
      router_(weights.linear(Slot::StreamRouter)),
      prediction_(weights.linear(Slot::StreamPrediction)),
      correction_(weights.linear(Slot::StreamCorrection)) {
    if (description.scaled) scale_ = weights.vector(Slot::StreamScale);
}

/// [rows, hidden] -> [rows, streams], between -1 and 1.
at::Tensor Streams::weigh(const at::Tensor &active) const {
    return router_->forward(norm_.forward(active).mul(inverse_hidden_)).tanh_();
}

at::Tensor Streams::predict(const at::Tensor &streams) const {
    const std::int64_t count = description_.count;
    // [rows, streams that are predicted, streams that count for them]
    const at::Tensor coefficients =
        prediction_->forward(weigh(streams.select(0, description_.active))).unflatten(1, {count, count});
    at::Tensor predicted = streams.clone();
    for (std::int64_t to = 0; to < count; ++to)
        for (std::int64_t from = 0; from < count; ++from)
            predicted.select(0, to).add_(streams.select(0, from) * coefficients.select(1, to).select(1, from).unsqueeze(1));
    return predicted;
}

at::Tensor Streams::correct(at::Tensor predicted, const at::Tensor &result) const {
    const at::Tensor coefficients = correction_->forward(weigh(result)).add_(1);  // [rows, streams]
    const at::Tensor news = result - predicted.select(0, description_.active);
    for (std::int64_t stream = 0; stream < description_.count; ++stream)
        predicted.select(0, stream).add_(news * coefficients.select(1, stream).unsqueeze(1));
    return predicted;
}

at::Tensor Streams::scaled(const at::Tensor &active) const {
    return scale_.defined() ? (active * scale_).to(active.scalar_type()) : active;
}

std::uint64_t Streams::bytes() const {
    return norm_.bytes() + router_->bytes() + prediction_->bytes() + correction_->bytes() +
           (scale_.defined() ? scale_.nbytes() : 0);
}

StreamEnds::StreamEnds(const StreamsDescription &description, WeightSource &weights) {
    for (std::int64_t number = 0; number < description.count - 1; ++number) {
        in_.push_back(weights.linear(Slot::StreamIn, number));
        out_.push_back(weights.linear(Slot::StreamOut, number));
    }
}

at::Tensor StreamEnds::spread(const at::Tensor &hidden) const {
    std::vector<at::Tensor> streams{hidden};
    for (const auto &linear : in_) streams.push_back(as_long_as(hidden, linear->forward(hidden)));
    return at::stack(streams);
}

at::Tensor StreamEnds::collect(const at::Tensor &streams) const {
    const at::Tensor first = streams.select(0, 0);
    at::Tensor sum = first.clone();
    for (std::size_t i = 0; i < out_.size(); ++i)
        sum.add_(as_long_as(first, out_[i]->forward(streams.select(0, static_cast<std::int64_t>(i) + 1))));
    return sum.div_(static_cast<double>(out_.size() + 1));
}

std::uint64_t StreamEnds::bytes() const {
    return stream_bytes(in_) + stream_bytes(out_);
}

}  // namespace millm::engine
