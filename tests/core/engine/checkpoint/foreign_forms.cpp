#include "tests/core/engine/checkpoint/foreign_forms.h"

#include "core/engine/architectures/weight_names.h"
#include "core/engine/quantization/half.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace millm::engine::testing {
namespace {

using Sizes = std::vector<std::int64_t>;
using Random = std::mt19937;

template <class T>
std::string bytes_of(const std::vector<T> &values) {
    return {reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)};
}

int below(int limit, Random &random) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random);
}

std::size_t at(std::int64_t index) {
    return static_cast<std::size_t>(index);
}

/// Positive, exact in 16 bits of either kind, and such that weights are of a model's size.
std::vector<float> scales(std::int64_t count, float largest, Random &random) {
    std::vector<float> values(at(count));
    for (float &value : values) value = largest * static_cast<float>(1 + below(128, random)) / 128;
    return values;
}

/// By the definition of IEEE-like numbers: a sign, four bits of exponent around 7, three of fraction.
float e4m3(unsigned code) {
    const unsigned exponent = code >> 3 & 15, fraction = code & 7;
    const double value = exponent == 0 ? std::ldexp(fraction, -9) : std::ldexp(8 + fraction, static_cast<int>(exponent) - 10);
    return static_cast<float>(code & 128 ? -value : value);
}

constexpr float fp4[] = {0, 0.5F, 1, 1.5F, 2, 3, 4, 6, -0.0F, -0.5F, -1, -1.5F, -2, -3, -4, -6};

unsigned random_e4m3(Random &random) {
    unsigned code;
    do code = static_cast<unsigned>(below(256, random));
    while ((code & 127) == 127);
    return code;
}

/// F8 codes with scales [lines, groups], of which each covers a block.
PackedLayer float8(const std::string &module, const char *scale_name, std::int64_t out, std::int64_t in, std::int64_t rows,
                   std::int64_t columns, DType scale_type, Sizes scale_shape, Random &random) {
    const std::int64_t lines = (out + rows - 1) / rows, groups = (in + columns - 1) / columns;
    const std::vector<float> scale = rounded(scales(lines * groups, 0.002F, random), scale_type);
    PackedLayer layer;
    std::string codes;
    for (std::int64_t r = 0; r < out; ++r)
        for (std::int64_t c = 0; c < in; ++c) {
            const unsigned code = random_e4m3(random);
            codes += static_cast<char>(code);
            layer.values.push_back(e4m3(code) * scale[at(r / rows * groups + c / columns)]);
        }
    if (scale_shape.empty() && lines * groups > 1) scale_shape = {lines, groups};
    layer.tensors = {{module + ".weight", DType::F8_E4M3, {out, in}, codes},
                     tensor_of(module + scale_name, scale, scale_shape, scale_type)};
    return layer;
}

PackedLayer fp8_blocks(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return float8(module, ".weight_scale_inv", out, in, 24, 40, DType::F32, {}, random);
}
PackedLayer fp8_whole(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    PackedLayer layer = float8(module, ".weight_scale_inv", out, in, out, in, DType::BF16, {}, random);
    layer.tensors.push_back(tensor_of(module + ".activation_scale", {1}, {}, DType::F32));
    return layer;
}
PackedLayer fp8_rows(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return float8(module, ".weight_scale", out, in, 1, in, DType::BF16, {out, 1}, random);
}

/// I8 rows with a zero point each.
PackedLayer int8_rows(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    PackedLayer layer;
    const std::vector<float> scale = rounded(scales(out, 0.004F, random), DType::F16);
    std::vector<std::int8_t> codes, zeros;
    for (std::int64_t r = 0; r < out; ++r) {
        zeros.push_back(static_cast<std::int8_t>(below(21, random) - 10));
        for (std::int64_t c = 0; c < in; ++c) {
            codes.push_back(static_cast<std::int8_t>(below(256, random) - 128));
            layer.values.push_back(static_cast<float>(codes.back() - zeros.back()) * scale[at(r)]);
        }
    }
    layer.tensors = {{module + ".weight", DType::I8, {out, in}, bytes_of(codes)},
                     tensor_of(module + ".weight_scale", scale, {out, 1}, DType::F16),
                     {module + ".weight_zero_point", DType::I8, {out, 1}, bytes_of(zeros)}};
    return layer;
}

