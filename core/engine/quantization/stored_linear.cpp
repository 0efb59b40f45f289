#include "core/engine/quantization/stored_linear.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/json.h"
#include "core/engine/quantization/code_tables.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/quantization/linear_quantizer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

namespace millm::engine {
namespace {

constexpr std::int64_t extent_limit = std::int64_t{1} << 31;

/// Reads a tensor of F32 values of a known count.
Result<std::vector<float>> floats(const StoredTensor &tensor, const std::string &name, std::uint64_t count) {
    if (!tensor.info) return invalid_file("tensor \"", printable(name), "\" is missing");
    if (tensor.info->dtype != DType::F32 || tensor.bytes.size() != count * 4)
        return invalid_file("tensor \"", printable(name), "\": ", name_of(tensor.info->dtype), " ",
                            shape_text(tensor.info->shape), ", F32 [", count, "] is wanted");
    std::vector<float> values(count);
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
}

/// What the JSON of quant_state says.
struct QuantState {
    std::int64_t block = 0, out = 0, in = 0;
    DType dtype = DType::F32;
    bool nested = false;
    std::int64_t nested_block = 256;
    float offset = 0;
};

std::optional<std::int64_t> block_size(const JsonValue &object, const char *key) {
    const JsonValue *found = object.find(key);
    const std::int64_t value = found ? found->integer().value_or(0) : 0;
    const bool legal = value >= 32 && value <= 4096 && std::has_single_bit(static_cast<std::uint64_t>(value));
    return legal ? std::optional(value) : std::nullopt;
}

Result<QuantState> parse_state(const StoredTensor &tensor) {
    const std::string shown = printable(tensor.info->name);
    const auto parsed = parse_json_object(
        std::string_view(reinterpret_cast<const char *>(tensor.bytes.data()), tensor.bytes.size()), "tensor \"" + shown + "\"");
    if (!parsed) return parsed.error();
    const JsonValue &object = *parsed;
    QuantState state;
    const auto block = block_size(object, "blocksize");
    if (!block) return invalid_file("tensor \"", shown, "\": blocksize is missing or no power of two from 32 to 4096");
    state.block = *block;
    const JsonValue *shape = object.find("shape");
    std::vector<std::int64_t> extents;
    for (const JsonValue &item : shape ? shape->items() : std::span<const JsonValue>())
        if (const std::int64_t extent = item.integer().value_or(0); extent > 0 && extent < extent_limit)
            extents.push_back(extent);
    if (extents.size() != 2 || shape->items().size() != 2)
        return invalid_file("tensor \"", shown, "\": shape is missing or not two sizes");
    state.out = extents[0];
    state.in = extents[1];
    const std::string *dtype = object.text("dtype");
    if (!dtype) return invalid_file("tensor \"", shown, "\": dtype is missing");
    state.dtype = dtype_from_torch_name(*dtype);
    const JsonValue *offset = object.find("nested_offset");
    state.nested = offset || object.find("nested_blocksize");
    if (state.nested) {
        const auto nested = block_size(object, "nested_blocksize");
        const double number = offset ? offset->number().value_or(std::nan("")) : std::nan("");
        if (!nested || !(std::abs(number) <= std::numeric_limits<float>::max()))
            return invalid_file("tensor \"", shown, "\": nested_blocksize or nested_offset is missing or no number");
        state.nested_block = *nested;
        state.offset = static_cast<float>(number);
    }
    return state;
}

/// The block scales as f32, double quantization undone in the reference's order of operations.
Result<std::vector<float>> read_scales(const Checkpoint &checkpoint, const std::string &weight, const QuantState &state,
                                       std::uint64_t blocks) {
    const std::string name = weight + ".absmax";
    const StoredTensor absmax = checkpoint.find(name);
    if (!absmax.info || absmax.info->dtype != DType::U8) return floats(absmax, name, blocks);
    if (!state.nested) return invalid_file("tensor \"", printable(name), "\": U8, but the quant_state has no nested_offset");
    if (absmax.bytes.size() != blocks)
        return invalid_file("tensor \"", printable(name), "\": ", absmax.bytes.size(), " scales, the weight has ", blocks,
                            " blocks");
    const auto nested_block = static_cast<std::uint64_t>(state.nested_block);
    auto nested = floats(checkpoint.find(weight + ".nested_absmax"), weight + ".nested_absmax",
                         (blocks + nested_block - 1) / nested_block);
    if (!nested) return std::move(nested).error();
    auto map = floats(checkpoint.find(weight + ".nested_quant_map"), weight + ".nested_quant_map", 256);
    if (!map) return std::move(map).error();
    return restore_scales(absmax.bytes, std::span<const float, 256>(*map), *nested, nested_block, state.offset);
}

Result<StoredLinear> read_four_bit(const Checkpoint &checkpoint, const std::string &weight, const StoredTensor &packed,
                                   const StoredTensor &state_tensor) {
    auto state = parse_state(state_tensor);
    if (!state) return std::move(state).error();
    const auto values = static_cast<std::uint64_t>(state->out) * static_cast<std::uint64_t>(state->in),
               wanted = (values + 1) / 2;
    // Other storage types (FSDP) hold the same bytes, filled up to a whole element.
    if (packed.bytes.size() < wanted || packed.bytes.size() - wanted >= size_of(packed.info->dtype))
        return invalid_file("tensor \"", printable(weight), "\": ", packed.bytes.size(), " bytes, shape [", state->out, ", ",
                            state->in, "] in 4 bits is ", wanted);
    const auto block = static_cast<std::uint64_t>(state->block);
    auto scales = read_scales(checkpoint, weight, *state, (values + block - 1) / block);
    if (!scales) return std::move(scales).error();
    auto code = floats(checkpoint.find(weight + ".quant_map"), weight + ".quant_map", 16);
    if (!code) return std::move(code).error();

    FourBitWeight four;
    four.packed = packed.bytes.first(wanted);
    std::copy(code->begin(), code->end(), four.code.begin());
    four.absmax = *std::move(scales);
    four.block = state->block;
    return StoredLinear{state->out, state->in, state->dtype, std::move(four), {}, nullptr};
}

/// int8 files do not say what the weight was before: the bias, or else any other float tensor, has the model's type.
DType model_dtype(const Checkpoint &checkpoint, const StoredTensor &bias) {
    if (bias.info && is_float(bias.info->dtype)) return bias.info->dtype;
    for (const TensorInfo &info : checkpoint.tensors())
        if (is_float(info.dtype) && info.name.size() > 7 && info.name.compare(info.name.size() - 7, 7, ".weight") == 0)
            return info.dtype;
    return DType::F16;
}

Result<StoredLinear> read_int8(const Checkpoint &checkpoint, const std::string &prefix, const StoredTensor &codes,
                               const StoredTensor &bias) {
    const std::string shown = printable(codes.info->name);
    if (codes.info->dtype != DType::I8 || codes.info->shape.size() != 2)
        return invalid_file("tensor \"", shown, "\": ", name_of(codes.info->dtype), " ", shape_text(codes.info->shape),
                            " beside SCB, I8 with two sizes is wanted");
    if (const StoredTensor format = checkpoint.find(prefix + ".weight_format"); format.info)
        for (const std::byte value : format.bytes)
            if (value != std::byte{0})
                return failure(ErrorCode::Unsupported, "tensor \"", shown, "\": weight_format ", std::to_integer<int>(value),
                               ", only 0 (row-major) is read");
    const std::int64_t out = codes.info->shape[0], in = codes.info->shape[1];
    auto scale = floats(checkpoint.find(prefix + ".SCB"), prefix + ".SCB", static_cast<std::uint64_t>(out));
    if (!scale) return std::move(scale).error();
    Int8Weight int8{{reinterpret_cast<const std::int8_t *>(codes.bytes.data()), codes.bytes.size()}, *std::move(scale)};
    return StoredLinear{out, in, model_dtype(checkpoint, bias), std::move(int8), {}, nullptr};
}

Result<StoredLinear> read_plain(const StoredTensor &weight, bool conv1d) {
    const TensorInfo &info = *weight.info;
    if (info.shape.size() != 2)
        return invalid_file("tensor \"", printable(info.name), "\": shape ", shape_text(info.shape), ", a matrix is wanted");
    if (!is_float(info.dtype))
        return failure(ErrorCode::Unsupported, "tensor \"", printable(info.name), "\": ", name_of(info.dtype),
                       " weights without bitsandbytes' tensors beside them are not read");
    const std::int64_t out = info.shape[conv1d ? 1 : 0], in = info.shape[conv1d ? 0 : 1];
    return StoredLinear{out, in, info.dtype, PlainWeight{weight, conv1d}, {}, nullptr};
}

}  // namespace

std::uint64_t StoredLinear::weight_bytes() const {
    if (const auto *four = std::get_if<FourBitWeight>(&weight)) return four->packed.size() + four->absmax.size() * 4;
    if (const auto *int8 = std::get_if<Int8Weight>(&weight)) return int8->codes.size() + int8->scale.size() * 4;
    return std::get<PlainWeight>(weight).tensor.bytes.size();
}

Result<StoredLinear> read_linear(const Checkpoint &checkpoint, std::string_view prefix, bool conv1d, bool with_bias) {
    const std::string owner(prefix), weight_name = owner + ".weight";
    const StoredTensor weight = checkpoint.find(weight_name),
                       bias = with_bias ? checkpoint.find(owner + ".bias") : StoredTensor();
    if (!weight.info) return invalid_file("tensor \"", printable(weight_name), "\" is missing");
    StoredTensor state = checkpoint.find(weight_name + ".quant_state.bitsandbytes__nf4");
    if (!state.info) state = checkpoint.find(weight_name + ".quant_state.bitsandbytes__fp4");

    Result<StoredLinear> linear = state.info                             ? read_four_bit(checkpoint, weight_name, weight, state)
                                  : checkpoint.find(owner + ".SCB").info ? read_int8(checkpoint, owner, weight, bias)
                                                                         : read_plain(weight, conv1d);
    if (!linear || !bias.info) return linear;
    if (bias.info->elements() != linear->out || !is_float(bias.info->dtype))
        return invalid_file("tensor \"", printable(bias.info->name), "\": ", name_of(bias.info->dtype), " ",
                            shape_text(bias.info->shape), ", the layer has ", linear->out, " outputs");
    linear->bias = bias;
    return linear;
}

void dequantize_rows(const StoredLinear &linear, std::int64_t first, std::int64_t count, float *out) {
    const std::int64_t in = linear.in;
    if (const auto *four = std::get_if<FourBitWeight>(&linear.weight)) {
        for (std::int64_t i = first * in, last = (first + count) * in; i < last; ++i) {
            const int byte = std::to_integer<int>(four->packed[static_cast<std::size_t>(i / 2)]);
            *out++ = four->code[static_cast<std::size_t>(i % 2 ? byte & 15 : byte >> 4)] *
                     four->absmax[static_cast<std::size_t>(i / four->block)];
        }
    } else if (const auto *int8 = std::get_if<Int8Weight>(&linear.weight)) {
        constexpr float per_code = 1.0f / 127.0f;
        for (std::int64_t row = first; row < first + count; ++row)
            for (std::int64_t k = 0; k < in; ++k)
                *out++ = static_cast<float>(int8->codes[static_cast<std::size_t>(row * in + k)]) *
                         int8->scale[static_cast<std::size_t>(row)] * per_code;
    } else {
        const auto &plain = std::get<PlainWeight>(linear.weight);
        const DType dtype = plain.tensor.info->dtype;
        const std::byte *bytes = plain.tensor.bytes.data();
        const std::size_t width = size_of(dtype);
        if (!plain.transposed)
            return widen(dtype, bytes + static_cast<std::size_t>(first * in) * width, static_cast<std::size_t>(count * in),
                         out);
        std::vector<float> line(static_cast<std::size_t>(count));
        for (std::int64_t k = 0; k < in; ++k) {
            widen(dtype, bytes + static_cast<std::size_t>(k * linear.out + first) * width, line.size(), line.data());
            for (std::int64_t row = 0; row < count; ++row) out[row * in + k] = line[static_cast<std::size_t>(row)];
        }
    }
}

Result<StoredLinear> quantize_linear(const StoredLinear &plain, Scheme scheme, std::string_view name) {
    if (scheme == Scheme::Plain) return plain;
    if (!std::holds_alternative<PlainWeight>(plain.weight)) {
        if (std::holds_alternative<Int8Weight>(plain.weight) == (scheme == Scheme::Int8)) return plain;
        return failure(ErrorCode::Unsupported, "layer \"", printable(name), "\": quantized already, and not as ",
                       scheme_info(scheme).id);
    }
    if (plain.dtype == DType::F64)
        return failure(ErrorCode::Unsupported, "layer \"", printable(name), "\": F64 weights are not quantized");
    LinearQuantizer quantizer(scheme, std::string(name), plain.out, plain.in, plain.dtype);
    auto codes = std::make_shared<std::vector<std::byte>>();
    codes->reserve(static_cast<std::size_t>(scheme == Scheme::Int8 ? plain.out * plain.in : (plain.out * plain.in + 1) / 2));

    const std::int64_t unit = quantizer.slice_rows(),
                       step = unit * std::max<std::int64_t>(1, (std::int64_t{1} << 20) / (plain.in * unit + 1));
    std::vector<float> slice(static_cast<std::size_t>(std::min(step, plain.out) * plain.in));
    for (std::int64_t row = 0; row < plain.out; row += step) {
        const std::int64_t rows = std::min(step, plain.out - row);
        dequantize_rows(plain, row, rows, slice.data());
        auto part = quantizer.add(slice.data(), rows);
        if (!part) return std::move(part).error();
        codes->insert(codes->end(), part->begin(), part->end());
    }
    StoredLinear linear{plain.out, plain.in, plain.dtype, {}, plain.bias, codes};
    if (scheme == Scheme::Int8)
        linear.weight =
            Int8Weight{{reinterpret_cast<const std::int8_t *>(codes->data()), codes->size()}, quantizer.stored_scales()};
    else
        linear.weight = FourBitWeight{*codes, nf4_code, quantizer.stored_scales(), 64};
    return linear;
}

}  // namespace millm::engine
