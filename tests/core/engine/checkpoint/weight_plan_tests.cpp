// What a checkpoint has to hold, judged from its headers alone.
#include "support.h"

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/converter.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/input/json.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/quantization/layout.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace millm::engine;
using namespace millm::engine::testing;

namespace {

DecoderDescription decoder_of(const std::string &more) {
    const auto decoder = describe(
        R"({"model_type":"llama","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":96,"vocab_size":100)" +
        more + "}");
    REQUIRE_MESSAGE(decoder.ok(), decoder.error().message);
    return *decoder;
}

DecoderDescription small_gpt2() {
    const auto decoder =
        describe(R"({"model_type":"gpt2","n_embd":64,"n_layer":2,"n_head":4,"n_positions":32,"vocab_size":100})");
    REQUIRE(decoder.ok());
    return *decoder;
}

TensorInfo tensor(const std::string &name, DType dtype, std::vector<std::int64_t> shape) {
    TensorInfo info{name, dtype, std::move(shape), 0, 0};
    info.bytes = static_cast<std::uint64_t>(info.elements()) * size_of(dtype);
    return info;
}

TensorInfo &named(std::vector<TensorInfo> &tensors, const std::string &name) {
    const auto found = std::ranges::find(tensors, name, &TensorInfo::name);
    REQUIRE_MESSAGE(found != tensors.end(), name);
    return *found;
}

void without_tensor(std::vector<TensorInfo> &tensors, const std::string &name) {
    REQUIRE(std::erase_if(tensors, [&](const TensorInfo &info) { return info.name == name; }) == 1);
}

WeightPlan plan_of(const DecoderDescription &decoder, const std::vector<TensorInfo> &tensors) {
    const auto plan = WeightPlan::match(decoder, tensors);
    REQUIRE_MESSAGE(plan.ok(), (plan.ok() ? "" : plan.error().message));
    return *plan;
}

std::string flaw(const DecoderDescription &decoder, const std::vector<TensorInfo> &tensors) {
    const auto plan = WeightPlan::match(decoder, tensors);
    REQUIRE_FALSE(plan.ok());
    return plan.error().message;
}

bool has(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("what a decoder needs is found with the family's root and without") {
    for (const DecoderDescription &decoder : {decoder_of(""), decoder_of(R"(,"tie_word_embeddings":true)"),
                                              decoder_of(R"(,"attention_bias":true,"mlp_bias":true)"), small_gpt2()}) {
        auto tensors = expected_tensors(decoder, DType::BF16);
        CHECK(plan_of(decoder, tensors).weights.size() == weight_specs(decoder).size());
        const std::string_view root = decoder.names->root;
        for (TensorInfo &info : tensors)
            if (info.name.starts_with(root)) info.name.erase(0, root.size());
        const WeightPlan bare = plan_of(decoder, tensors);
        CHECK(bare.weights.size() == weight_specs(decoder).size());
        CHECK(bare.unused.empty());
        CHECK(bare.unused_as_text().empty());
        std::uint64_t bytes = 0, all = 0;
        for (const PlannedWeight &weight : bare.weights) bytes += weight.bytes;
        for (const TensorInfo &info : tensors) all += info.bytes;
        CHECK(bytes == all);
    }
}

TEST_CASE("each tensor that is needed is missed by its name") {
    for (const DecoderDescription &decoder : {decoder_of(""), small_gpt2()}) {
        const auto tensors = expected_tensors(decoder, DType::F16);
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            auto fewer = tensors;
            fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
            CAPTURE(tensors[i].name);
            CHECK(has(flaw(decoder, fewer), "\"" + tensors[i].name + "\""));
            CHECK(has(flaw(decoder, fewer), "missing"));
        }
    }
    // One that is spelled wrong is told beside the one that is missing.
    const DecoderDescription decoder = decoder_of("");
    auto tensors = expected_tensors(decoder, DType::F16);
    named(tensors, "model.layers.1.mlp.up_proj.weight").name = "model.layers.1.mlp.xx_proj.weight";
    CHECK(has(flaw(decoder, tensors), "\"model.layers.1.mlp.up_proj.weight\" [96, 64] is missing"));
    CHECK(has(flaw(decoder, tensors), "1 tensor that the model has no use for: \"model.layers.1.mlp.xx_proj.weight\""));
}

TEST_CASE("shapes and types that are not the config's are told with both") {
    const DecoderDescription decoder = decoder_of("");
    const auto good = expected_tensors(decoder, DType::F32);
    for (const TensorInfo &info : good) {
        CAPTURE(info.name);
        auto tensors = good;
        named(tensors, info.name) = tensor(info.name, DType::F32, {7, 9});
        CHECK(has(flaw(decoder, tensors), "\"" + info.name + "\" has the shape [7, 9], config.json asks for"));
        for (const DType dtype : {DType::I64, DType::F8_E4M3, DType::U8}) {
            tensors = good;
            named(tensors, info.name).dtype = dtype;
            CHECK(has(flaw(decoder, tensors), std::string(name_of(dtype))));
        }
    }
    auto turned = expected_tensors(small_gpt2(), DType::F32);
    std::ranges::reverse(named(turned, "transformer.h.1.mlp.c_fc.weight").shape);
    CHECK(has(flaw(small_gpt2(), turned), "[256, 64], config.json asks for [64, 256]"));
}

TEST_CASE("quantized weights are known by what lies beside them") {
    const DecoderDescription decoder = decoder_of("");
    const std::string weight = "model.layers.0.mlp.up_proj.weight";
    for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
        auto tensors = expected_tensors(decoder, DType::BF16);
        without_tensor(tensors, weight);
        const auto parts = quantized_tensors(weight, {96, 64}, DType::BF16, scheme);
        tensors.insert(tensors.end(), parts.begin(), parts.end());
        const WeightPlan plan = plan_of(decoder, tensors);
        CHECK(plan.unused.empty());
        const auto planned =
            std::ranges::find_if(plan.weights, [](const PlannedWeight &w) { return w.spec.module.ends_with("0.mlp.up_proj"); });
        REQUIRE(planned != plan.weights.end());
        CHECK(planned->tensors.size() == parts.size());

        auto narrow = tensors;
        named(narrow, weight) = quantized_tensors(weight, {48, 64}, DType::BF16, scheme).front();
        CHECK(has(flaw(decoder, narrow), scheme == Scheme::NF4 ? "1536 bytes" : "[48, 64]"));
        auto alone = expected_tensors(decoder, DType::BF16);
        named(alone, weight) = parts.front();
        CHECK(has(flaw(decoder, alone), "not computed with"));
    }
}

