// Weights that other programs packed: read, converted, foretold, refused.
#include "foreign_forms.h"
#include "support.h"
#include "tensor_file.h"

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/converter.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/foreign/tensors.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/quantization/stored_linear.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace millm::engine::testing {
namespace {

using nlohmann::json;

constexpr const char *module = "model.layers.0.mlp.gate_proj";

std::unique_ptr<Checkpoint> open(const TemporaryFolder &folder, const PackedModel &model) {
    write_file(folder / "config.json", model.config);
    write_file(folder / "model.safetensors", safetensors_file(model.tensors));
    auto checkpoint = Checkpoint::open(folder.path());
    REQUIRE_MESSAGE(checkpoint.ok(), checkpoint.error().message);
    return *std::move(checkpoint);
}

Result<StoredLinear> read(const Checkpoint &checkpoint, const std::string &weight) {
    const auto decoder = describe(checkpoint.config());
    if (!decoder) return decoder.error();
    const auto plain = PlainTensors::of(*decoder, checkpoint.tensors());
    if (!plain) return plain.error();
    const ForeignWeight *foreign = plain->weight(weight);
    REQUIRE_MESSAGE(foreign != nullptr, weight);
    return read_foreign(checkpoint, *foreign);
}

std::vector<float> all_rows(const StoredLinear &linear, std::int64_t step) {
    std::vector<float> values(static_cast<std::size_t>(linear.out * linear.in));
    for (std::int64_t row = 0; row < linear.out; row += step)
        dequantize_rows(linear, row, std::min(step, linear.out - row), values.data() + row * linear.in);
    return values;
}

const ForeignForm &form_called(const std::string &name) {
    const auto found = std::ranges::find(foreign_forms(), name, &ForeignForm::name);
    REQUIRE(found != foreign_forms().end());
    return *found;
}

/// What reading a model's one layer says.
std::string fault_of(const PackedModel &model) {
    const TemporaryFolder folder;
    const auto checkpoint = open(folder, model);
    const auto linear = read(*checkpoint, std::string(module) + ".weight");
    REQUIRE_FALSE(linear.ok());
    CHECK(linear.error().code == ErrorCode::InvalidFile);
    return linear.error().message;
}

std::unique_ptr<CheckpointConverter> converter_for(const PackedModel &model, const fs::path &target, Scheme scheme) {
    auto created = CheckpointConverter::create(model.config, {target, scheme});
    REQUIRE_MESSAGE(created.ok(), created.error().message);
    return *std::move(created);
}

void advance(CheckpointConverter &converter, const fs::path &source, const std::string &name, std::uint64_t available) {
    const auto progress = converter.advance(source, name, available, {});
    REQUIRE_MESSAGE(progress.ok(), progress.error().message);
}

/// All of the target's bytes by its files' names.
std::map<std::string, std::string> files_of(const fs::path &folder) {
    std::map<std::string, std::string> files;
    for (const auto &entry : fs::directory_iterator(folder)) files[entry.path().filename().string()] = read_file(entry.path());
    return files;
}

/// Converts a model that lies in one file, in pieces that end anywhere.
void convert(const PackedModel &model, const fs::path &target, Scheme scheme) {
    const TemporaryFolder source;
    const std::string bytes = safetensors_file(model.tensors);
    write_file(source / "part", bytes);
    const auto converter = converter_for(model, target, scheme);
    for (std::uint64_t available = 0; available < bytes.size(); available += 1777)
        advance(*converter, source / "part", "model.safetensors", available);
    advance(*converter, source / "part", "model.safetensors", bytes.size());
    const auto finished = converter->finish({});
    REQUIRE_MESSAGE(finished.ok(), finished.error().message);
}

}  // namespace

TEST_CASE("each form is read as its own program reads it") {
    for (const ForeignForm &form : foreign_forms()) {
        CAPTURE(std::string(form.name));
        const TemporaryFolder folder;
        const PackedModel model = packed_model(form);
        const auto checkpoint = open(folder, model);
        for (const auto &[name, wanted] : model.values) {
            CAPTURE(name);
            const auto linear = read(*checkpoint, name);
            REQUIRE_MESSAGE(linear.ok(), linear.error().message);
            CHECK(linear->dtype == DType::BF16);
            CHECK(all_rows(*linear, linear->out) == wanted);
            CHECK(all_rows(*linear, 7) == wanted);
            CHECK(all_rows(rows_of(*linear, 5, 11), 3) ==
                  std::vector(wanted.begin() + 5 * linear->in, wanted.begin() + 16 * linear->in));
        }
    }
}

TEST_CASE("layers that the programs themselves packed are restored to what each makes of them") {
    const char *const groups = R"({"quant_method": "compressed-tensors", "format": "%", "config_groups": {"a": {"weights": )";
    const auto compressed = [&](const std::string &form, const std::string &weights) {
        std::string text = groups;
        return text.replace(text.find('%'), 1, form) + weights + "}}}";
    };
    const std::pair<std::string, std::string> rows[] = {
        {"gptq", R"({"quant_method": "gptq", "bits": 4, "group_size": 16, "desc_act": true})"},
        {"awq", R"({"quant_method": "awq", "bits": 4, "group_size": 16, "version": "gemm"})"},
        {"fp8", R"({"quant_method": "fp8", "weight_block_size": [16, 16]})"},
        {"mxfp4", R"({"quant_method": "mxfp4"})"},
        {"pack-quantized", compressed("pack-quantized", R"({"num_bits": 4, "group_size": 16, "symmetric": false})")},
        {"nvfp4-pack-quantized", compressed("nvfp4-pack-quantized", R"({"num_bits": 4, "type": "float", "group_size": 16})")},
        {"mxfp4-pack-quantized", compressed("mxfp4-pack-quantized", R"({"num_bits": 4, "type": "float", "group_size": 32})")},
        {"float-quantized", compressed("float-quantized", R"({"num_bits": 8, "type": "float", "strategy": "channel"})")},
        {"int-quantized", compressed("int-quantized", R"({"num_bits": 8, "type": "int", "strategy": "channel"})")},
    };
    const TensorFile file(fixtures() / "checkpoint/foreign/packed.safetensors");
    for (const auto &[name, quantization] : rows) {
        CAPTURE(name);
        const auto values = file.values<float>(name + ".values");
        PackedModel model{small_config(quantization), {}, {}};
        for (const auto &[tensor, info] : file.tensors())
            if (tensor.starts_with(name + ".") && !tensor.ends_with(".values"))
                model.tensors.push_back({"model." + tensor, info.dtype, info.shape, file.bytes(tensor)});
        const TemporaryFolder folder;
        const auto checkpoint = open(folder, model);
        const auto linear = read(*checkpoint, "model." + name + (name == "mxfp4" ? ".experts" : ".weight"));
        REQUIRE_MESSAGE(linear.ok(), linear.error().message);
        const std::vector<float> got = all_rows(*linear, 5);
        REQUIRE(got.size() == values.size());
        // compressed-tensors restores FP4 in bfloat16.
        const float share = name.find("fp4-pack") != std::string::npos ? 0.01F : 1e-6F;
        for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::fabs(got[i] - values[i]) <= share * std::fabs(values[i]));
    }
}

