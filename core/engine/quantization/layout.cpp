#include "core/engine/quantization/layout.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace millm::engine {
namespace {

// Python's longest text of a float that a float32 widens to: "0.00012345678901234567".
constexpr std::size_t longest_float = 22;

/// As Python's repr: shortest digits that read back, positional from 1e-4 to 1e16.
std::string python_float(double value) {
    std::array<char, 64> text;
    const double magnitude = std::fabs(value);
    const auto format =
        value == 0 || (magnitude >= 1e-4 && magnitude < 1e16) ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
    std::string result(text.data(), end);
    if (result.find_first_of(".e") == std::string::npos) result += ".0";
    return result;
}

bool is_named_quantized(std::string_view name) {
    return name.find(".quant_state.bitsandbytes__") != std::string_view::npos || name.ends_with(".SCB");
}

/// A matrix, or a stack of matrices none of which begins inside a block of scales.
bool is_quantizable(const TensorInfo &tensor, Scheme scheme) {
    if (tensor.shape.size() == 3) return scheme != Scheme::NF4 || tensor.shape[1] * tensor.shape[2] % 64 == 0;
    return tensor.shape.size() == 2 && tensor.name.ends_with(".weight");
}

TensorInfo tensor(std::string name, DType dtype, std::vector<std::int64_t> shape) {
    TensorInfo info{std::move(name), dtype, std::move(shape), 0, 0};
    info.bytes = static_cast<std::uint64_t>(info.elements()) * size_of(dtype);
    return info;
}

}  // namespace

Fate fate_of(const DecoderDescription &decoder, const TensorInfo &tensor, Scheme scheme) {
    return fate_of(decoder, role_of(decoder, tensor.name), tensor, scheme);
}

Fate fate_of(const DecoderDescription &decoder, TensorRole role, const TensorInfo &tensor, Scheme scheme) {
    switch (role) {
        case TensorRole::Buffer:
        case TensorRole::Unknown:
            return Fate::Drop;
        case TensorRole::Head:
            // One that has bytes of its own may differ from the embedding: only its values tell.
            return decoder.tied_embeddings && tensor.shared ? Fate::Drop : Fate::Keep;
        case TensorRole::Linear:
            return scheme != Scheme::Plain && is_quantizable(tensor, scheme) ? Fate::Quantize : Fate::Keep;
        default:
            return Fate::Keep;
    }
}

bool tells_quantized(const DecoderDescription &decoder, std::string_view name) {
    return is_named_quantized(name) && role_of(decoder, name) == TensorRole::Companion;
}

bool tells_quantized(TensorRole role, std::string_view name) {
    return role == TensorRole::Companion && is_named_quantized(name);
}

LinearShape linear_shape(const DecoderDescription &decoder, const TensorInfo &weight) {
    return linear_shape(place_of(decoder, weight.name).storage, weight);
}

LinearShape linear_shape(Storage storage, const TensorInfo &weight) {
    const std::int64_t count = weight.shape.size() == 3 ? weight.shape[0] : 0;
    const std::int64_t a = weight.shape[weight.shape.size() - 2], b = weight.shape.back();
    if (storage == Storage::InOut || storage == Storage::StackedInOut) return {b, a, true, count};
    return {a, b, false, count};
}

std::vector<TensorInfo> quantized_tensors(const std::string &name, const LinearShape &shape, DType dtype, Scheme scheme) {
    if (scheme == Scheme::Int8) {
        const std::string module = shape.count > 0 ? name : name.substr(0, name.size() - std::string_view(".weight").size());
        std::vector<std::int64_t> scales{shape.out}, codes{shape.out, shape.in};
        if (shape.count > 0)
            for (auto *sizes : {&scales, &codes}) sizes->insert(sizes->begin(), shape.count);
        return {tensor(name, DType::I8, codes), tensor(module + ".SCB", DType::F32, scales),
                tensor(module + ".weight_format", DType::U8, {})};
    }
    const std::int64_t values = shape.rows() * shape.in, blocks = (values + 63) / 64;
    return {
        tensor(name, DType::U8, {(values + 1) / 2, 1}),
        tensor(name + ".absmax", DType::U8, {blocks}),
        tensor(name + ".nested_absmax", DType::F32, {(blocks + 255) / 256}),
        tensor(name + ".nested_quant_map", DType::F32, {256}),
        tensor(name + ".quant_map", DType::F32, {16}),
        tensor(name + ".quant_state.bitsandbytes__nf4", DType::U8,
               {static_cast<std::int64_t>(quant_state_text(shape, dtype, 0).size())}),
    };
}

std::string quant_state_text(const LinearShape &shape, DType dtype, float offset) {
    const std::string number = python_float(offset);
    std::string text = "{\"quant_type\": \"nf4\", \"blocksize\": 64, \"dtype\": \"" + std::string(torch_name_of(dtype)) +
                       "\", \"shape\": [" + (shape.count > 0 ? std::to_string(shape.count) + ", " : "") +
                       std::to_string(shape.out) + ", " + std::to_string(shape.in) +
                       "], \"nested_blocksize\": 256, \"nested_dtype\": \"float32\", \"nested_offset\": " + number + "}";
    return text + std::string(longest_float - std::min(longest_float, number.size()), ' ');
}

std::string_view torch_name_of(DType dtype) {
    switch (dtype) {
        case DType::F16:
            return "float16";
        case DType::BF16:
            return "bfloat16";
        case DType::F64:
            return "float64";
        default:
            return "float32";
    }
}

DType dtype_from_torch_name(std::string_view name) {
    if (name.substr(0, 6) == "torch.") name.remove_prefix(6);
    return name == "bfloat16" ? DType::BF16 : name == "float16" || name == "half" ? DType::F16 : DType::F32;
}

}  // namespace millm::engine
