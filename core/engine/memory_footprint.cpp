#include "core/engine/memory_footprint.h"

#include "core/engine/architectures/parameters.h"
#include "core/engine/architectures/state_shape.h"
#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/safetensors_writer.h"
#include "core/engine/decimal.h"
#include "core/engine/foreign/tensors.h"
#include "core/engine/kernels/cpu/packing.h"
#include "core/engine/packed_head.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/workspace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace millm::engine {
namespace {

constexpr std::uint64_t MiB = std::uint64_t{1} << 20;
// Of a libtorch process on a GPU: driver context and kernels, invisible to torch's allocator; typical, not measured.
constexpr std::uint64_t cuda_context = 450 * MiB;
// Of libtorch's libraries on the CPU, once they are open and a first model has run: measured (143 MiB open, 157 behind it).
constexpr std::uint64_t cpu_libraries = 150 * MiB;
// cuBLAS handles and the small buffers that torch keeps.
constexpr std::uint64_t cuda_workspace = 120 * MiB, smallest_scratch = 64 * MiB;
// Prompt tokens that pass the layers at once.
constexpr std::int64_t prefill_chunk = 512, default_context = 4096;
// What a tokenizer takes of memory for each token that it knows: four vendors' took from 245 to 285 bytes.
constexpr std::uint64_t tokenizer_bytes_a_token = 260;

/// A checkpoint's tensors and what each is to the decoder, looked up once for all the sums.
struct Placed {
    const TensorInfo &tensor;
    TensorPlace place;

