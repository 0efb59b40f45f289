#include "core/engine/layers/pooling.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/layers/aten.h"

#include <cmath>

namespace millm::engine {

namespace {

/// [tokens, hidden] f32 -> [hidden]
at::Tensor pooled(const at::Tensor &tokens, PoolingMode mode) {
    const std::int64_t count = tokens.size(0);
    switch (mode) {
        case PoolingMode::First:
            return tokens.select(0, 0);
        case PoolingMode::Last:
            return tokens.select(0, count - 1);
        case PoolingMode::Mean:
            return tokens.mean(0);
        case PoolingMode::Largest:
            return tokens.amax(0);
        case PoolingMode::MeanSqrtLength:
            return tokens.sum(0).div_(std::sqrt(static_cast<double>(count)));
        case PoolingMode::WeightedMean:
            break;
    }
    const at::Tensor weights = at::arange(1, count + 1, tokens.options()).unsqueeze(1);
    return tokens.mul(weights).sum(0).div_(weights.sum());
}

at::Tensor activated(const at::Tensor &x, DenseActivation activation) {
    switch (activation) {
        case DenseActivation::Tanh:
            return x.tanh();
        case DenseActivation::Relu:
            return x.relu();
        case DenseActivation::Gelu:
            return at::gelu(x);
        case DenseActivation::Sigmoid:
            return x.sigmoid();
        case DenseActivation::Identity:
            break;
    }
    return x;
}

}  // namespace

Result<Pooling> Pooling::load(PoolingDescription description, const std::filesystem::path &folder, const Compute &compute) {
    Pooling pooling(std::move(description));
    for (const PoolingDense &dense : pooling.description_.dense) {
        const auto checkpoint = Checkpoint::open(folder / dense.folder);
        if (!checkpoint) {
            Error error = checkpoint.error();
            error.message = dense.folder + ": " + error.message;
            return error;
        }
        const auto stored = read_linear(**checkpoint, "linear", false, dense.bias);
        if (!stored) {
            Error error = stored.error();
            error.message = dense.folder + ": " + error.message;
            return error;
        }
        if (stored->out != dense.out || stored->in != dense.in || (dense.bias && stored->bias.info == nullptr))
            return invalid_file(dense.folder, ": the weight has the shape ", shape_text({stored->out, stored->in}),
                                dense.bias && stored->bias.info == nullptr ? " and no bias" : "", ", its config.json asks for ",
                                shape_text({dense.out, dense.in}));
        pooling.dense_.push_back(make_linear(*stored, compute));
    }
    return pooling;
}

at::Tensor Pooling::forward(const at::Tensor &tokens) const {
    const at::Tensor rows = tokens.to(at::kFloat);
    std::vector<at::Tensor> parts;
    for (const PoolingMode mode : description_.modes) parts.push_back(pooled(rows, mode));
    at::Tensor vector = parts.size() == 1 ? parts.front() : at::cat(parts);
    for (std::size_t i = 0; i < dense_.size(); ++i) {
        const at::Tensor row = vector.to(tokens.scalar_type()).unsqueeze(0).contiguous();
        vector = activated(dense_[i]->forward(row), description_.dense[i].activation).select(0, 0).to(at::kFloat);
    }
    vector = vector.to(at::kCPU);
    const double length = vector.norm().item<double>();
    // A vector of noughts has no direction.
    return length > 0 ? vector.div(length) : vector.clone();
}

std::uint64_t Pooling::bytes() const {
    std::uint64_t total = 0;
    for (const auto &linear : dense_) total += linear->bytes();
    return total;
}

}  // namespace millm::engine