TEST_CASE("a packed checkpoint is one of plain tensors to plans and estimates") {
    for (const ForeignForm &form : foreign_forms()) {
        CAPTURE(std::string(form.name));
        const TemporaryFolder folder;
        const auto checkpoint = open(folder, packed_model(form));
        const auto decoder = describe(checkpoint->config());
        REQUIRE(decoder.ok());
        const auto plan = WeightPlan::match(*decoder, checkpoint->tensors());
        REQUIRE_MESSAGE(plan.ok(), plan.error().message);
        CHECK(plan->unused.empty());
        std::uint64_t bytes = 0;
        for (const PlannedWeight &weight : plan->weights) {
            bytes += weight.bytes;
            CHECK((weight.foreign != nullptr) == (weight.spec.role == TensorRole::Linear));
        }
        std::uint64_t stored = 0;
        for (const TensorInfo &tensor : checkpoint->tensors())
            if (!tensor.name.ends_with(".activation_scale") && !tensor.name.ends_with(".input_global_scale"))
                stored += tensor.bytes;
        CHECK(bytes == stored);

        const auto plain = expected_tensors(*decoder, DType::BF16);
        CHECK(parameter_count(*decoder, checkpoint->tensors()) == parameter_count(*decoder, plain));
        for (const Scheme scheme : {Scheme::NF4, Scheme::Int8, Scheme::Plain}) {
            FootprintOptions options;
            options.scheme = scheme;
            CHECK(memory_footprint(*decoder, checkpoint->tensors(), options).weights ==
                  memory_footprint(*decoder, plain, options).weights);
            const TemporaryFolder target;
            convert(packed_model(form), target.path(), scheme);
            CHECK(disk_bytes(*decoder, checkpoint->tensors(), scheme) == fs::file_size(target / "model.safetensors"));
        }
    }
}