    Fate fate(const DecoderDescription &decoder, Scheme scheme) const { return fate_of(decoder, place.role, tensor, scheme); }
    /// Is it beside the codes of a quantized weight? Those are no parameters of their own.
    bool is_companion() const;
};
using PlacedTensors = std::vector<Placed>;

PlacedTensors placed(const DecoderDescription &decoder, std::span<const TensorInfo> tensors) {
    PlacedTensors result;
    result.reserve(tensors.size());
    for (const TensorInfo &tensor : tensors) result.push_back({tensor, place_of(decoder, tensor.name)});
    return result;
}

bool is_quantized(const PlacedTensors &tensors) {
    return std::ranges::any_of(tensors, [](const Placed &p) { return tells_quantized(p.place.role, p.tensor.name); });
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool Placed::is_companion() const {
    const std::string_view name = tensor.name;
    return place.role == TensorRole::Companion || name.ends_with(".SCB") || name.ends_with(".weight_format") ||
           contains(name, ".weight.");
}

std::uint64_t unsigned_product(std::int64_t a, std::int64_t b) {
    return static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b);
}

bool is_packed(const FootprintOptions &options, std::int64_t in, std::int64_t block = cpu::packed_block) {
    return !options.cuda && options.products == Products::Fast && cpu::can_pack(in, block);
}

std::uint64_t packed_linear(cpu::Packed form, std::int64_t out, std::int64_t in) {
    const std::int64_t beside = form == cpu::Packed::Bytes ? 4 * cpu::packed_out(out) : form == cpu::Packed::Nibbles ? 16 : 0;
    return static_cast<std::uint64_t>(cpu::packed_bytes(form, out, in) + beside);
}

/// A linear layer kept for computing: codes, scales and the table of 16 code values, in f32 unless the layer is packed; or
/// each of a stack.
std::uint64_t resident_linear(const LinearShape &shape, Scheme scheme, const FootprintOptions &options,
                              std::int64_t block = 64) {
    const auto count = static_cast<std::uint64_t>(std::max<std::int64_t>(shape.count, 1));
    if (is_packed(options, shape.in, scheme == Scheme::Int8 ? cpu::packed_block : block))
        return count * packed_linear(scheme == Scheme::Int8 ? cpu::Packed::Bytes : cpu::Packed::Nibbles, shape.out, shape.in);
    const std::uint64_t values = unsigned_product(shape.out, shape.in), each = static_cast<std::uint64_t>(block);
    if (scheme == Scheme::Int8) return count * (values + 4 * static_cast<std::uint64_t>(shape.out));
    return count * ((values + 1) / 2 + 4 * ((values + each - 1) / each) + 16 * 4);
}

/// A tensor that is not quantized now, of checkpoints that are quantized already too.
std::uint64_t resident_kept(const TensorInfo &tensor, TensorRole role, const ComputeTypes &types) {
    const auto elements = static_cast<std::uint64_t>(tensor.elements());
    if (tensor.name.ends_with(".weight.absmax") || tensor.name.ends_with(".weight.quant_map")) return elements * 4;
    if (contains(tensor.name, ".weight.") || tensor.name.ends_with(".weight_format")) return 0;
    if (!is_float(tensor.dtype)) return tensor.bytes;
    if (role == TensorRole::Companion) return tensor.bytes;
    if (role == TensorRole::Vector) return elements * sizeof(float);
    if (role == TensorRole::Norm || role == TensorRole::Bias) return elements * size_of(types.activations);
    const DType as_stored = tensor.dtype == DType::F64 ? DType::F32 : tensor.dtype;
    return elements * size_of(types.weights.value_or(as_stored));
}

/// A matrix that heads are cut out of, which is kept in plain form however it is stored.
std::uint64_t resident_unpacked(const DecoderDescription &decoder, const TensorInfo &tensor, const ComputeTypes &types) {
    const auto *attention = std::get_if<LatentAttentionDescription>(&decoder.layers.front().mixer);
    if (attention == nullptr) return tensor.bytes;
    const DType stored = !is_float(tensor.dtype) ? types.cache : tensor.dtype == DType::F64 ? DType::F32 : tensor.dtype;
    return unsigned_product(attention->heads * (attention->plain_dim + attention->value_dim), attention->latent) *
           size_of(types.weights.value_or(stored));
}

/// Layers of a checkpoint that is quantized already and that are packed, and stacks: their bytes, and the tensors of which
/// those are made.
struct PackedLayers {
    std::uint64_t bytes = 0;
    std::unordered_set<std::string> tensors;
};

PackedLayers packed_layers(const DecoderDescription &decoder, std::span<const TensorInfo> tensors,
                           const FootprintOptions &options) {
    std::unordered_map<std::string_view, const TensorInfo *> by_name;
    for (const TensorInfo &tensor : tensors) by_name.emplace(tensor.name, &tensor);
    const auto find = [&](const std::string &name) {
        const auto found = by_name.find(name);
        return found == by_name.end() ? nullptr : found->second;
    };
    PackedLayers packed;
    for (const WeightSpec &spec : weight_specs(decoder, [&](const std::string &name) { return by_name.contains(name); })) {
        if (spec.role != TensorRole::Linear || spec.slot() == Slot::LatentUp) continue;
        const LinearShape shape{spec.shape[0], spec.shape[1], false, spec.stacked};
        const TensorInfo *scales = find(spec.weight_name() + ".absmax");
        const bool eight = find(spec.module + ".SCB") != nullptr;
        if (!eight && (scales == nullptr || scales->elements() == 0)) continue;
        const std::int64_t block =
            eight ? cpu::packed_block : std::max<std::int64_t>(1, shape.rows() * shape.in / scales->elements());
        if (spec.stacked == 0 && !is_packed(options, shape.in, block)) continue;
        packed.bytes += resident_linear(shape, eight ? Scheme::Int8 : Scheme::NF4, options, block);
        for (const std::string_view part : {"", ".absmax", ".nested_absmax", ".nested_quant_map", ".quant_map",
                                            ".quant_state.bitsandbytes__nf4", ".quant_state.bitsandbytes__fp4"})
            packed.tensors.insert(spec.weight_name() + std::string(part));
        for (const std::string_view part : {".SCB", ".weight_format"}) packed.tensors.insert(spec.module + std::string(part));
    }
    return packed;
}

/// Of the embeddings, which every checkpoint has; of the first float tensor where this one is only a part.
ComputeTypes types_for(const DecoderDescription &decoder, const PlacedTensors &tensors, const FootprintOptions &options) {
    const auto stored = [&](TensorRole role) {
        return std::ranges::find_if(tensors, [&](const Placed &p) {
            return is_float(p.tensor.dtype) && !p.is_companion() &&
                   (role == TensorRole::Unknown ? p.fate(decoder, Scheme::Plain) != Fate::Drop : p.place.role == role);
        });
    };
    auto found = stored(TensorRole::Embedding);
    if (found == tensors.end()) found = stored(TensorRole::Unknown);
    return compute_types(options.cuda ? DeviceKind::Cuda : DeviceKind::Cpu, options.compute,
                         found == tensors.end() ? DType::F16 : found->tensor.dtype);
}

/// The widest row of values that a layer makes between its input and its output.
std::int64_t widest_row(const DecoderDescription &decoder) {
    std::int64_t widest = 0;
    for (std::int64_t layer = 0; layer < decoder.depth(); ++layer)
        for (const Parameter &parameter : layer_parameters(decoder, layer))
            if (parameter.role == TensorRole::Linear) widest = std::max({widest, parameter.shape[0], parameter.shape[1]});
    return widest;
}

/// Values of the largest linear weight that is kept quantized: what is unpacked before it is multiplied.
std::uint64_t largest_linear(const DecoderDescription &decoder, const PlacedTensors &tensors, Scheme scheme) {
    std::uint64_t largest = 0;
    for (const Placed &p : tensors)
        if (p.place.role == TensorRole::Linear && p.fate(decoder, scheme) == Fate::Quantize) {
            const LinearShape shape = linear_shape(p.place.storage, p.tensor);
            largest = std::max(largest, unsigned_product(shape.out, shape.in));
        }
    return largest;
}

}  // namespace