TEST_CASE("a tied head may be stored, then it counts, in its own shape, and may be all there is") {
    const DecoderDescription decoder = decoder_of(R"(,"tie_word_embeddings":true)");
    auto tensors = expected_tensors(decoder, DType::BF16);
    FootprintOptions options;
    options.scheme = Scheme::Plain;
    const std::uint64_t without = memory_footprint(decoder, tensors, options).weights,
                        parameters = parameter_count(decoder, tensors);
    tensors.push_back(tensor("lm_head.weight", DType::BF16, {100, 64}));
    CHECK(plan_of(decoder, tensors).weights.back().spec.module == "lm_head");
    CHECK(plan_of(decoder, tensors).unused.empty());
    CHECK(memory_footprint(decoder, tensors, options).weights == without + 2 * 6400);
    CHECK(parameter_count(decoder, tensors) == parameters + 6400);
    for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) CHECK(fate_of(decoder, tensors.back(), scheme) == Fate::Keep);
    // The embedding's very bytes are no head of its own.
    tensors.back().shared = true;
    CHECK(memory_footprint(decoder, tensors, options).weights == without);
    CHECK(parameter_count(decoder, tensors) == parameters);
    tensors.back() = tensor("lm_head.weight", DType::BF16, {101, 64});
    CHECK(has(flaw(decoder, tensors), "\"lm_head.weight\" has the shape [101, 64], config.json asks for [100, 64]"));
    tensors.back() = tensor("lm_head.weight", DType::BF16, {100, 64});
    without_tensor(tensors, "model.embed_tokens.weight");
    CHECK(plan_of(decoder, tensors).weights.front().spec.module == "lm_head");
    CHECK(plan_of(decoder, tensors).weights.size() == weight_specs(decoder).size());
    CHECK(memory_footprint(decoder, tensors, options).weights == without);
    // Where the two are not said to be one, each is needed.
    CHECK(has(flaw(decoder_of(""), tensors), "model.embed_tokens.weight"));
}

