#include "core/engine/plugin/model_loader.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_check.h"
#include "core/engine/layers/device_runtime.h"
#include "core/engine/layers/packed_linear.h"
#include "core/engine/packed_head.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/layout.h"

#include <algorithm>
#include <compare>
#include <deque>
#include <map>
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

/// Whether fast products round inputs to one byte each: of gate and up, and at 4 bits of attention too. What a gate was
/// multiplied by has outliers, which cost the rest of their block its precision (docs/numerics.md).
bool takes_narrow_inputs(const WeightSpec &spec, const StoredLinear &stored) {
    constexpr Slot feeds[] = {Slot::Gate, Slot::Up, Slot::ExpertGate, Slot::ExpertUp, Slot::SharedGate, Slot::SharedUp},
                   attends[] = {Slot::Query, Slot::Key, Slot::Value, Slot::AttentionOutput};
    const bool four_bit = std::holds_alternative<FourBitWeight>(stored.weight);
    return std::ranges::all_of(spec.row->slots, [&](Slot slot) {
        return slot == Slot::None || std::ranges::find(feeds, slot) != std::end(feeds) ||
               (four_bit && std::ranges::find(attends, slot) != std::end(attends));
    });
}

/// Gives back what uploads took, however loading ends.
struct EndOfUploads {
    at::Device device;
    ~EndOfUploads() {
        if (const DeviceRuntime *runtime = device_runtime(device); runtime != nullptr && runtime->end_uploads != nullptr)
            runtime->end_uploads();
    }
};

/// Thrown inside this file only: building a tree of layers has no room for a Result at every leaf.
struct LoadFailure {
    Error error;
};

/// The checkpoint's tensors as weights that compute.
class Loader {
public:
    Loader(const Checkpoint &checkpoint, const DecoderDescription &description, const WeightPlan &plan,
           const LoadOptions &options, const LoadObserver &observer)
        : checkpoint_(checkpoint), description_(description), options_(options), observer_(observer) {
        quantized_layers_ = options.quantize.value_or(Scheme::Plain) != Scheme::Plain ||
                            std::ranges::any_of(checkpoint.tensors(), [&](const TensorInfo &info) {
                                return tells_quantized(role_of(description, info.name), info.name);
                            });
        for (const PlannedWeight &weight : plan.weights) {
            progress_.bytes_total += weight.bytes;
            for (const Slot slot : weight.spec.row->slots)
                if (slot != Slot::None) places_.emplace(Key{weight.spec.layer, slot, weight.spec.number}, &weight);
        }
    }

    /// All weights; no head where it is the embedding.
    Decoder::Weights load(Compute &compute) {
        const PlannedWeight &tokens = *find(-1, Slot::TokenEmbedding);
        compute = choose_compute(compute.device, options_.compute, tensor(tokens).info->dtype);
        compute.products = options_.products;
        kernels_remark_ = check_device_kernels(compute.device, compute.activations);
        compute_ = compute;
        Layer outer(*this, -1);
        WeightSource &outside = outer;
        Decoder::Weights weights;
        weights.token_embedding = plain(tokens, compute_.weights);
        if (const PlannedWeight *positions = find(-1, Slot::PositionEmbedding))
            weights.position_embedding = plain(*positions, compute_.weights);
        if (const PlannedWeight *types = find(-1, Slot::TypeEmbedding))
            weights.type_embedding = plain(*types, compute_.weights);
        weights.embedding_norm = outside.norm(Slot::EmbeddingNorm, description_.embedding_norm, description_.hidden);
        if (description_.embedding_size > 0) {
            weights.input_projection = outside.linear(Slot::InputProjection);
            weights.output_projection = outside.linear(Slot::OutputProjection);
        }
        if (description_.token_inputs.size > 0) weights.token_inputs = std::make_unique<TokenInputs>(description_, outside);
        if (description_.streams.count > 1) weights.stream_ends = std::make_unique<StreamEnds>(description_.streams, outside);
        for (std::int64_t layer = 0; layer < description_.depth(); ++layer) {
            Layer inside(*this, layer);
            weights.layers.emplace_back(description_, layer, inside);
        }
        weights.final_norm = outside.norm(Slot::FinalNorm, description_.final_norm, description_.hidden);
        const PlannedWeight *head = find(-1, Slot::Head);
        weights.tied = head == nullptr || is_embedding(*head, tensor(tokens));
        if (!weights.tied) {
            weights.head = small_head(*head);
            if (weights.head)
                advance(*head, LoadStage::Quantizing);
            else
                weights.head = linear(*head, 0);
        }
        if (const PlannedWeight *bias = find(-1, Slot::HeadBias); bias != nullptr && weights.tied)
            weights.head_bias = plain(*bias, at::kFloat);
        if (weights.tied && description_.has_head) {
            weights.head = small_head(tokens);
            release(tokens);
            weights.head_is_embedding = !weights.head;
            if (!weights.head) weights.head = make_linear(weights.token_embedding, compute);
        }
        return weights;
    }