bool is_head_packed(const DecoderDescription &decoder, Products products, bool quantized_layers) {
    return decoder.has_head && products == Products::Fast && quantized_layers && cpu::can_pack(decoder.embedding_width());
}

std::uint64_t disk_bytes(const DecoderDescription &decoder, std::span<const TensorInfo> tensors, Scheme scheme) {
    const PlainTensors plain = PlainTensors::as_far_as_read(decoder, tensors);
    const PlacedTensors all = placed(decoder, plain.all());
    const bool quantized = is_quantized(all);
    if (quantized) scheme = Scheme::Plain;
    // Weights of one shape become the same parts under other names.
    std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t, DType>, std::vector<TensorInfo>> parts_of;
    std::vector<MeasuredTensor> written;
    for (const Placed &p : all) {
        // Files that are not converted keep what a conversion drops.
        const bool converted = scheme != Scheme::Plain || quantized || plain.packed();
        const Fate fate = converted ? p.fate(decoder, scheme) : Fate::Keep;
        if (fate == Fate::Keep) written.push_back({{}, &p.tensor});
        if (fate != Fate::Quantize) continue;
        const LinearShape shape = linear_shape(p.place.storage, p.tensor);
        const std::string_view ending = shape.count > 0 ? "" : ".weight";
        auto &parts = parts_of[{shape.count, shape.out, shape.in, p.tensor.dtype}];
        if (parts.empty()) parts = quantized_tensors(std::string(ending), shape, p.tensor.dtype, scheme);
        const std::string_view name = p.tensor.name;
        for (const TensorInfo &part : parts) written.push_back({name.substr(0, name.size() - ending.size()), &part});
    }
    std::uint64_t bytes = safetensors_header_bytes(written);
    for (const MeasuredTensor &tensor : written) bytes += tensor.part->bytes;
    return bytes;
}

std::uint64_t parameter_count(const DecoderDescription &decoder, std::span<const TensorInfo> tensors) {
    std::uint64_t count = 0;
    const PlainTensors plain = PlainTensors::as_far_as_read(decoder, tensors);
    for (const Placed &p : placed(decoder, plain.all())) {
        const auto &[tensor, place] = p;
        if (p.is_companion() || p.fate(decoder, Scheme::Plain) == Fate::Drop) continue;
        // Two 4-bit values a byte, whatever type the bytes are stored as ([n/2, 1]).
        const bool packed = place.role == TensorRole::Linear && tensor.shape.size() == 2 && tensor.shape[1] == 1 &&
                            tensor.dtype != DType::I8 && tensor.shape[0] > 1;
        count += packed ? tensor.bytes * 2 : static_cast<std::uint64_t>(tensor.elements());
    }
    return count;
}

std::int64_t context_limit(const DecoderDescription &decoder) {
    std::int64_t limit = decoder.max_positions;
    // Dynamic rotary scaling stretches what the model was trained for.
    for (const RopeDescription &rope : decoder.ropes)
        if (rope.scaling == RopeScaling::Dynamic)
            limit = std::max(limit, static_cast<std::int64_t>(static_cast<double>(decoder.max_positions) * rope.factor));
    return limit;
}

