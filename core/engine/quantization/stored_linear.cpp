#include "core/engine/quantization/stored_linear.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/json.h"
#include "core/engine/quantization/code_tables.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/quantization/linear_quantizer.h"
#include "core/engine/quantization/slices.h"

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

std::size_t shape_size(const JsonValue *shape) {
    return shape ? shape->items().size() : 0;
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
    // A stack is a matrix of all its rows.
    const bool stack = extents.size() == 3;
    if (extents.size() != shape_size(shape) || (extents.size() != 2 && !stack) ||
        (stack && __builtin_mul_overflow(extents[0], extents[1], &extents[1])) || extents[extents.size() - 2] >= extent_limit)
        return invalid_file("tensor \"", shown, "\": shape is missing or not two sizes, or three of a stack");
    state.out = extents[extents.size() - 2];
    state.in = extents.back();
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
    const std::vector<std::int64_t> &shape = codes.info->shape;
    if (codes.info->dtype != DType::I8 || (shape.size() != 2 && shape.size() != 3))
        return invalid_file("tensor \"", shown, "\": ", name_of(codes.info->dtype), " ", shape_text(codes.info->shape),
                            " beside SCB, I8 with two sizes is wanted");
    if (const StoredTensor format = checkpoint.find(prefix + ".weight_format"); format.info)
        for (const std::byte value : format.bytes)
            if (value != std::byte{0})
                return failure(ErrorCode::Unsupported, "tensor \"", shown, "\": weight_format ", std::to_integer<int>(value),
                               ", only 0 (row-major) is read");
    const std::int64_t out = shape.size() == 3 ? shape[0] * shape[1] : shape[0], in = shape.back();
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

StoredTensor find_state(const Checkpoint &checkpoint, const std::string &weight) {
    const StoredTensor state = checkpoint.find(weight + ".quant_state.bitsandbytes__nf4");
    return state.info ? state : checkpoint.find(weight + ".quant_state.bitsandbytes__fp4");
}

/// Parts of a packed weight in a folder's mapping, which lives as long as the checkpoint.
class MappedParts : public ForeignBytes {
public:
    explicit MappedParts(const Checkpoint &checkpoint) : m_checkpoint(checkpoint) {}

    Result<void> read(const TensorInfo &tensor, std::uint64_t offset, std::span<std::byte> to) const override {
        const StoredTensor stored = m_checkpoint.find(tensor.name);
        if (!stored.info || offset + to.size() > stored.bytes.size())
            return invalid_file("tensor \"", printable(tensor.name), "\" is not whole");
        std::copy_n(stored.bytes.data() + offset, to.size(), to.data());
        return {};
    }

private:
    const Checkpoint &m_checkpoint;
};

}  // namespace

std::uint64_t StoredLinear::weight_bytes() const {
    if (const auto *four = std::get_if<FourBitWeight>(&weight)) return four->packed.size() + four->absmax.size() * 4;
    if (const auto *int8 = std::get_if<Int8Weight>(&weight)) return int8->codes.size() + int8->scale.size() * 4;
    if (std::holds_alternative<RestoredWeight>(weight)) return static_cast<std::uint64_t>(out * in) * size_of(dtype);
    return std::get<PlainWeight>(weight).tensor.bytes.size();
}

