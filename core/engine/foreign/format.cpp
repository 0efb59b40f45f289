#include "core/engine/foreign/format.h"

#include "core/engine/checkpoint/failure.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace millm::engine {
namespace {

using Method = ForeignFormat::Method;

struct MethodRow {
    std::string_view name;
    Method method;
};
constexpr std::array methods{
    MethodRow{"bitsandbytes", Method::None},
    MethodRow{"fp8", Method::Fp8},
    MethodRow{"fbgemm_fp8", Method::FbgemmFp8},
    MethodRow{"mxfp4", Method::Mxfp4},
    MethodRow{"compressed-tensors", Method::CompressedTensors},
    MethodRow{"modelopt", Method::ModelOpt},
    MethodRow{"gptq", Method::Gptq},
    MethodRow{"awq", Method::Awq},
};

std::string named_value(std::string_view what, const std::string &value) {
    return std::string(what) + " " + printable(value);
}

std::optional<std::int64_t> whole_of(const JsonValue &object, std::string_view key) {
    const JsonValue *value = object.given(key);
    return value ? value->integer() : std::nullopt;
}

std::string lower_text(const JsonValue &object, std::string_view key, std::string_view fallback) {
    const std::string *text = object.text(key);
    std::string result = text ? *text : std::string(fallback);
    for (char &c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

bool is_group(std::int64_t group) {
    return group == -1 || (group > 0 && group <= 1 << 20);
}

class FormatReader {
public:
    FormatReader(const JsonValue &config, ForeignFormat &format) : m_config(config), m_format(format) {}

    void fp8() {
        const JsonValue *block = m_config.given("weight_block_size");
        if (block && !block->items().empty()) take_block(*block, "weight_block_size");
        if (const std::string experts = lower_text(m_config, "expert_dtype", "fp8"); experts != "fp8")
            refuse(named_value("experts in", experts));
    }

    void modelopt() {
        const JsonValue *inner = m_config.given("quantization");
        const std::string *algorithm = (inner ? *inner : m_config).text("quant_algo");
        if (!algorithm) return refuse("no \"quant_algo\"");
        m_format.name += ", " + printable(*algorithm);
        if (*algorithm != "FP8" && *algorithm != "NVFP4") refuse(named_value("the algorithm", *algorithm));
    }

    void gptq() {
        integers();
        m_format.ordered = m_config.flag("desc_act");
        const std::string form = lower_text(m_config, "checkpoint_format", lower_text(m_config, "format", "gptq"));
        m_format.zero_behind = form == "gptq";
        if (form != "gptq" && form != "gptq_v2") refuse(named_value("the format", form));
        if (m_format.bits != 4 && m_format.bits != 8) refuse_bits("4 and 8 are");
    }

    void awq() {
        integers();
        const std::string form = lower_text(m_config, "version", lower_text(m_config, "format", "gemm"));
        if (form != "gemm") refuse(named_value("the version", form));
        if (m_format.bits != 4) refuse_bits("4 are");
        if (const JsonValue *zeros = m_config.given("zero_point"); zeros && zeros->boolean() == false)
            refuse("no zero points (\"zero_point\": false)");
    }

    void compressed_tensors() {
        const std::string form = lower_text(m_config, "format", "dense");
        m_format.name += ", " + printable(form);
        if (!is_form(form)) return refuse(named_value("the format", form));
        if (const JsonValue *sparsity = m_config.given("sparsity_config"))
            if (const std::string sparse = lower_text(*sparsity, "format", "dense"); sparse != "dense")
                return refuse(named_value("sparse weights in", sparse));
        if (const JsonValue *transform = m_config.given("transform_config"))
            if (const JsonValue *groups = transform->given("config_groups"); groups && !groups->members().empty())
                return refuse("rotated weights (\"transform_config\")");
        const JsonValue *groups = m_config.given("config_groups");
        if (!groups || !groups->is_object()) return refuse("no \"config_groups\"");
        for (const auto &[name, group] : groups->members()) {
            const std::string own = lower_text(group, "format", form);
            if (!is_form(own)) return refuse(named_value("the format", own));
            if (const JsonValue *weights = group.given("weights"); weights && weights->is_object()) layers(*weights, own);
        }
    }

private:
    static bool is_form(std::string_view form) {
        constexpr std::array forms{"dense",          "naive-quantized",      "float-quantized",      "int-quantized",
                                   "pack-quantized", "nvfp4-pack-quantized", "mxfp4-pack-quantized", "mxfp8-quantized",
                                   "mixed-precision"};
        return std::ranges::find(forms, form) != forms.end();
    }

    void refuse(std::string what) {
        if (m_format.refusal.empty())
            m_format.refusal = "the repository is quantized already with " + m_format.name + ", which has " + std::move(what) +
                               ": that is not read. Choose the original model";
    }
    void refuse_bits(std::string_view read) {
        refuse(std::to_string(m_format.bits) + " bits a weight, of which " + std::string(read) + " read");
    }

    void take_block(const JsonValue &block, const std::string &key) {
        const auto items = block.items();
        const auto side = [&](std::size_t i) { return i < items.size() ? items[i].integer().value_or(0) : 0; };
        if (items.size() != 2 || side(0) < 1 || side(1) < 1 || side(0) > 1 << 20 || side(1) > 1 << 20)
            return refuse("a \"" + key + "\" that is not two sizes");
        if (m_format.block_rows > 0 && (m_format.block_rows != side(0) || m_format.block_columns != side(1)))
            return refuse("layers in blocks of different sizes");
        m_format.block_rows = side(0);
        m_format.block_columns = side(1);
    }

    /// GPTQ's and AWQ's own fields.
    void integers() {
        m_format.zeros = true;
        const std::int64_t bits = whole_of(m_config, "bits").value_or(whole_of(m_config, "w_bit").value_or(4));
        m_format.bits = bits > 0 && bits <= 64 ? static_cast<int>(bits) : 0;
        m_format.group = whole_of(m_config, "group_size").value_or(whole_of(m_config, "q_group_size").value_or(128));
        if (!is_group(m_format.group)) refuse("groups of " + std::to_string(m_format.group) + " inputs");
    }

    /// One group of compressed-tensors' layers.
    void layers(const JsonValue &weights, const std::string &form) {
        const std::int64_t bits = whole_of(weights, "num_bits").value_or(8),
                           group = whole_of(weights, "group_size").value_or(-1);
        const std::string type = lower_text(weights, "type", "int"), strategy = lower_text(weights, "strategy", "");
        if (strategy == "block")
            if (const JsonValue *block = weights.given("block_structure")) take_block(*block, "block_structure");
        if (type == "float" && bits == 4) {
            if (group != 16 && group != 32) return refuse("groups of " + std::to_string(group) + " values of FP4");
            if (const JsonValue *symmetric = weights.given("symmetric"); symmetric && symmetric->boolean() == false)
                return refuse("FP4 with zero points");
            if (m_fp4 && m_format.microscales != (group == 32)) return refuse("layers in two kinds of FP4");
            m_fp4 = true;
            m_format.microscales = group == 32;
            return;
        }
        const bool packed = type == "int" && (form == "pack-quantized" || (form != "int-quantized" && bits < 8));
        if (!packed) {
            if (bits != 8) refuse(std::to_string(bits) + " bits a weight of type " + printable(type));
            return;
        }
        const JsonValue *symmetric = weights.given("symmetric");
        const bool zeros = symmetric && symmetric->boolean() == false;
        const bool ordered = lower_text(weights, "actorder", "") == "group";
        if (m_integers &&
            (m_format.bits != bits || m_format.group != group || m_format.zeros != zeros || m_format.ordered != ordered))
            return refuse("layers packed in several ways");
        m_integers = true;
        m_format.bits = bits > 0 && bits <= 64 ? static_cast<int>(bits) : 0;
        m_format.group = group;
        m_format.zeros = zeros;
        m_format.ordered = ordered;
        if (bits != 4 && bits != 8) refuse_bits("4 and 8 are");
        if (!is_group(group)) refuse("groups of " + std::to_string(group) + " inputs");
    }

    const JsonValue &m_config;
    ForeignFormat &m_format;
    bool m_fp4 = false, m_integers = false;
};

}  // namespace

ForeignFormat foreign_format(const JsonValue &quantization, const std::string &method, const std::string &torch_dtype) {
    ForeignFormat format;
    format.name = printable(method);
    if (torch_dtype == "float16") format.dtype = DType::F16;
    const auto row = std::ranges::find(methods, std::string_view(method), &MethodRow::name);
    if (row == methods.end()) {
        std::string read;
        for (const MethodRow &known : methods) read += (read.empty() ? "" : ", ") + std::string(known.name);
        format.refusal = "the repository is quantized already with " + format.name + "; of such only " + read +
                         " are read. Choose the original model";
        return format;
    }
    format.method = row->method;
    FormatReader reader(quantization, format);
    switch (row->method) {
        case Method::Fp8:
            reader.fp8();
            break;
        case Method::ModelOpt:
            reader.modelopt();
            break;
        case Method::CompressedTensors:
            reader.compressed_tensors();
            break;
        case Method::Gptq:
            reader.gptq();
            break;
        case Method::Awq:
            reader.awq();
            break;
        case Method::None:
        case Method::FbgemmFp8:
        case Method::Mxfp4:
            break;
    }
    return format;
}

}  // namespace millm::engine
