#include "core/engine/plugin/model_loader.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/layers/aten.h"
#include "core/engine/quantization/kernels.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace millm::engine {

namespace {

/// Whether two stored tensors hold the same numbers. Reads both, so only where that decides something.
bool same_values(const StoredTensor &a, const StoredTensor &b) {
    if (a.bytes.data() == b.bytes.data() && a.bytes.size() == b.bytes.size()) return true;
    const auto plain = [](const StoredTensor &tensor) { return scalar_type(tensor.info->dtype).has_value(); };
    if (!plain(a) || !plain(b) || a.info->shape != b.info->shape) return false;
    if (a.info->dtype == b.info->dtype) return std::ranges::equal(a.bytes, b.bytes);
    constexpr std::size_t at_once = 1 << 16;
    std::vector<float> left(at_once), right(at_once);
    const auto count = static_cast<std::size_t>(a.info->elements());
    for (std::size_t done = 0; done < count; done += at_once) {
        const std::size_t part = std::min(at_once, count - done);
        widen(a.info->dtype, a.bytes.data() + done * size_of(a.info->dtype), part, left.data());
        widen(b.info->dtype, b.bytes.data() + done * size_of(b.info->dtype), part, right.data());
        if (!std::equal(left.begin(), left.begin() + static_cast<std::ptrdiff_t>(part), right.begin())) return false;
    }
    return true;
}

/// Thrown inside this file only: building a tree of layers has no room for a Result at every leaf.
struct LoadFailure {
    Error error;
};

class Loader {
public:
    Loader(const Checkpoint &checkpoint, const DecoderDescription &description, const WeightPlan &plan,
           const LoadOptions &options, const LoadObserver &observer)
        : checkpoint_(checkpoint), description_(description), plan_(plan), options_(options), observer_(observer) {
        for (const PlannedWeight &weight : plan.weights) progress_.bytes_total += weight.bytes;
    }

    /// All weights; no head where it is the embedding.
    Decoder::Weights load(Compute &compute) {
        const StoredTensor embedding = tensor(plan_.weights.front(), ".weight");
        compute = choose_compute(compute.device, options_.compute, embedding.info->dtype);
        compute_ = compute;

        Decoder::Weights weights;
        LayerParts parts;
        for (const PlannedWeight &weight : plan_.weights) {
            const std::int64_t layer = weight.spec.layer;
            if (layer != parts.layer && parts.layer >= 0) weights.layers.push_back(assemble(std::exchange(parts, {})));
            parts.layer = layer;
            switch (weight.spec.slot) {
                case Slot::TokenEmbedding:
                    weights.token_embedding = plain(weight, compute_.weights);
                    break;
                case Slot::PositionEmbedding:
                    weights.position_embedding = plain(weight, compute_.weights);
                    break;
                case Slot::AttentionNorm:
                    parts.attention_norm = norm(weight);
                    break;
                case Slot::Query:
                    parts.attention.query = linear(weight);
                    break;
                case Slot::Key:
                    parts.attention.key = linear(weight);
                    break;
                case Slot::Value:
                    parts.attention.value = linear(weight);
                    break;
                case Slot::QueryKeyValue:
                    parts.attention.query_key_value = linear(weight);
                    break;
                case Slot::QueryNorm:
                    parts.attention.query_norm = norm(weight);
                    break;
                case Slot::KeyNorm:
                    parts.attention.key_norm = norm(weight);
                    break;
                case Slot::AttentionOutput:
                    parts.attention.output = linear(weight);
                    break;
                case Slot::MlpNorm:
                    parts.feed_forward_norm = norm(weight);
                    break;
                case Slot::Gate:
                    parts.gate = linear(weight);
                    break;
                case Slot::Up:
                    parts.up = linear(weight);
                    break;
                case Slot::Down:
                    parts.down = linear(weight);
                    break;
                case Slot::FinalNorm:
                    weights.final_norm = norm(weight);
                    break;
                case Slot::Head:
                    if (!is_embedding(weight, embedding)) weights.head = linear(weight);
                    break;
            }
        }
        return weights;
    }

private:
    struct LayerParts {
        std::int64_t layer = -1;
        Norm attention_norm, feed_forward_norm;
        Attention::Weights attention;
        std::unique_ptr<Linear> gate, up, down;
    };

    DecoderLayer assemble(LayerParts parts) const {
        return {std::move(parts.attention_norm), Attention(description_, parts.layer, std::move(parts.attention)),
                std::move(parts.feed_forward_norm),
                FeedForward(description_.activation, std::move(parts.gate), std::move(parts.up), std::move(parts.down))};
    }