Result<StoredLinear> read_linear(const Checkpoint &checkpoint, std::string_view prefix, bool conv1d, bool with_bias) {
    const std::string owner(prefix), weight_name = owner + ".weight";
    const StoredTensor weight = checkpoint.find(weight_name),
                       bias = with_bias ? checkpoint.find(owner + ".bias") : StoredTensor();
    if (!weight.info) return invalid_file("tensor \"", printable(weight_name), "\" is missing");
    const StoredTensor state = find_state(checkpoint, weight_name);

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

Result<std::optional<StoredLinear>> read_stack(const Checkpoint &checkpoint, std::string_view stack) {
    const std::string name(stack);
    const StoredTensor weight = checkpoint.find(name), state = find_state(checkpoint, name);
    const bool eight = checkpoint.find(name + ".SCB").info != nullptr;
    if (!weight.info || (!state.info && !eight)) return std::optional<StoredLinear>();
    auto linear = state.info ? read_four_bit(checkpoint, name, weight, state) : read_int8(checkpoint, name, weight, {});
    if (!linear) return std::move(linear).error();
    return std::optional(*std::move(linear));
}

Result<StoredLinear> read_foreign(const Checkpoint &checkpoint, const ForeignWeight &weight) {
    auto rows = ForeignRows::open(weight, std::make_shared<MappedParts>(checkpoint));
    if (!rows) return std::move(rows).error();
    RestoredWeight restored{std::make_shared<const ForeignRows>(*std::move(rows)), 0};
    return StoredLinear{weight.rows(), weight.in, weight.dtype, std::move(restored), {}, nullptr};
}

StoredLinear rows_of(const StoredLinear &linear, std::int64_t first, std::int64_t count) {
    StoredLinear part{count, linear.in, linear.dtype, {}, {}, linear.owner};
    const auto begin = static_cast<std::size_t>(first * linear.in), values = static_cast<std::size_t>(count * linear.in);
    if (const auto *four = std::get_if<FourBitWeight>(&linear.weight)) {
        const auto block = static_cast<std::size_t>(four->block);
        const auto from = four->absmax.begin() + static_cast<std::ptrdiff_t>(begin / block);
        part.weight = FourBitWeight{four->packed.subspan(begin / 2, (values + 1) / 2),
                                    four->code,
                                    {from, from + static_cast<std::ptrdiff_t>((values + block - 1) / block)},
                                    four->block};
    } else if (const auto *int8 = std::get_if<Int8Weight>(&linear.weight)) {
        const auto from = int8->scale.begin() + static_cast<std::ptrdiff_t>(first);
        part.weight = Int8Weight{int8->codes.subspan(begin, values), {from, from + static_cast<std::ptrdiff_t>(count)}};
    } else {
        const auto &restored = std::get<RestoredWeight>(linear.weight);
        part.weight = RestoredWeight{restored.rows, restored.first + first};
    }
    return part;
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
    } else if (const auto *restored = std::get_if<RestoredWeight>(&linear.weight)) {
        // The parts' sizes were checked before, and a mapping can be read.
        if (!restored->rows->read(restored->first + first, count, out))
            std::fill_n(out, count * in, std::numeric_limits<float>::quiet_NaN());
    } else {
        const auto &plain = std::get<PlainWeight>(linear.weight);
        const DType dtype = plain.tensor.info->dtype;
        const std::byte *bytes = plain.tensor.bytes.data();
        const std::size_t width = size_of(dtype);
        if (!plain.transposed)
            return widen(dtype, bytes + static_cast<std::size_t>(first * in) * width, static_cast<std::size_t>(count * in),
                         out);
        const std::int64_t each = linear.out / plain.count;
        std::vector<float> line;
        for (std::int64_t end = first + count; first < end; first += static_cast<std::int64_t>(line.size())) {
            const std::int64_t matrix = first / each;
            line.resize(static_cast<std::size_t>(std::min(end, (matrix + 1) * each) - first));
            for (std::int64_t k = 0; k < in; ++k) {
                const std::int64_t place = matrix * each * in + k * each + first % each;
                widen(dtype, bytes + static_cast<std::size_t>(place) * width, line.size(), line.data());
                for (std::size_t row = 0; row < line.size(); ++row) out[static_cast<std::int64_t>(row) * in + k] = line[row];
            }
            out += static_cast<std::int64_t>(line.size()) * in;
        }
    }
}

Result<StoredLinear> quantize_linear(const StoredLinear &plain, Scheme scheme, std::string_view name) {
    if (scheme == Scheme::Plain) return plain;
    const bool restored = std::holds_alternative<RestoredWeight>(plain.weight);
    if (!restored && !std::holds_alternative<PlainWeight>(plain.weight)) {
        if (std::holds_alternative<Int8Weight>(plain.weight) == (scheme == Scheme::Int8)) return plain;
        return failure(ErrorCode::Unsupported, "layer \"", printable(name), "\": quantized already, and not as ",
                       scheme_info(scheme).id);
    }
    if (plain.dtype == DType::F64)
        return failure(ErrorCode::Unsupported, "layer \"", printable(name), "\": F64 weights are not quantized");
    LinearQuantizer quantizer(scheme, std::string(name), {plain.out, plain.in}, plain.dtype);
    auto codes = std::make_shared<std::vector<std::byte>>(quantizer.code_bytes(plain.out));
    const std::int64_t unit = quantizer.slice_rows(),
                       step = unit * std::max<std::int64_t>(1, (std::int64_t{1} << 20) / (plain.in * unit + 1));
    const auto quantized = each_slice({plain.out, plain.in}, step, [&](std::int64_t row, std::int64_t rows, float *values) {
        dequantize_rows(plain, row, rows, values);
        return quantizer.add(row, values, rows, codes->data() + quantizer.code_bytes(row));
    });
    if (!quantized) return quantized.error();
    StoredLinear linear{plain.out, plain.in, plain.dtype, {}, plain.bias, codes};
    if (scheme == Scheme::Int8)
        linear.weight =
            Int8Weight{{reinterpret_cast<const std::int8_t *>(codes->data()), codes->size()}, quantizer.stored_scales()};
    else
        linear.weight = FourBitWeight{*codes, nf4_code, quantizer.stored_scales(), 64};
    return linear;
}

}  // namespace millm::engine