TEST_CASE("a packed checkpoint becomes one of 16 bits that needs no program to be read") {
    for (const ForeignForm &form : foreign_forms()) {
        CAPTURE(std::string(form.name));
        const TemporaryFolder target;
        PackedModel model = packed_model(form);
        convert(model, target.path(), Scheme::Plain);
        const TensorFile made(target / "model.safetensors");
        CHECK(made.tensors().size() == expected_tensors(*describe(model.config), DType::BF16).size());
        for (const auto &[name, wanted] : model.values) {
            CAPTURE(name);
            CHECK(made.info(name).dtype == DType::BF16);
            CHECK(made.bytes(name) == tensor_of(name, wanted, {}, DType::BF16).bytes);
        }
        json wanted = json::parse(model.config);
        wanted.erase("quantization_config");
        CHECK(json::parse(read_file(target / "config.json")) == wanted);
        CHECK(fs::exists(target / "model.safetensors"));
        CHECK(files_of(target.path()).size() == 2);
    }
}

TEST_CASE("a packed checkpoint is quantized as its restored values are") {
    for (const ForeignForm &form : foreign_forms()) {
        for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
            CAPTURE(std::string(form.name));
            const TemporaryFolder source, target;
            const PackedModel model = packed_model(form);
            const auto checkpoint = open(source, model);
            convert(model, target.path(), scheme);
            const auto made = Checkpoint::open(target.path());
            REQUIRE_MESSAGE(made.ok(), made.error().message);
            for (const auto &[name, values] : model.values) {
                CAPTURE(name);
                const auto restored = read(*checkpoint, name);
                REQUIRE(restored.ok());
                const auto wanted = quantize_linear(*restored, scheme, name);
                REQUIRE(wanted.ok());
                const auto got = read_linear(**made, name.substr(0, name.size() - std::string(".weight").size()), false);
                REQUIRE_MESSAGE(got.ok(), got.error().message);
                CHECK(all_rows(*got, got->out) == all_rows(*wanted, wanted->out));
            }
            const json written = json::parse(read_file(target / "config.json"));
            CHECK(written["quantization_config"]["quant_method"] == "bitsandbytes");
        }
    }
}