    [[noreturn]] static void fail(std::string message) { throw LoadFailure{{ErrorCode::InvalidFile, std::move(message)}}; }

    StoredTensor tensor(const PlannedWeight &weight, const char *end) const { return checkpoint_.find(weight.module + end); }

    /// Whether a tied head that is stored is the embedding once more, which then is kept once.
    bool is_embedding(const PlannedWeight &head, const StoredTensor &embedding) {
        if (!description_.tied_embeddings || !same_values(tensor(head, ".weight"), embedding)) return false;
        advance(head, LoadStage::LoadingWeights);
        return true;
    }

    at::Tensor plain(const PlannedWeight &weight, std::optional<at::ScalarType> type) {
        at::Tensor result = load_tensor(tensor(weight, ".weight"), compute_, type);
        if (!weight.spec.bias) advance(weight, LoadStage::LoadingWeights);
        return result;
    }

    Norm norm(const PlannedWeight &weight) {
        at::Tensor scale = plain(weight, compute_.activations), bias;
        if (weight.spec.bias) {
            bias = load_tensor(tensor(weight, ".bias"), compute_, compute_.activations);
            advance(weight, LoadStage::LoadingWeights);
        }
        return {description_.norm, std::move(scale), std::move(bias), description_.norm_eps};
    }

    std::unique_ptr<Linear> linear(const PlannedWeight &weight) {
        const WeightSpec &spec = weight.spec;
        const bool conv1d = description_.conv1d && spec.role == TensorRole::Linear;
        Result<StoredLinear> read = read_linear(checkpoint_, weight.module, conv1d, spec.bias);
        if (!read) throw LoadFailure{read.error()};
        StoredLinear stored = std::move(*read);
        // The plan compared plain shapes; what a packed weight is only its state tells.
        if (stored.out != spec.shape[0] || stored.in != spec.shape[1]) {
            fail("tensor \"" + weight.module + ".weight\" has the shape " + shape_text({stored.out, stored.in}) +
                 ", config.json asks for " + shape_text(spec.shape));
        }
        LoadStage stage = LoadStage::LoadingWeights;
        if (options_.quantize.value_or(Scheme::Plain) != Scheme::Plain && spec.role == TensorRole::Linear) {
            Result<StoredLinear> quantized = quantize_linear(stored, *options_.quantize, weight.module);
            if (!quantized) throw LoadFailure{quantized.error()};
            stored = std::move(*quantized);
            stage = LoadStage::Quantizing;
        }
        std::unique_ptr<Linear> result = make_linear(stored, compute_);
        advance(weight, stage);
        return result;
    }

    void advance(const PlannedWeight &weight, LoadStage stage) {
        for (const std::size_t place : weight.tensors) checkpoint_.release(checkpoint_.tensors()[place].name);
        progress_.stage = compute_.device.is_cuda() && stage == LoadStage::LoadingWeights ? LoadStage::MovingToGpu : stage;
        progress_.bytes_done += weight.bytes;
        if (observer_ && !observer_(progress_)) throw LoadFailure{{ErrorCode::Cancelled, "loading was cancelled"}};
    }

    const Checkpoint &checkpoint_;
    const DecoderDescription &description_;
    const WeightPlan &plan_;
    const LoadOptions &options_;
    const LoadObserver &observer_;
    Compute compute_;
    LoadProgress progress_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> load_decoder(const Checkpoint &checkpoint, DecoderDescription description,
                                              const LoadOptions &options, const LoadObserver &observer,
                                              std::vector<std::string> &remarks) {
    const Result<WeightPlan> plan = WeightPlan::match(description, checkpoint.tensors());
    if (!plan) return plan.error();
    if (!plan->unused.empty()) remarks.push_back(plan->unused_as_text());
    try {
        Compute compute;
        compute.device = options.device.kind == DeviceKind::Cuda
                             ? at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(options.device.index))
                             : at::Device(at::kCPU);
        Decoder::Weights weights = Loader(checkpoint, description, *plan, options, observer).load(compute);
        if (!weights.head) {
            weights.head = make_linear(weights.token_embedding, compute);
        } else if (std::exchange(description.tied_embeddings, false)) {
            remarks.push_back("config.json says that the head is the embedding (tie_word_embeddings), but \"" +
                              plan->weights.back().module + ".weight\" holds other values: those are used");
        }
        return std::make_unique<Decoder>(std::move(description), compute, std::move(weights));
    } catch (LoadFailure &failure) {
        return std::move(failure.error);
    }
}

}  // namespace millm::engine