TEST_CASE("tensors of no use are counted, some are named, and nothing else changes") {
    const DecoderDescription decoder = decoder_of("");
    auto tensors = expected_tensors(decoder, DType::BF16);
    FootprintOptions options;
    const std::uint64_t weights = memory_footprint(decoder, tensors, options).weights,
                        disk = disk_bytes(decoder, tensors, Scheme::NF4), parameters = parameter_count(decoder, tensors);
    for (const char *name : {"v_head.summary.weight", "model.layers.2.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.bias",
                             "vision_tower.layers.0.q_proj.SCB", "freqs.weight.quant_state.bitsandbytes__nf4"})
        tensors.push_back(tensor(name, DType::C64, {300, 400}));
    tensors.push_back(tensor("model.layers.0.self_attn.rotary_emb.inv_freq", DType::F32, {8}));
    const WeightPlan plan = plan_of(decoder, tensors);
    CHECK(plan.unused.size() == 5);
    CHECK(has(plan.unused_as_text(), "5 tensors that the model has no use for: \"v_head.summary.weight\""));
    CHECK(has(plan.unused_as_text(), "and others"));
    CHECK(memory_footprint(decoder, tensors, options).weights == weights);
    CHECK(disk_bytes(decoder, tensors, Scheme::NF4) == disk);
    CHECK(parameter_count(decoder, tensors) == parameters);
}

TEST_CASE("git-lfs pointers are called that, whatever file they stand for") {
    const std::string pointer =
        "version https://git-lfs.github.com/spec/v1\noid "
        "sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
        "size 12345\n";
    for (const char *name : {"model.safetensors", "pytorch_model.bin"}) {
        CAPTURE(name);
        const TemporaryFolder folder, target;
        CHECK(has(open_single(folder, name, pointer).error().message, "git-lfs pointer"));
        CHECK(has(open_single(folder, name, pointer).error().message, name));
        auto converter = CheckpointConverter::create(
            R"({"model_type":"llama","hidden_size":64,"num_hidden_layers":2,"num_attention_heads":4,"intermediate_size":96,"vocab_size":100})",
            {target.path(), Scheme::NF4});
        REQUIRE(converter.ok());
        const auto advanced = (*converter)->advance(folder / name, name, pointer.size(), {});
        REQUIRE_FALSE(advanced.ok());
        CHECK(has(advanced.error().message, "git-lfs pointer"));
    }
    const TemporaryFolder folder;
    write_file(folder / "config.json", pointer);
    write_file(folder / "model.safetensors.index.json", pointer);
    CHECK(has(Checkpoint::open(folder.path()).error().message, "config.json"));
    CHECK(has(Checkpoint::open(folder.path()).error().message, "git-lfs pointer"));
    write_file(folder / "config.json", "{}");
    CHECK(has(Checkpoint::open(folder.path()).error().message, "model.safetensors.index.json"));
    CHECK(has(Checkpoint::open(folder.path()).error().message, "git-lfs pointer"));
    CHECK(has(describe(pointer).error().message, "config.json"));
    CHECK(has(describe(pointer).error().message, "git-lfs pointer"));
    CHECK(has(read_json_object(folder / "model.safetensors.index.json").error().message, "git-lfs pointer"));
}
