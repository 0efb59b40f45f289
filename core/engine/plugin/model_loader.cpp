#include "core/engine/plugin/model_loader.h"

#include "core/engine/architectures/weight_names.h"

#include <ATen/ATen.h>

#include <optional>
#include <utility>

namespace millm::engine {

namespace {

std::string shape_text(const std::vector<std::int64_t> &shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
}

/// Thrown inside this file only: building a tree of layers has no room for a Result at every leaf.
struct LoadFailure {
    Error error;
};

class Loader {
public:
    Loader(const Checkpoint &checkpoint, const DecoderDescription &description, const LoadOptions &options,
           const LoadObserver &observer)
        : checkpoint_(checkpoint), description_(description), options_(options), observer_(observer) {
        for (const TensorInfo &tensor : checkpoint.tensors()) progress_.bytes_total += tensor.bytes;
    }

    void refuse_strangers() const {
        for (const TensorInfo &tensor : checkpoint_.tensors()) {
            if (role_of(description_, tensor.name) == TensorRole::Unknown) {
                fail("tensor \"" + tensor.name + "\" " + shape_text(tensor.shape) + " is not part of a " +
                     description_.model_type + " model");
            }
        }
    }

    Decoder::Weights load(Compute &compute) {
        const std::vector<WeightSpec> specs = weight_specs(description_);
        const StoredTensor embedding = tensor(specs.front(), ".weight", specs.front().shape);
        compute = choose_compute(compute.device, options_.compute, embedding.info->dtype);
        compute_ = compute;

        Decoder::Weights weights;
        LayerParts parts;
        for (const WeightSpec &spec : specs) {
            if (spec.layer != parts.layer && parts.layer >= 0) weights.layers.push_back(assemble(std::exchange(parts, {})));
            parts.layer = spec.layer;
            switch (spec.slot) {
                case Slot::TokenEmbedding:
                    weights.token_embedding = plain(spec, compute_.weights);
                    break;
                case Slot::PositionEmbedding:
                    weights.position_embedding = plain(spec, compute_.weights);
                    break;
                case Slot::AttentionNorm:
                    parts.attention_norm = norm(spec);
                    break;
                case Slot::Query:
                    parts.attention.query = linear(spec);
                    break;
                case Slot::Key:
                    parts.attention.key = linear(spec);
                    break;
                case Slot::Value:
                    parts.attention.value = linear(spec);
                    break;
                case Slot::QueryKeyValue:
                    parts.attention.query_key_value = linear(spec);
                    break;
                case Slot::QueryNorm:
                    parts.attention.query_norm = norm(spec);
                    break;
                case Slot::KeyNorm:
                    parts.attention.key_norm = norm(spec);
                    break;
                case Slot::AttentionOutput:
                    parts.attention.output = linear(spec);
                    break;
                case Slot::MlpNorm:
                    parts.feed_forward_norm = norm(spec);
                    break;
                case Slot::Gate:
                    parts.gate = linear(spec);
                    break;
                case Slot::Up:
                    parts.up = linear(spec);
                    break;
                case Slot::Down:
                    parts.down = linear(spec);
                    break;
                case Slot::FinalNorm:
                    weights.final_norm = norm(spec);
                    break;
                case Slot::Head:
                    weights.head = linear(spec);
                    break;
            }
        }
        if (description_.tied_embeddings) weights.head = make_linear(weights.token_embedding, compute_);
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

    /// The module's name as this checkpoint spells it.
    std::string stored_name(const WeightSpec &spec) const {
        if (checkpoint_.find(spec.module + ".weight").info != nullptr) return spec.module;
        const std::string bare(without_root(description_, spec.module));
        if (checkpoint_.find(bare + ".weight").info != nullptr) return bare;
        fail("tensor \"" + spec.module + ".weight\" " + shape_text(spec.shape) + " is missing from the checkpoint");
    }

    StoredTensor tensor(const WeightSpec &spec, const char *end, const std::vector<std::int64_t> &shape) const {
        const std::string name = stored_name(spec) + end;
        const StoredTensor stored = checkpoint_.find(name);
        if (stored.info == nullptr) fail("tensor \"" + name + "\" " + shape_text(shape) + " is missing from the checkpoint");
        if (stored.info->shape != shape) {
            fail("tensor \"" + name + "\" has the shape " + shape_text(stored.info->shape) + ", config.json asks for " +
                 shape_text(shape));
        }
        if (!scalar_type(stored.info->dtype))
            fail("tensor \"" + name + "\" has the type " + std::string(name_of(stored.info->dtype)) +
                 ", which is not computed with");
        return stored;
    }

    at::Tensor take(const StoredTensor &stored, std::optional<at::ScalarType> type) {
        at::Tensor result = load_tensor(stored, compute_, type);
        advance(stored, LoadStage::LoadingWeights);
        return result;
    }

    at::Tensor plain(const WeightSpec &spec, std::optional<at::ScalarType> type) {
        return take(tensor(spec, ".weight", spec.shape), type);
    }

    Norm norm(const WeightSpec &spec) {
        at::Tensor weight = plain(spec, compute_.activations), bias;
        if (spec.bias) bias = take(tensor(spec, ".bias", {spec.shape[0]}), compute_.activations);
        return {description_.norm, std::move(weight), std::move(bias), description_.norm_eps};
    }

    std::unique_ptr<Linear> linear(const WeightSpec &spec) {
        const std::string name = stored_name(spec);
        const bool conv1d = description_.conv1d && spec.role == TensorRole::Linear;
        Result<StoredLinear> read = read_linear(checkpoint_, name, conv1d);
        if (!read) throw LoadFailure{read.error()};
        StoredLinear stored = std::move(*read);
        if (stored.out != spec.shape[0] || stored.in != spec.shape[1]) {
            fail("tensor \"" + name + ".weight\" has the shape " +
                 shape_text(conv1d ? std::vector{stored.in, stored.out} : std::vector{stored.out, stored.in}) +
                 ", config.json asks for " + shape_text(conv1d ? std::vector{spec.shape[1], spec.shape[0]} : spec.shape));
        }
        if (spec.bias) {
            stored.bias = tensor(spec, ".bias", {spec.shape[0]});
        } else {
            stored.bias = {};
        }
        LoadStage stage = LoadStage::LoadingWeights;
        if (options_.quantize.value_or(Scheme::Plain) != Scheme::Plain && spec.role == TensorRole::Linear) {
            Result<StoredLinear> quantized = quantize_linear(stored, *options_.quantize, name);
            if (!quantized) throw LoadFailure{quantized.error()};
            stored = std::move(*quantized);
            stage = LoadStage::Quantizing;
        }
        std::unique_ptr<Linear> result = make_linear(stored, compute_);
        for (const TensorInfo &info : checkpoint_.tensors()) {
            // The weight, its companions and the bias: all that begins with the module's name and a dot.
            if (info.name.size() > name.size() && info.name[name.size()] == '.' && info.name.compare(0, name.size(), name) == 0)
                advance(checkpoint_.find(info.name), stage);
        }
        return result;
    }

    void advance(const StoredTensor &stored, LoadStage stage) {
        checkpoint_.release(stored.info->name);
        progress_.stage = compute_.device.is_cuda() && stage == LoadStage::LoadingWeights ? LoadStage::MovingToGpu : stage;
        progress_.bytes_done += stored.info->bytes;
        if (observer_ && !observer_(progress_)) throw LoadFailure{{ErrorCode::Cancelled, "loading was cancelled"}};
    }

    const Checkpoint &checkpoint_;
    const DecoderDescription &description_;
    const LoadOptions &options_;
    const LoadObserver &observer_;
    Compute compute_;
    LoadProgress progress_;
};

}  // namespace

Result<std::unique_ptr<Decoder>> load_decoder(const Checkpoint &checkpoint, DecoderDescription description,
                                              const LoadOptions &options, const LoadObserver &observer) {
    try {
        Compute compute;
        compute.device = options.device.kind == DeviceKind::Cuda
                             ? at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(options.device.index))
                             : at::Device(at::kCPU);
        Loader loader(checkpoint, description, options, observer);
        loader.refuse_strangers();
        Decoder::Weights weights = loader.load(compute);
        return std::make_unique<Decoder>(std::move(description), compute, std::move(weights));
    } catch (LoadFailure &failure) {
        return std::move(failure.error);
    }
}

}  // namespace millm::engine