MemoryNeeds::MemoryNeeds(const DecoderDescription &decoder, std::span<const TensorInfo> stored, const FootprintOptions &options)
    : states_(state_shapes(decoder)), longest_(context_limit(decoder)), cuda_(options.cuda) {
    const PlainTensors plain = PlainTensors::as_far_as_read(decoder, stored);
    const std::span<const TensorInfo> tensors = plain.all();
    const PlacedTensors all = placed(decoder, tensors);
    const bool quantized = is_quantized(all);
    const Scheme scheme = quantized ? Scheme::Plain : options.scheme;
    const ComputeTypes types = types_for(decoder, all, options);
    std::uint64_t scratch_values = largest_linear(decoder, all, scheme);
    const PackedLayers packed = quantized ? packed_layers(decoder, tensors, options) : PackedLayers();
    fixed_.weights += packed.bytes;
    // Of a quantized head, which some checkpoints have, the parts are kept as they are.
    const bool plain_head = std::ranges::none_of(
        all, [](const Placed &p) { return p.place.role == TensorRole::Head && !is_float(p.tensor.dtype); });
    const bool head_packed =
        plain_head && !options.cuda && is_head_packed(decoder, options.products, quantized || scheme != Scheme::Plain);
    if (head_packed) fixed_.weights += packed_linear(cpu::Packed::ScaledBytes, decoder.vocab, decoder.embedding_width());
    for (const Placed &p : all) {
        if (packed.tensors.contains(p.tensor.name) || (head_packed && p.place.role == TensorRole::Head)) continue;
        if (p.place.slot == Slot::LatentUp) {
            if (p.place.role == TensorRole::Linear) fixed_.weights += resident_unpacked(decoder, p.tensor, types);
            continue;
        }
        const Fate fate = p.fate(decoder, scheme);
        if (fate == Fate::Keep) fixed_.weights += resident_kept(p.tensor, p.place.role, types);
        if (fate == Fate::Quantize) fixed_.weights += resident_linear(linear_shape(p.place.storage, p.tensor), scheme, options);
    }
    for (const TensorInfo &tensor : options.beside)
        fixed_.weights += resident_kept(tensor, tensor.shape.size() > 1 ? TensorRole::Linear : TensorRole::Bias, types);
    if (quantized) scratch_values = unsigned_product(decoder.hidden, widest_row(decoder));

    if (longest_ <= 0) longest_ = default_context;
    if (options.most_tokens > 0) longest_ = std::min(longest_, options.most_tokens);
    // What looks both ways passes the layers whole.
    chunk_ = decoder.has_head ? prefill_chunk : std::max(prefill_chunk, longest_);
    element_size_ = size_of(types.cache);
    sequences_ = static_cast<std::uint64_t>(std::max<std::int64_t>(options.sequences, 1));
    const std::uint64_t width = size_of(types.activations);
    std::unordered_set<std::string> names;
    for (const TensorInfo &tensor : tensors) names.insert(tensor.name);
    const std::int64_t values = values_of_row(decoder, [&](const std::string &name) { return names.contains(name); });
    row_bytes_ = static_cast<std::uint64_t>(values) * width;
    scratch_ = scratch_values * width;
    const std::uint64_t logits = decoder.has_head ? sequences_ * static_cast<std::uint64_t>(decoder.vocab) * 4 : 0;
    fixed_.workspace = logits + static_cast<std::uint64_t>(decoder.vocab) * tokenizer_bytes_a_token;
    fixed_.context = cpu_libraries;
    if (cuda_) {
        fixed_.workspace += cuda_workspace + fixed_.weights / 50;
        fixed_.context = cuda_context;
    }
}

MemoryFootprint MemoryNeeds::at(std::int64_t context_length) const {
    MemoryFootprint footprint{fixed_};
    footprint.context_length = std::clamp<std::int64_t>(context_length, 0, longest_);
    for (const StateShape &shape : states_) {
        footprint.kv_cache += sequences_ * shape.bytes(footprint.context_length, chunk_, element_size_);
        footprint.kv_bytes_per_token += shape.bytes_per_token(element_size_);
        footprint.fixed_state_bytes += shape.fixed_bytes();
    }
    const std::uint64_t activations = static_cast<std::uint64_t>(std::min(chunk_, footprint.context_length)) * row_bytes_;
    // The CPU never widens a whole weight.
    footprint.workspace += cuda_ ? std::max(activations + scratch_, smallest_scratch) : with_slack(activations);
    return footprint;
}

std::int64_t MemoryNeeds::longest_within(std::int64_t most, std::uint64_t kv_cache, std::uint64_t total) const {
    const auto fits = [&](std::int64_t tokens) {
        const MemoryFootprint footprint = at(tokens);
        return footprint.kv_cache <= kv_cache && footprint.total() <= total;
    };
    std::int64_t good = 0, bad = std::min(most, longest_) + 1;
    while (bad - good > 1) {
        const std::int64_t middle = good + (bad - good) / 2;
        (fits(middle) ? good : bad) = middle;
    }
    return good;
}

MemoryFootprint memory_footprint(const DecoderDescription &decoder, std::span<const TensorInfo> tensors,
                                 const FootprintOptions &options) {
    const MemoryNeeds needs(decoder, tensors, options);
    return needs.at(options.context_length > 0 ? options.context_length : std::min(needs.longest(), default_context));
}

std::string parameters_as_text(std::uint64_t parameters) {
    struct Unit {
        double size;
        const char *letter;
    };
    constexpr std::array units{Unit{1e12, "T"}, Unit{1e9, "B"}, Unit{1e6, "M"}, Unit{1e3, "K"}};
    const auto count = static_cast<double>(parameters);
    for (std::size_t i = 0; i < units.size(); ++i) {
        if (count < units[i].size) continue;
        // 999 999 999 is 1B, not 1000M.
        if (i > 0 && std::round(count / units[i].size) >= 1000) return std::string("1") + units[i - 1].letter;
        const double value = count / units[i].size;
        std::string result = decimal_text(value, std::chars_format::fixed, value < 10 ? 1 : 0);
        if (result.size() > 2 && result.substr(result.size() - 2) == ".0") result.resize(result.size() - 2);
        return result + units[i].letter;
    }
    return std::to_string(parameters);
}

}  // namespace millm::engine