/// Integers of 4 bits with zero points, [rows, columns] of them.
struct Integers {
    std::vector<int> codes, zeros, group_of;  ///< [out, in], [groups, out], of an input
    std::vector<float> scale;                 ///< [groups, out]
    std::vector<float> values;
};

Integers integers(std::int64_t out, std::int64_t in, std::int64_t group, int zero_below, bool shuffled, Random &random) {
    Integers all;
    const std::int64_t groups = (in + group - 1) / group;
    for (std::int64_t c = 0; c < in; ++c) all.group_of.push_back(static_cast<int>(c / group));
    if (shuffled) std::shuffle(all.group_of.begin(), all.group_of.end(), random);
    all.scale = rounded(scales(groups * out, 0.04F, random), DType::F16);
    for (std::int64_t i = 0; i < groups * out; ++i) all.zeros.push_back(zero_below > 0 ? 1 + below(zero_below, random) : 8);
    for (std::int64_t r = 0; r < out; ++r)
        for (std::int64_t c = 0; c < in; ++c) {
            all.codes.push_back(below(16, random));
            const std::size_t place = at(all.group_of[at(c)] * out + r);
            all.values.push_back(static_cast<float>(all.codes.back() - all.zeros[place]) * all.scale[place]);
        }
    return all;
}

/// compressed-tensors: eight of a row in a word, half their range up; zero points eight rows in a word.
PackedLayer packed_rows(const std::string &module, std::int64_t out, std::int64_t in, bool asymmetric, bool shuffled,
                        Random &random) {
    constexpr std::int64_t group = 32;
    const std::int64_t groups = in / group;
    const Integers all = integers(out, in, group, asymmetric ? 15 : 0, shuffled, random);
    std::vector<std::uint32_t> codes(at(out * in / 8)), zeros(at((out + 7) / 8 * groups));
    std::vector<float> scale;
    for (std::int64_t r = 0; r < out; ++r) {
        for (std::int64_t c = 0; c < in; ++c)
            codes[at(r * in / 8 + c / 8)] |= static_cast<std::uint32_t>(all.codes[at(r * in + c)]) << (4 * (c % 8));
        for (std::int64_t g = 0; g < groups; ++g) {
            scale.push_back(all.scale[at(g * out + r)]);
            zeros[at(r / 8 * groups + g)] |= static_cast<std::uint32_t>(all.zeros[at(g * out + r)]) << (4 * (r % 8));
        }
    }
    PackedLayer layer{{{module + ".weight_packed", DType::I32, {out, in / 8}, bytes_of(codes)},
                       tensor_of(module + ".weight_scale", scale, {out, groups}, DType::F16),
                       {module + ".weight_shape", DType::I64, {2}, bytes_of(std::vector<std::int64_t>{out, in})}},
                      all.values};
    if (asymmetric)
        layer.tensors.push_back({module + ".weight_zero_point", DType::I32, {(out + 7) / 8, groups}, bytes_of(zeros)});
    if (shuffled) layer.tensors.push_back({module + ".weight_g_idx", DType::I32, {in}, bytes_of(all.group_of)});
    return layer;
}

PackedLayer pack_symmetric(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return packed_rows(module, out, in, false, false, random);
}
PackedLayer pack_ordered(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return packed_rows(module, out, in, true, true, random);
}