    /// What is to be told of the device's kernels, or nothing.
    const std::string &kernels_remark() const { return kernels_remark_; }

private:
    /// One layer's weights, for the parts that are made of them.
    class Layer : public WeightSource {
    public:
        Layer(Loader &loader, std::int64_t layer) : loader_(loader), layer_(layer) {}

        const Compute &compute() const override { return loader_.compute_; }

        std::unique_ptr<Linear> linear(Slot slot, std::int64_t number) override {
            return loader_.linear(loader_.need(layer_, slot, number), number);
        }

        Projections projections(std::span<const Slot> slots, std::int64_t number) override {
            Projections all;
            std::vector<const PlannedWeight *> done;
            for (const Slot slot : slots) {
                const PlannedWeight *weight = loader_.find(layer_, slot, number);
                if (weight == nullptr || std::ranges::find(done, weight) != done.end()) continue;
                done.push_back(weight);
                Projections::Product product;
                product.groups = loader_.groups_of(weight->spec);
                for (std::size_t i = 0; i < weight->spec.widths.size(); ++i) {
                    const auto place = std::ranges::find(slots, weight->spec.row->slots[i]) - slots.begin();
                    product.places.push_back(static_cast<std::size_t>(place));
                    product.widths.push_back(weight->spec.widths[i] / product.groups);
                }
                product.linear = loader_.linear(*weight, number);
                all.add(std::move(product));
            }
            return all;
        }

        Norm norm(Slot slot, const NormDescription &description, std::int64_t size, std::int64_t heads) override {
            if (!description.exists()) return {};
            const at::TensorOptions options = at::TensorOptions(compute().activations).device(compute().device);
            if (!description.weight) return {description, size, {}, {}, options};
            std::vector<at::Tensor> weights, biases;
            // Heads' own weights lie in one tensor, or in one each.
            const PlannedWeight *first = loader_.find(layer_, slot, 0);
            const bool each = first != nullptr && first->spec.number == 0;
            for (std::int64_t number = each ? 0 : -1; number < (each ? heads : 0); ++number) {
                const PlannedWeight &weight = loader_.need(layer_, slot, number);
                weights.push_back(loader_.plain(weight, compute().activations));
                if (weight.spec.bias) biases.push_back(loader_.bias(weight));
            }
            const auto joined = [&](std::vector<at::Tensor> &list) {
                if (list.empty()) return at::Tensor();
                if (each) return at::stack(list);
                return heads > 0 && list.front().dim() == 1 ? list.front().view({heads, size}) : list.front();
            };
            return {description, size, joined(weights), joined(biases), options};
        }

        at::Tensor table(Slot slot) override { return loader_.plain(loader_.need(layer_, slot, -1), compute().weights); }

        at::Tensor vector(Slot slot) override { return loader_.plain(loader_.need(layer_, slot, -1), at::kFloat).flatten(); }

