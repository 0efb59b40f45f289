#include "core/engine/foreign/weight.h"

#include "core/engine/checkpoint/failure.h"

#include <algorithm>
#include <utility>

namespace millm::engine {
namespace {

using Codes = ForeignWeight::Codes;
using Method = ForeignFormat::Method;
using Piece = ForeignWeight::Piece;
using Kind = ForeignPlace::Kind;

/// Far past any model's, and so that no count of bytes leaves 64 bits.
constexpr double most_values = 1e15;
constexpr std::int64_t fp4_block = 32, block_bytes = 16;

constexpr std::array ignored{
    std::string_view(".input_scale"),      std::string_view(".input_global_scale"),
    std::string_view(".input_zero_point"), std::string_view(".output_scale"),
    std::string_view(".activation_scale"), std::string_view(".k_scale"),
    std::string_view(".v_scale"),          std::string_view(".q_scale"),
    std::string_view(".input_scale_ub"),   std::string_view(".prob_output_scale"),
};

Error misfit(const TensorInfo &tensor, std::string_view wanted) {
    return invalid_file("tensor \"", printable(tensor.name), "\": ", name_of(tensor.dtype), " ", shape_text(tensor.shape), ", ",
                        wanted, " is wanted");
}

bool is_byte_code(DType dtype) {
    return dtype == DType::F8_E4M3 || dtype == DType::F8_E5M2 || dtype == DType::I8;
}

std::int64_t parts_of(std::int64_t all, std::int64_t each) {
    return all / each + (all % each != 0 ? 1 : 0);
}

/// Names of the parts beside a module's codes.
struct Names {
    std::string_view scales, zeros, order, factor, shape;
};

struct Suffixes {
    std::string_view codes;  ///< behind the module's name
    Names beside;
};

/// What a format may have beside codes of a name; the codes' type decides between those of one name.
std::vector<Suffixes> suffixes(const ForeignFormat &format) {
    switch (format.method) {
        case Method::None:
            return {};
        case Method::Fp8:
            return {{".weight", {".weight_scale_inv", "", "", "", ""}}};
        case Method::FbgemmFp8:
            return {{".weight", {".weight_scale", "", "", "", ""}}};
        case Method::ModelOpt:
            return {{".weight", {".weight_scale", "", "", ".weight_scale_2", ""}}};
        case Method::Mxfp4:
            return {{"_blocks", {"_scales", "", "", "", ""}}};
        case Method::CompressedTensors:
            return {{".weight", {".weight_scale", ".weight_zero_point", "", "", ""}},
                    {".weight_packed",
                     {".weight_scale", ".weight_zero_point", ".weight_g_idx", ".weight_global_scale", ".weight_shape"}}};
        case Method::Gptq:
        case Method::Awq:
            return {{".qweight", {".scales", ".qzeros", format.method == Method::Gptq ? ".g_idx" : "", "", ""}}};
    }
    return {};
}

bool is_extent(std::int64_t extent) {
    return extent > 0 && extent < std::int64_t{1} << 31;
}

/// Sizes of the weight by its codes' shape.
Result<void> measure(ForeignWeight &weight, const TensorInfo &codes) {
    std::vector<std::int64_t> shape = codes.shape;
    const bool blocks = weight.codes == Codes::Blocks;
    if (!std::ranges::all_of(shape, is_extent) ||
        (blocks ? shape.size() != 4 || shape[3] != block_bytes : shape.size() != 2 && shape.size() != 3))
        return misfit(codes, blocks ? "U8 of [experts, rows, groups, 16]" : "a matrix");
    if (shape.size() > 2) {
        weight.count = shape.front();
        shape.erase(shape.begin());
    }
    if (weight.by_input() && weight.count > 0) return misfit(codes, "a matrix");
    const double values = static_cast<double>(std::max<std::int64_t>(weight.count, 1)) * static_cast<double>(shape[0]) *
                          static_cast<double>(shape[1]) * fp4_block;
    if (values > most_values) return misfit(codes, "a weight of a size that models have");
    const std::int64_t a = shape[0], b = shape[1], each = ForeignWeight::word_bits / std::max(weight.bits, 1);
    switch (weight.codes) {
        case Codes::Bytes:
            weight.out = a, weight.in = b;
            break;
        case Codes::Fp4:
            weight.out = a, weight.in = 2 * b;
            break;
        case Codes::Blocks:
            weight.out = a, weight.in = fp4_block * b;
            break;
        case Codes::Row:
            weight.out = a, weight.in = each * b;
            break;
        case Codes::Column:
            weight.out = b, weight.in = each * a;
            break;
        case Codes::Interleaved:
            weight.out = each * b, weight.in = a;
            break;
    }
    return {};
}

/// Whether the type of a tensor of a codes' name is the codes'; sets how they lie.
bool takes_type(const ForeignFormat &format, const TensorInfo &tensor, std::string_view suffix, ForeignWeight &weight) {
    const bool words = tensor.dtype == DType::I32, bytes = tensor.dtype == DType::U8;
    if (suffix == ".qweight") {
        weight.codes = format.method == Method::Awq ? Codes::Interleaved : Codes::Column;
        weight.bits = format.bits;
        return words;
    }
    if (suffix == "_blocks") {
        weight.codes = Codes::Blocks;
        weight.bits = 4;
        return bytes;
    }
    if (suffix == ".weight_packed" || bytes) {
        const bool fp4 = suffix == ".weight_packed" || format.method == Method::ModelOpt;
        weight.codes = words ? Codes::Row : Codes::Fp4;
        weight.bits = words ? format.bits : 4;
        return words || (bytes && fp4);
    }
    weight.codes = Codes::Bytes;
    return is_byte_code(tensor.dtype) && (tensor.dtype != DType::I8 || format.method == Method::CompressedTensors);
}

void name_parts(ForeignWeight &weight, const ForeignFormat &format, const Names &names) {
    const auto name = [&](ForeignWeight::Part part, std::string_view suffix, bool needed) {
        if (!suffix.empty()) weight.pieces[part] = {weight.module + std::string(suffix), needed, {}};
    };
    const bool integers = weight.codes == Codes::Row || weight.by_input();
    name(ForeignWeight::Scales, names.scales, true);
    if (integers ? format.zeros : weight.codes == Codes::Bytes) name(ForeignWeight::Zeros, names.zeros, integers);
    if (integers) name(ForeignWeight::Order, names.order, format.ordered);
    if (weight.codes == Codes::Row) name(ForeignWeight::Shape, names.shape, false);
    if (weight.codes == Codes::Fp4 && !format.microscales) name(ForeignWeight::Factor, names.factor, true);
    weight.divides = format.method == Method::CompressedTensors;
    weight.zero_behind = format.zero_behind;
    weight.dtype = format.dtype;
}

}  // namespace

TensorInfo ForeignWeight::stand_in(bool turned) const {
    TensorInfo info{name, dtype, {out, in}, 0, 0};
    if (turned || codes == Codes::Blocks) std::swap(info.shape[0], info.shape[1]);
    if (count > 0) info.shape.insert(info.shape.begin(), count);
    info.bytes = static_cast<std::uint64_t>(info.elements()) * size_of(dtype);
    return info;
}

Result<ForeignPlace> foreign_place(const ForeignFormat &format, const TensorInfo &tensor) {
    ForeignPlace place;
    if (!format.packs()) return place;
    const std::string_view name = tensor.name;
    for (const auto &[suffix, names] : suffixes(format)) {
        if (name.ends_with(suffix)) {
            ForeignWeight &weight = place.weight;
            if (!takes_type(format, tensor, suffix, weight)) continue;
            weight.module = name.substr(0, name.size() - suffix.size());
            weight.name = weight.module + (suffix == "_blocks" ? "" : ".weight");
            name_parts(weight, format, names);
            Piece &codes = weight.pieces[ForeignWeight::CodesPart];
            codes = {tensor.name, true, tensor};
            if (auto measured = measure(weight, tensor); !measured) return std::move(measured).error();
            place.kind = Kind::Codes;
            return place;
        }
        for (const std::string_view part : {names.scales, names.zeros, names.order, names.factor, names.shape}) {
            if (part.empty() || !name.ends_with(part)) continue;
            place.kind = Kind::Companion;
            place.module = name.substr(0, name.size() - part.size());
            return place;
        }
    }
    if (std::ranges::any_of(ignored, [&](std::string_view end) { return name.ends_with(end); })) place.kind = Kind::Ignored;
    return place;
}

Result<bool> ForeignWeight::complete(const ForeignFormat &format, const Find &find, std::string *missing) {
    for (Piece &piece : pieces) {
        if (piece.name.empty() || piece.found()) continue;
        if (const TensorInfo *info = find(piece.name)) {
            piece.info = *info;
        } else if (piece.needed) {
            if (missing) *missing = piece.name;
            return false;
        }
    }
    if (auto checked = check_scales(format); !checked) return std::move(checked).error();
    if (auto checked = check_others(); !checked) return std::move(checked).error();
    return true;
}

Result<void> ForeignWeight::check_scales(const ForeignFormat &format) {
    const TensorInfo &scales = piece(Scales).info;
    const bool powers = codes == Codes::Blocks || (codes == Codes::Fp4 && format.microscales);
    const bool power = scales.dtype == DType::U8 || scales.dtype == DType::F8_E8M0;
    const bool integers = codes == Codes::Row || by_input();
    const bool of_type = codes == Codes::Fp4 && !powers ? scales.dtype == DType::F8_E4M3
                         : powers                       ? power
                                                        : is_float(scales.dtype) || (codes == Codes::Bytes && power);
    const bool fits = of_type && (!integers || format.group != 0);
    std::vector<std::int64_t> shape = scales.shape;
    // One of a layer, and one a row, are written in several ways.
    if (codes == Codes::Bytes || codes == Codes::Row) {
        if (count == 0 && scales.elements() == 1) shape = {1, 1};
        if (shape.size() == 1) shape.push_back(1);
    }
    if (count > 0 && (shape.size() != 3 || shape.front() != count)) shape.clear();
    if (count > 0 && !shape.empty()) shape.erase(shape.begin());
    const std::int64_t group = integers ? (format.group < 0 ? in : std::max<std::int64_t>(1, format.group)) : powers ? 32 : 16;
    const auto is = [&](std::int64_t a, std::int64_t b) { return shape.size() == 2 && shape[0] == a && shape[1] == b; };
    const auto set = [&](std::int64_t lines, std::int64_t each_rows, std::int64_t each_columns) {
        scale_lines = lines;
        scale_rows = each_rows;
        scale_columns = each_columns;
        groups = parts_of(in, each_columns);
    };
    const std::int64_t blocks = format.block_rows > 0 ? parts_of(out, format.block_rows) : 0;
    if (fits && by_input() && is(parts_of(in, group), out)) {
        set(1, 1, group);
    } else if (fits && !by_input() && codes != Codes::Bytes && in % group == 0 && is(out, in / group)) {
        set(out, 1, group);
    } else if (fits && codes == Codes::Bytes && blocks > 0 && is(blocks, parts_of(in, format.block_columns))) {
        set(blocks, format.block_rows, format.block_columns);
    } else if (fits && (codes == Codes::Bytes || group == in) && is(1, 1)) {
        set(1, out, in);
    } else if (fits && codes == Codes::Bytes && shape.size() == 2 && shape[0] == out && shape[1] > 0 && in % shape[1] == 0) {
        set(out, 1, in / shape[1]);
    } else {
        return invalid_file("tensor \"", printable(scales.name), "\": ", name_of(scales.dtype), " ", shape_text(scales.shape),
                            " does not go with \"", printable(piece(CodesPart).name), "\" of ",
                            shape_text(piece(CodesPart).info.shape), ", ",
                            codes == Codes::Bytes ? blocks > 0 ? "blocks of [" + std::to_string(format.block_rows) + ", " +
                                                                     std::to_string(format.block_columns) + "]"
                                                               : std::string("whole or by row")
                                                  : "groups of " + std::to_string(group));
    }
    return {};
}

Result<void> ForeignWeight::check_others() const {
    const std::int64_t each = ForeignWeight::word_bits / bits;
    if (const TensorInfo &zeros = piece(Zeros).info; piece(Zeros).found()) {
        const bool words = codes == Codes::Row || by_input();
        if (words ? zeros.dtype != DType::I32 : !is_byte_code(zeros.dtype)) return misfit(zeros, words ? "I32" : "I8");
        if (codes == Codes::Row && (count > 0 || scale_rows > 1 || zeros.shape != std::vector{parts_of(out, each), groups}))
            return misfit(zeros, "I32 " + shape_text({parts_of(out, each), groups}));
        if (by_input() && (out % each != 0 || zeros.shape != std::vector{groups, out / each}))
            return misfit(zeros, "I32 " + shape_text({groups, parts_of(out, each)}));
        if (!words && zeros.elements() != piece(Scales).info.elements()) return misfit(zeros, "as many as scales");
    }
    if (const TensorInfo &order = piece(Order).info;
        piece(Order).found() && (order.dtype != DType::I32 || order.shape != std::vector{in}))
        return misfit(order, "I32 " + shape_text({in}));
    if (const TensorInfo &factor = piece(Factor).info;
        piece(Factor).found() && (factor.dtype != DType::F32 || factor.elements() != 1))
        return misfit(factor, "F32 of one number");
    if (const TensorInfo &shape = piece(Shape).info;
        piece(Shape).found() &&
        ((shape.dtype != DType::I64 && shape.dtype != DType::I32) || shape.elements() != (count > 0 ? 3 : 2)))
        return misfit(shape, "I64 of the weight's sizes");
    return {};
}

}  // namespace millm::engine