/// GPTQ: eight of a column in a word; zero points eight columns in a word, in the first format one less than they are.
PackedLayer gptq(const std::string &module, std::int64_t out, std::int64_t in, bool first_format, bool shuffled,
                 Random &random) {
    constexpr std::int64_t group = 32;
    const std::int64_t groups = in / group;
    const Integers all = integers(out, in, group, 15, shuffled, random);
    std::vector<std::uint32_t> codes(at(in / 8 * out)), zeros(at(groups * out / 8));
    for (std::int64_t r = 0; r < out; ++r) {
        for (std::int64_t c = 0; c < in; ++c)
            codes[at(c / 8 * out + r)] |= static_cast<std::uint32_t>(all.codes[at(r * in + c)]) << (4 * (c % 8));
        for (std::int64_t g = 0; g < groups; ++g)
            zeros[at(g * out / 8 + r / 8)] |= static_cast<std::uint32_t>(all.zeros[at(g * out + r)] - (first_format ? 1 : 0))
                                              << (4 * (r % 8));
    }
    return {{{module + ".qweight", DType::I32, {in / 8, out}, bytes_of(codes)},
             {module + ".qzeros", DType::I32, {groups, out / 8}, bytes_of(zeros)},
             tensor_of(module + ".scales", all.scale, {groups, out}, DType::F16),
             {module + ".g_idx", DType::I32, {in}, bytes_of(all.group_of)}},
            all.values};
}

PackedLayer gptq_first(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return gptq(module, out, in, true, false, random);
}
PackedLayer gptq_second(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return gptq(module, out, in, false, true, random);
}

/// AWQ: eight outputs of an input in a word, in the order 0 2 4 6 1 3 5 7.
PackedLayer awq(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    constexpr std::int64_t group = 32;
    constexpr int order[] = {0, 2, 4, 6, 1, 3, 5, 7};
    const std::int64_t groups = in / group;
    const Integers all = integers(out, in, group, 15, false, random);
    std::vector<std::uint32_t> codes, zeros;
    const auto word = [&](const auto &of, std::int64_t column) {
        std::uint32_t packed = 0;
        for (int i = 0; i < 8; ++i) packed |= static_cast<std::uint32_t>(of(column * 8 + order[i])) << (4 * i);
        return packed;
    };
    for (std::int64_t c = 0; c < in; ++c)
        for (std::int64_t column = 0; column < out / 8; ++column)
            codes.push_back(word([&](std::int64_t r) { return all.codes[at(r * in + c)]; }, column));
    for (std::int64_t g = 0; g < groups; ++g)
        for (std::int64_t column = 0; column < out / 8; ++column)
            zeros.push_back(word([&](std::int64_t r) { return all.zeros[at(g * out + r)]; }, column));
    return {{{module + ".qweight", DType::I32, {in, out / 8}, bytes_of(codes)},
             {module + ".qzeros", DType::I32, {groups, out / 8}, bytes_of(zeros)},
             tensor_of(module + ".scales", all.scale, {groups, out}, DType::F16)},
            all.values};
}

/// FP4 of which two lie in a byte, the first in the low half; the scale of a group by its code.
template <class ScaleOf>
PackedLayer float4(const std::string &codes_name, std::int64_t out, std::int64_t in, std::int64_t group,
                   std::string &scale_codes, const ScaleOf &scale_of, Random &random) {
    PackedLayer layer;
    std::string codes;
    for (std::int64_t r = 0; r < out; ++r) {
        for (std::int64_t g = 0; g < in / group; ++g) {
            const float scale = scale_of(scale_codes);
            for (std::int64_t c = 0; c < group; c += 2) {
                const int low = below(16, random), high = below(16, random);
                codes += static_cast<char>(high << 4 | low);
                layer.values.push_back(fp4[low] * scale);
                layer.values.push_back(fp4[high] * scale);
            }
        }
    }
    layer.tensors = {{codes_name, DType::U8, {out, in / 2}, codes}};
    return layer;
}