        at::Tensor matrix(Slot slot) override {
            const PlannedWeight &weight = loader_.need(layer_, slot, -1);
            loader_.announce(weight, 1);
            const StoredLinear stored = loader_.stored_linear(weight, -1);
            at::Tensor values = at::empty({stored.out, stored.in}, at::kFloat);
            dequantize_rows(stored, 0, stored.out, values.mutable_data_ptr<float>());
            loader_.advance(weight, LoadStage::LoadingWeights);
            return values.to(compute().device, compute().weights.value_or(scalar_type(stored.dtype).value_or(at::kFloat)));
        }

    private:
        Loader &loader_;
        std::int64_t layer_;
    };

    struct Key {
        std::int64_t layer;
        Slot slot;
        std::int64_t number;
        auto operator<=>(const Key &) const = default;
    };

    const PlannedWeight *find(std::int64_t layer, Slot slot, std::int64_t number = -1) const {
        auto found = places_.find({layer, slot, number});
        // An expert of a stack.
        if (found == places_.end() && number >= 0) found = places_.find({layer, slot, -1});
        return found == places_.end() || (number >= 0 && found->second->spec.number < 0 && found->second->spec.stacked == 0)
                   ? nullptr
                   : found->second;
    }
    const PlannedWeight &need(std::int64_t layer, Slot slot, std::int64_t number) const {
        const PlannedWeight *weight = find(layer, slot, number);
        TORCH_CHECK(weight != nullptr, "the plan of weights lacks a slot of layer ", layer);
        return *weight;
    }

    [[noreturn]] static void fail(std::string message) { throw LoadFailure{{ErrorCode::InvalidFile, std::move(message)}}; }

    StoredTensor tensor(const PlannedWeight &weight) const { return checkpoint_.find(weight.spec.weight_name()); }

    /// How often a product's slots repeat in it.
    std::int64_t groups_of(const WeightSpec &spec) const {
        if (spec.widths.size() == 1 || spec.row->cut == Cut::Blocks) return 1;
        if (spec.row->cut == Cut::Columns) return spec.widths[0];
        if (spec.row->cut == Cut::Quarters) return 4;
        const auto &layer = description_.layers[static_cast<std::size_t>(spec.layer)];
        if (spec.row->cut == Cut::DeltaKeyHeads) return std::get<GatedDeltaDescription>(layer.mixer).key_heads;
        if (const auto *linear = std::get_if<LinearAttentionDescription>(&layer.mixer)) return linear->heads;
        const auto &attention = std::get<AttentionDescription>(layer.mixer);
        return spec.row->cut == Cut::QueryHeads ? attention.heads : attention.kv_heads;
    }

    /// Whether a tied head that is stored is the embedding once more, which then is kept once.
    bool is_embedding(const PlannedWeight &head, const StoredTensor &embedding) {
        if (!description_.tied_embeddings || head.foreign || !same_values(tensor(head), embedding)) return false;
        advance(head, LoadStage::LoadingWeights);
        return true;
    }

    at::Tensor plain(const PlannedWeight &weight, std::optional<at::ScalarType> type) {
        announce(weight, 1);
        at::Tensor result = load_tensor(tensor(weight), compute_, type);
        advance(weight, LoadStage::LoadingWeights);
        return result;
    }

    at::Tensor bias(const PlannedWeight &weight) {
        return load_tensor(checkpoint_.find(weight.spec.bias_name()), compute_, compute_.activations);
    }

    /// One of a stack of tensors, [out, in] or [out] each.
    StoredTensor slice_of(const StoredTensor &stack, std::int64_t number) {
        TensorInfo info = *stack.info;
        const auto count = static_cast<std::uint64_t>(info.shape.front());
        info.name += "[" + std::to_string(number) + "]";
        info.shape.erase(info.shape.begin());
        info.bytes /= count;
        info.begin += static_cast<std::uint64_t>(number) * info.bytes;
        const auto bytes = stack.bytes.subspan(static_cast<std::size_t>(number) * info.bytes, info.bytes);
        return {&slices_.emplace_back(std::move(info)), bytes};
    }