TEST_CASE("scales may come in another file than codes, before or behind them") {
    for (const char *name : {"fp8 in blocks", "pack-quantized, ordered", "nvfp4-pack-quantized", "gptq_v2, desc_act", "awq"}) {
        for (const bool scales_first : {false, true}) {
            CAPTURE(std::string(name));
            CAPTURE(scales_first);
            const PackedModel model = packed_model(form_called(name));
            std::vector<TestTensor> codes, others;
            for (const TestTensor &tensor : model.tensors) {
                const bool is_code = tensor.name.ends_with(".weight") || tensor.name.ends_with(".weight_packed") ||
                                     tensor.name.ends_with(".qweight");
                // One layer stays together.
                (is_code || tensor.name.find("q_proj") != std::string::npos ? codes : others).push_back(tensor);
            }
            const TemporaryFolder source, target, wanted;
            const std::vector<std::string> names{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"};
            write_file(source / names[scales_first ? 1 : 0], safetensors_file(codes));
            write_file(source / names[scales_first ? 0 : 1], safetensors_file(others));
            const auto converter = converter_for(model, target.path(), Scheme::NF4);
            const auto pass = [&](const std::string &file) {
                const std::uint64_t size = fs::file_size(source / file);
                advance(*converter, source / file, file, size / 2);
                advance(*converter, source / file, file, size);
            };
            pass(names[0]);
            CHECK_FALSE(converter->finish({}).ok());
            // The second one's first bytes were wrong.
            const std::string right = read_file(source / names[1]);
            std::string wrong = right;
            wrong[wrong.size() - 4] = '\1';
            write_file(source / "wrong", wrong);
            advance(*converter, source / "wrong", names[1], wrong.size());
            converter->restart(names[1]);
            pass(names[1]);
            // And the first is fetched again.
            converter->restart(names[0]);
            pass(names[0]);
            const auto finished = converter->finish({});
            REQUIRE_MESSAGE(finished.ok(), finished.error().message);
            for (const auto &[file, bytes] : files_of(target.path())) CHECK_FALSE(file.ends_with(".held"));

            convert(model, wanted.path(), Scheme::NF4);
            const auto made = Checkpoint::open(target.path()), whole = Checkpoint::open(wanted.path());
            REQUIRE(made.ok());
            REQUIRE(whole.ok());
            CHECK((*made)->tensors().size() == (*whole)->tensors().size());
            for (const TensorInfo &tensor : (*whole)->tensors()) {
                CAPTURE(tensor.name);
                CHECK(std::ranges::equal((*made)->find(tensor.name).bytes, (*whole)->find(tensor.name).bytes));
            }
        }
    }
}

TEST_CASE("experts in one tensor are restored in the model's own order, whole or in part") {
    std::mt19937 random(3);
    const json gpt_oss = {{"model_type", "gpt_oss"},
                          {"architectures", {"GptOssForCausalLM"}},
                          {"dtype", "bfloat16"},
                          {"hidden_size", 64},
                          {"intermediate_size", 32},
                          {"num_hidden_layers", 1},
                          {"num_attention_heads", 2},
                          {"num_key_value_heads", 1},
                          {"head_dim", 16},
                          {"vocab_size", 40},
                          {"num_local_experts", 3},
                          {"num_experts_per_tok", 2},
                          {"quantization_config", {{"quant_method", "mxfp4"}, {"modules_to_not_convert", {"lm_head"}}}}};
    PackedModel model{gpt_oss.dump(), {}, {}};
    const auto decoder = describe(model.config);
    REQUIRE_MESSAGE(decoder.ok(), decoder.error().message);
    const auto zeros = [](const std::string &name, std::vector<std::int64_t> shape) {
        return tensor_of(name, std::vector<float>(static_cast<std::size_t>(TensorInfo{"", DType::F32, shape}.elements())),
                         shape, DType::BF16);
    };
    for (const WeightSpec &spec : weight_specs(*decoder)) {
        if (spec.stacked == 0) {
            model.tensors.push_back(zeros(spec.weight_name(), spec.stored_shape()));
            if (spec.bias) model.tensors.push_back(zeros(spec.bias_name(), {spec.shape[0]}));
            continue;
        }
        PackedLayer layer = packed_experts(spec.module, spec.stacked, spec.shape[0], spec.shape[1], random);
        for (TestTensor &tensor : layer.tensors) model.tensors.push_back(std::move(tensor));
        model.values[spec.module] = std::move(layer.values);
        model.tensors.push_back(zeros(spec.bias_name(), {spec.stacked, spec.shape[0]}));
    }
    const TemporaryFolder source, target, quantized;
    const auto checkpoint = open(source, model);
    convert(model, target.path(), Scheme::Plain);
    convert(model, quantized.path(), Scheme::NF4);
    CHECK(disk_bytes(*decoder, checkpoint->tensors(), Scheme::NF4) == fs::file_size(quantized / "model.safetensors"));
    const TensorFile made(target / "model.safetensors");
    const auto small = Checkpoint::open(quantized.path());
    REQUIRE(small.ok());
    REQUIRE(model.values.size() == 2);
    for (const auto &[name, values] : model.values) {
        CAPTURE(name);
        const auto restored = read(*checkpoint, name);
        REQUIRE_MESSAGE(restored.ok(), restored.error().message);
        CHECK(all_rows(*restored, 17) == values);
        const std::vector<std::int64_t> shape = made.info(name).shape;  // [experts, in, out]
        REQUIRE(shape.size() == 3);
        const auto halves = made.values<std::uint16_t>(name);
        const TensorFile expected_bytes(target / "model.safetensors");
        const std::string bytes = tensor_of(name, values, {}, DType::BF16).bytes;
        std::size_t differ = 0;
        for (std::int64_t e = 0; e < shape[0]; ++e)
            for (std::int64_t k = 0; k < shape[1]; ++k)
                for (std::int64_t r = 0; r < shape[2]; ++r) {
                    std::uint16_t wanted;
                    std::memcpy(&wanted, bytes.data() + 2 * ((e * shape[2] + r) * shape[1] + k), 2);
                    differ += halves[static_cast<std::size_t>((e * shape[1] + k) * shape[2] + r)] != wanted;
                }
        CHECK(differ == 0);
        // In 4 bits they are one matrix of all rows.
        const auto stack = read_stack(**small, name);
        REQUIRE_MESSAGE(stack.ok(), stack.error().message);
        REQUIRE(stack->has_value());
        const auto wanted = quantize_linear(*restored, Scheme::NF4, name);
        REQUIRE(wanted.ok());
        CHECK(all_rows(**stack, 31) == all_rows(*wanted, wanted->out));
        CHECK(TensorFile(quantized / "model.safetensors")
                  .bytes(name + ".quant_state.bitsandbytes__nf4")
                  .find("\"shape\": [3, ") != std::string::npos);
    }
}

TEST_CASE("packed files that contradict themselves are refused with names and numbers") {
    const std::string scales = std::string(module) + ".weight_scale_inv", blocks = "fp8 in blocks";
    const auto has = [](const std::string &text, const std::string &part) {
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    PackedModel model = packed_model(form_called(blocks));
    std::erase_if(model.tensors, [&](const TestTensor &tensor) { return tensor.name == scales; });
    has(fault_of(model), "\"" + scales + "\" is missing");

    model = packed_model(form_called(blocks));
    model.named(scales).shape = {2, 4};
    has(fault_of(model), "[2, 4] does not go with");
    has(fault_of(model), "blocks of [24, 40]");

    model = packed_model(form_called(blocks));
    const float infinite = std::numeric_limits<float>::infinity();
    std::memcpy(model.named(scales).bytes.data() + 4, &infinite, 4);
    has(fault_of(model), "the scale at place 1 of [4, 2] is no finite number");

    model = packed_model(form_called(blocks));
    model.named(std::string(module) + ".weight").dtype = DType::I8;
    has(fault_of(model), "has no weight");

    const std::string order = std::string(module) + ".g_idx";
    model = packed_model(form_called("gptq"));
    const std::int32_t group = 2;
    std::memcpy(model.named(order).bytes.data() + 12, &group, 4);
    has(fault_of(model), "input 3 is of group 2, there are 2");
    model = packed_model(form_called("gptq_v2, desc_act"));
    std::erase_if(model.tensors, [&](const TestTensor &tensor) { return tensor.name == order; });
    has(fault_of(model), "\"" + order + "\" is missing");
    model = packed_model(form_called("awq"));
    model.named(std::string(module) + ".scales").shape = {4, 48};
    has(fault_of(model), "groups of 32");
    model = packed_model(form_called("awq"));
    model.named(std::string(module) + ".qzeros").shape = {4, 6};
    has(fault_of(model), "I32 [4, 6], I32 [2, 12] is wanted");
    model = packed_model(form_called("awq"));
    model.tensors.push_back(tensor_of("model.layers.0.mlp.act.scales", {1, 2}, {2}, DType::F16));
    has(fault_of(model), "\"model.layers.0.mlp.act.scales\"");

    model = packed_model(form_called("nvfp4-pack-quantized"));
    for (char &byte : model.named(std::string(module) + ".weight_global_scale").bytes) byte = 0;
    has(fault_of(model), "0 is no factor");
    model = packed_model(form_called("nvfp4-pack-quantized"));
    model.named(std::string(module) + ".weight_scale").bytes[5] = '\x7f';
    has(fault_of(model), "the scale at place 5");
    model = packed_model(form_called("mxfp4-pack-quantized"));
    model.named(std::string(module) + ".weight_scale").bytes[3] = '\xff';
    has(fault_of(model), "the scale at place 3");
    model = packed_model(form_called("pack-quantized"));
    model.named(std::string(module) + ".weight_shape").bytes[8] = 65;
    has(fault_of(model), "[96, 65], the codes are of [96, 64]");

    // The converter says the same, whichever file it is.
    model = packed_model(form_called(blocks));
    std::memcpy(model.named(scales).bytes.data() + 4, &infinite, 4);
    const TemporaryFolder source, target;
    const std::string bytes = safetensors_file(model.tensors);
    write_file(source / "part", bytes);
    const auto refused =
        converter_for(model, target.path(), Scheme::NF4)->advance(source / "part", "model.safetensors", bytes.size(), {});
    REQUIRE_FALSE(refused.ok());
    has(refused.error().message, scales);
    // No number of F8 may become one of 16 bits.
    model = packed_model(form_called(blocks));
    model.named(std::string(module) + ".weight").bytes[9] = '\x7f';
    for (const Scheme scheme : {Scheme::NF4, Scheme::Plain}) {
        write_file(source / "part", safetensors_file(model.tensors));
        const auto no_number =
            converter_for(model, target.path(), scheme)->advance(source / "part", "model.safetensors", bytes.size(), {});
        REQUIRE_FALSE(no_number.ok());
        has(no_number.error().message, std::string(module) + ".weight");
    }
}

TEST_CASE("what is not read is refused by name") {
    struct Row {
        const char *config, *words;
    };
    const Row rows[] = {
        {R"({"quant_method": "aqlm"})", "already with aqlm; of such only bitsandbytes, fp8"},
        {R"({"quant_method": "gptq", "bits": 3})", "gptq, which has 3 bits a weight, of which 4 and 8 are read"},
        {R"({"quant_method": "gptq", "bits": 4, "checkpoint_format": "marlin"})", "the format marlin"},
        {R"({"quant_method": "gptq", "bits": 4, "group_size": 0})", "groups of 0 inputs"},
        {R"({"quant_method": "awq", "bits": 4, "version": "gemv"})", "the version gemv"},
        {R"({"quant_method": "awq", "bits": 8})", "8 bits a weight"},
        {R"({"quant_method": "modelopt", "quant_algo": "W4A8_AWQ"})", "the algorithm W4A8_AWQ"},
        {R"({"quant_method": "compressed-tensors", "format": "marlin-24", "config_groups": {}})", "the format marlin-24"},
        {R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {"a": {"weights": {"num_bits": 3}}}})",
         "3 bits a weight"},
        {R"({"quant_method": "compressed-tensors", "format": "dense", "sparsity_config": {"format": "sparse-24-bitmask"}, "config_groups": {}})",
         "sparse weights in sparse-24-bitmask"},
        {R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": {}, "transform_config":
            {"config_groups": {"R1": {}}}})",
         "rotated weights"},
        {R"({"quant_method": "fp8", "weight_block_size": [0, 128]})", "not two sizes"},
    };
    for (const Row &row : rows) {
        CAPTURE(std::string(row.words));
        const std::string text = small_config(row.config);
        const auto decoder = describe(text);
        REQUIRE_MESSAGE(decoder.ok(), decoder.error().message);
        const auto plan = WeightPlan::match(*decoder, expected_tensors(*decoder, DType::BF16));
        REQUIRE_FALSE(plan.ok());
        CHECK(plan.error().code == ErrorCode::Unsupported);
        CHECK(plan.error().field == "quantization_config");
        CHECK_MESSAGE(plan.error().message.find(row.words) != std::string::npos, plan.error().message);
        CHECK(plan.error().message.ends_with("Choose the original model"));
        const TemporaryFolder folder;
        for (const Scheme scheme : {Scheme::NF4, Scheme::Plain}) {
            const auto converter = CheckpointConverter::create(text, {folder.path(), scheme});
            REQUIRE_FALSE(converter.ok());
            CHECK(converter.error().message == plan.error().message);
        }
    }
}

}  // namespace millm::engine::testing