PackedLayer nvfp4(const std::string &codes_name, const std::string &scale_name, const std::string &factor_name,
                  std::int64_t out, std::int64_t in, bool divides, Random &random) {
    std::string scale_codes;
    const float factor = divides ? 1500.0F : 1 / 1500.0F;
    const auto scale_of = [&](std::string &codes) {
        const unsigned code = 64 + static_cast<unsigned>(below(40, random));
        codes += static_cast<char>(code);
        return divides ? e4m3(code) / factor : e4m3(code) * factor;
    };
    PackedLayer layer = float4(codes_name, out, in, 16, scale_codes, scale_of, random);
    layer.tensors.push_back({scale_name, DType::F8_E4M3, {out, in / 16}, scale_codes});
    layer.tensors.push_back(tensor_of(factor_name, {factor}, divides ? Sizes{1} : Sizes{}, DType::F32));
    return layer;
}

PackedLayer nvfp4_compressed(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    PackedLayer layer =
        nvfp4(module + ".weight_packed", module + ".weight_scale", module + ".weight_global_scale", out, in, true, random);
    layer.tensors.push_back(tensor_of(module + ".input_global_scale", {3}, {1}, DType::F32));
    return layer;
}
PackedLayer nvfp4_nvidia(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    return nvfp4(module + ".weight", module + ".weight_scale", module + ".weight_scale_2", out, in, false, random);
}

float power(std::string &codes, Random &random) {
    const int code = 115 + below(8, random);
    codes += static_cast<char>(code);
    return std::ldexp(1.0F, code - 127);
}

PackedLayer mxfp4_compressed(const std::string &module, std::int64_t out, std::int64_t in, Random &random) {
    std::string scale_codes;
    PackedLayer layer = float4(
        module + ".weight_packed", out, in, 32, scale_codes, [&](std::string &codes) { return power(codes, random); }, random);
    layer.tensors.push_back({module + ".weight_scale", DType::U8, {out, in / 32}, scale_codes});
    return layer;
}

}  // namespace

const std::vector<ForeignForm> &foreign_forms() {
    static const std::vector<ForeignForm> forms{
        {"fp8 in blocks", R"({"quant_method": "fp8", "weight_block_size": [24, 40], "activation_scheme": "dynamic"})",
         fp8_blocks},
        {"fp8 whole", R"({"quant_method": "fp8", "weight_block_size": null, "activation_scheme": "static"})", fp8_whole},
        {"fbgemm_fp8", R"({"quant_method": "fbgemm_fp8"})", fp8_rows},
        {"float-quantized", R"({"quant_method": "compressed-tensors", "format": "float-quantized", "config_groups": {"group_0":
            {"weights": {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": true}}}})",
         fp8_rows},
        {"int-quantized", R"({"quant_method": "compressed-tensors", "format": "int-quantized", "config_groups": {"group_0":
            {"weights": {"num_bits": 8, "type": "int", "strategy": "channel", "symmetric": false}}}})",
         int8_rows},
        {"pack-quantized", R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"group_0":
            {"weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32, "symmetric": true}}}})",
         pack_symmetric},
        {"pack-quantized, ordered", R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups":
            {"group_0": {"weights": {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 32, "symmetric": false,
            "actorder": "group"}}}})",
         pack_ordered},
        {"nvfp4-pack-quantized", R"({"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized", "config_groups":
            {"group_0": {"weights": {"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16}}}})",
         nvfp4_compressed},
        {"modelopt NVFP4", R"({"quant_method": "modelopt", "quant_algo": "NVFP4"})", nvfp4_nvidia},
        {"mxfp4-pack-quantized", R"({"quant_method": "compressed-tensors", "format": "mxfp4-pack-quantized", "config_groups":
            {"group_0": {"weights": {"num_bits": 4, "type": "float", "strategy": "group", "group_size": 32}}}})",
         mxfp4_compressed},
        {"gptq", R"({"quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": false, "sym": false})", gptq_first},
        {"gptq_v2, desc_act", R"({"quant_method": "gptq", "bits": 4, "group_size": 32, "desc_act": true,
            "checkpoint_format": "gptq_v2"})",
         gptq_second},
        {"awq", R"({"quant_method": "awq", "bits": 4, "group_size": 32, "zero_point": true, "version": "gemm"})", awq},
    };
    return forms;
}