    StoredLinear stored_linear(const PlannedWeight &weight, std::int64_t number) {
        const WeightSpec &spec = weight.spec;
        if (spec.stacked > 0) return expert_of(weight, number);
        Result<StoredLinear> read = weight.foreign ? read_foreign(checkpoint_, *weight.foreign)
                                                   : read_linear(checkpoint_, spec.module, spec.transposed(), spec.bias);
        if (!read) throw LoadFailure{read.error()};
        if (weight.foreign && spec.bias) read->bias = checkpoint_.find(spec.bias_name());
        // The plan compared plain shapes; what a packed weight is only its state tells.
        if (read->out != spec.shape[0] || read->in != spec.shape[1]) {
            fail("tensor \"" + spec.weight_name() + "\" has the shape " + shape_text({read->out, read->in}) +
                 ", config.json asks for " + shape_text(spec.shape));
        }
        return *std::move(read);
    }

    /// Of a stack: a view of its plain tensor, or rows of what it is packed or quantized as.
    StoredLinear expert_of(const PlannedWeight &weight, std::int64_t number) {
        const WeightSpec &spec = weight.spec;
        auto whole = stacks_.find(&weight);
        if (whole == stacks_.end()) whole = stacks_.emplace(&weight, read_whole_stack(weight)).first;
        StoredLinear stored;
        if (whole->second) {
            stored = rows_of(*whole->second, number * spec.shape[0], spec.shape[0]);
        } else {
            const StoredTensor slice = slice_of(tensor(weight), number);
            stored = {spec.shape[0], spec.shape[1], slice.info->dtype, PlainWeight{slice, spec.transposed()}, {}, nullptr};
        }
        if (spec.bias) stored.bias = slice_of(checkpoint_.find(spec.bias_name()), number);
        return stored;
    }

    /// All rows of a stack that is packed, quantized or is to be; nothing where it is plain and stays so.
    std::optional<StoredLinear> read_whole_stack(const PlannedWeight &weight) const {
        const WeightSpec &spec = weight.spec;
        const auto taken = [](auto &&read) {
            if (!read) throw LoadFailure{read.error()};
            return *std::forward<decltype(read)>(read);
        };
        std::optional<StoredLinear> all = weight.foreign ? taken(read_foreign(checkpoint_, *weight.foreign))
                                                         : taken(read_stack(checkpoint_, spec.weight_name()));
        const StoredTensor whole = weight.foreign ? StoredTensor() : tensor(weight);
        const DType dtype = whole.info ? whole.info->dtype : weight.foreign->dtype;
        const TensorInfo as_plain{spec.weight_name(), dtype, spec.stored_shape(), 0, 0};
        const Scheme scheme = options_.quantize.value_or(Scheme::Plain);
        if ((!all || weight.foreign) && fate_of(description_, spec.role, as_plain, scheme) == Fate::Quantize) {
            if (!all)
                all = StoredLinear{spec.stacked * spec.shape[0],
                                   spec.shape[1],
                                   dtype,
                                   PlainWeight{whole, spec.transposed(), spec.stacked},
                                   {},
                                   nullptr};
            return taken(quantize_linear(*all, scheme, spec.module));
        }
        if (!all) return all;
        if (all->out != spec.stacked * spec.shape[0] || all->in != spec.shape[1])
            fail("tensor \"" + spec.weight_name() + "\" is of " + shape_text({all->out, all->in}) + ", config.json asks for " +
                 std::to_string(spec.stacked) + " times " + shape_text(spec.shape));
        if (const auto *four = std::get_if<FourBitWeight>(&all->weight);
            four && spec.shape[0] * spec.shape[1] % four->block != 0)
            fail("tensor \"" + spec.weight_name() + "\": experts of " + shape_text(spec.shape) +
                 " do not begin with a block of " + std::to_string(four->block));
        return all;
    }