std::string small_config(const std::string &quantization) {
    const nlohmann::json config = {{"model_type", "llama"},
                                   {"architectures", {"LlamaForCausalLM"}},
                                   {"dtype", "bfloat16"},
                                   {"hidden_size", 64},
                                   {"intermediate_size", 96},
                                   {"num_hidden_layers", 1},
                                   {"num_attention_heads", 2},
                                   {"num_key_value_heads", 1},
                                   {"vocab_size", 40},
                                   {"tie_word_embeddings", true},
                                   {"quantization_config", nlohmann::json::parse(quantization)}};
    return config.dump();
}

PackedModel packed_model(const ForeignForm &form, unsigned seed) {
    Random random(seed);
    PackedModel model{small_config(form.config), {}, {}};
    const auto decoder = describe(model.config);
    REQUIRE_MESSAGE(decoder.ok(), decoder.error().message);
    for (const WeightSpec &spec : weight_specs(*decoder)) {
        if (spec.role == TensorRole::Linear) {
            PackedLayer layer = form.pack(spec.module, spec.shape[0], spec.shape[1], random);
            for (TestTensor &tensor : layer.tensors) model.tensors.push_back(std::move(tensor));
            model.values[spec.weight_name()] = std::move(layer.values);
            continue;
        }
        std::vector<float> values(at(TensorInfo{"", DType::F32, spec.shape}.elements()));
        for (float &value : values) value = static_cast<float>(below(256, random) - 128) / 128;
        model.tensors.push_back(tensor_of(spec.weight_name(), values, spec.shape, DType::BF16));
    }
    return model;
}

TestTensor &PackedModel::named(const std::string &name) {
    const auto found = std::ranges::find(tensors, name, &TestTensor::name);
    REQUIRE_MESSAGE(found != tensors.end(), name);
    return *found;
}

std::vector<TestTensor> PackedModel::plain() const {
    std::vector<TestTensor> all;
    for (const WeightSpec &spec : weight_specs(*describe(config))) {
        const auto packed = values.find(spec.weight_name());
        if (packed != values.end())
            all.push_back(tensor_of(packed->first, packed->second, spec.shape, DType::BF16));
        else
            all.push_back(*std::ranges::find(tensors, spec.weight_name(), &TestTensor::name));
    }
    return all;
}

PackedLayer packed_experts(const std::string &name, std::int64_t experts, std::int64_t out, std::int64_t in,
                           std::mt19937 &random) {
    std::string scale_codes;
    PackedLayer layer = float4(
        name + "_blocks", experts * out, in, 32, scale_codes, [&](std::string &codes) { return power(codes, random); }, random);
    layer.tensors.front().shape = {experts, out, in / 32, 16};
    layer.tensors.push_back({name + "_scales", DType::U8, {experts, out, in / 32}, scale_codes});
    return layer;
}

TestTensor tensor_of(const std::string &name, const std::vector<float> &values, std::vector<std::int64_t> shape, DType dtype) {
    std::string bytes;
    for (const float value : rounded(values, dtype)) {
        const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
        const std::uint16_t half = dtype == DType::F16 ? half_from_float(value) : static_cast<std::uint16_t>(bits >> 16);
        if (dtype == DType::F32)
            bytes.append(reinterpret_cast<const char *>(&bits), 4);
        else
            bytes.append(reinterpret_cast<const char *>(&half), 2);
    }
    return {name, dtype, std::move(shape), bytes};
}

std::vector<float> rounded(std::vector<float> values, DType dtype) {
    for (float &value : values) {
        if (dtype == DType::F16) value = float_from_half(half_from_float(value));
        if (dtype != DType::BF16) continue;
        const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
        value = std::bit_cast<float>((bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000);
    }
    return values;
}

}  // namespace millm::engine::testing