    std::unique_ptr<Linear> linear(const PlannedWeight &weight, std::int64_t number) {
        const WeightSpec &spec = weight.spec;
        announce(weight, std::max<std::int64_t>(1, spec.stacked));
        StoredLinear stored = stored_linear(weight, number);
        LoadStage stage = LoadStage::LoadingWeights;
        if (options_.quantize.value_or(Scheme::Plain) != Scheme::Plain && spec.role == TensorRole::Linear &&
            spec.stacked == 0) {
            Result<StoredLinear> quantized = quantize_linear(stored, *options_.quantize, spec.module);
            if (!quantized) throw LoadFailure{quantized.error()};
            stored = std::move(*quantized);
            stage = LoadStage::Quantizing;
        }
        Compute compute = compute_;
        compute.narrow_inputs = takes_narrow_inputs(spec, stored);
        std::unique_ptr<Linear> result = make_linear(stored, compute);
        if (spec.stacked > 0 && options_.quantize.value_or(Scheme::Plain) != Scheme::Plain) stage = LoadStage::Quantizing;
        // A stack's tensor is read until its last expert is there.
        if (spec.stacked == 0 || number == spec.stacked - 1) {
            stacks_.erase(&weight);
            advance(weight, stage);
        }
        return result;
    }

    /// The head in 8 bits a value, of its own weight or of the embedding's; null where it stays as it is stored.
    std::unique_ptr<Linear> small_head(const PlannedWeight &weight) {
        const StoredTensor values = tensor(weight);
        if (!values.info || !is_float(values.info->dtype) || device_runtime(compute_.device) != nullptr ||
            !is_head_packed(description_, compute_.products, quantized_layers_))
            return nullptr;
        announce(weight, 1);
        StoredLinear plain{
            weight.spec.shape[0], weight.spec.shape[1], values.info->dtype, PlainWeight{values, false}, {}, nullptr};
        if (weight.spec.bias) plain.bias = checkpoint_.find(weight.spec.bias_name());
        return make_rounded_cpu_linear(plain, compute_);
    }

    /// One of so many parts of it comes: whoever looks after the memory may say no.
    void announce(const PlannedWeight &weight, std::int64_t parts) {
        progress_.bytes_next = weight.bytes / static_cast<std::uint64_t>(parts);
        tell();
        progress_.bytes_next = 0;
    }

    void tell() const {
        if (observer_ && !observer_(progress_)) throw LoadFailure{{ErrorCode::Cancelled, "loading was cancelled"}};
    }

    void release(const PlannedWeight &weight) {
        for (const std::size_t place : weight.tensors) checkpoint_.release(checkpoint_.tensors()[place].name);
    }

    void advance(const PlannedWeight &weight, LoadStage stage) {
        release(weight);
        progress_.stage = compute_.device.is_cuda() && stage == LoadStage::LoadingWeights ? LoadStage::MovingToGpu : stage;
        progress_.bytes_done += weight.bytes;
        tell();
    }

    const Checkpoint &checkpoint_;
    const DecoderDescription &description_;
    const LoadOptions &options_;
    const LoadObserver &observer_;
    std::map<Key, const PlannedWeight *> places_;
    std::deque<TensorInfo> slices_;
    std::map<const PlannedWeight *, std::optional<StoredLinear>> stacks_;  ///< of the layer that is read
    std::string kernels_remark_;
    bool quantized_layers_ = false;  ///< or will be
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
        const EndOfUploads ends{compute.device};
        Loader loader(checkpoint, description, *plan, options, observer);
        Decoder::Weights weights = loader.load(compute);
        if (!loader.kernels_remark().empty()) remarks.push_back(loader.kernels_remark());
        if (description.has_head && !weights.tied && std::exchange(description.tied_embeddings, false)) {
            remarks.push_back("config.json says that the head is the embedding (tie_word_embeddings), but \"" +
                              plan->weights.back().spec.module + ".weight\" holds other values: those are used");
        }
        return std::make_unique<Decoder>(std::move(description), compute, std::move(weights));
    } catch (LoadFailure &failure) {
        return std::move(failure.error);
    }
}

}  // namespace millm::engine
