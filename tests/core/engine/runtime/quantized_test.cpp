// Checkpoints that bitsandbytes quantized, and quantizing while loading.
#include "tests/core/engine/runtime/support.h"

#include "core/engine/checkpoint/converter.h"

#include <doctest/doctest.h>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::int32_t> prompt_of(const fs::path &numbers) {
    std::vector<std::int32_t> ids;
    for (const float id : read_floats(numbers, "input_ids")) ids.push_back(static_cast<std::int32_t>(id));
    return ids;
}

std::vector<float> logits_of(const LoadOptions &options, const std::vector<std::int32_t> &ids) {
    const std::unique_ptr<LanguageModel> model = load(options);
    const auto logits = model->logits(ids);
    REQUIRE(logits.ok());
    return *logits;
}

float mean_difference(const std::vector<float> &a, const std::vector<float> &b) {
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) total += std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    return static_cast<float>(total / static_cast<double>(a.size()));
}

}  // namespace

TEST_CASE("checkpoints by bitsandbytes give its logits") {
    struct Row {
        const char *family, *variant, *tensor;
        float tolerance;
    };
    // int8 here multiplies exact activations, bitsandbytes rounds them to 8 bits too.
    const Row rows[] = {
        {"gpt2", "nf4-f32", "nf4_f32.logits", 1e-4F},  {"gpt2", "nf4-dq-f32", "nf4_dq_f32.logits", 1e-4F},
        {"gpt2", "fp4-f32", "fp4_f32.logits", 1e-4F},  {"gpt2", "int8-f32", "int8_f32.logits", 0.25F},
        {"llama", "nf4-f32", "nf4_f32.logits", 1e-4F}, {"llama", "nf4-dq-f32", "nf4_dq_f32.logits", 1e-4F},
        {"llama", "fp4-f32", "fp4_f32.logits", 1e-4F}, {"llama", "int8-f32", "int8_f32.logits", 0.25F},
    };
    for (const Row &row : rows) {
        CAPTURE(row.family);
        CAPTURE(row.variant);
        const fs::path numbers = fixtures() / "quantized" / row.family / "expected.safetensors";
        LoadOptions options;
        options.folder = fixtures() / "quantized" / row.family / row.variant;
        options.compute = ComputeType::Float32;
        const std::vector<float> logits = logits_of(options, prompt_of(numbers));
        const std::vector<float> expected = read_floats(numbers, row.tensor);
        CHECK(largest_difference(logits, expected) <= row.tolerance);
        // The quantized model is not the plain one.
        CHECK(mean_difference(logits, expected) < mean_difference(logits, read_floats(numbers, "fp_f32.logits")));
    }
}

TEST_CASE("quantizing while loading equals converting and then loading") {
    for (const char *family : {"llama", "gpt2"}) {
        for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
            CAPTURE(family);
            const fs::path plain = fixtures() / "models" / family;
            const auto ids = read_json(plain / "expected.json")["input_ids"][0].get<std::vector<std::int32_t>>();

            const TemporaryFolder converted;
            CheckpointConverter::Options how;
            how.target = converted.path();
            how.scheme = scheme;
            auto converter = CheckpointConverter::create(read_text(plain / "config.json"), how);
            REQUIRE(converter.ok());
            const fs::path weights = plain / "model.safetensors";
            REQUIRE((*converter)->advance(weights, "model.safetensors", fs::file_size(weights), {}).ok());
            REQUIRE((*converter)->finish({}).ok());

            LoadOptions then_loaded, while_loading;
            then_loaded.folder = converted.path();
            while_loading.folder = plain;
            while_loading.quantize = scheme;
            then_loaded.compute = while_loading.compute = ComputeType::Float32;
            const std::vector<float> a = logits_of(then_loaded, ids), b = logits_of(while_loading, ids);
            CHECK(largest_difference(a, b) == 0.0F);
            LoadOptions as_stored;
            as_stored.folder = plain;
            as_stored.compute = ComputeType::Float32;
            CHECK(largest_difference(b, logits_of(as_stored, ids)) > 1e-3F);
        }
    }
}

TEST_CASE("a quantized model takes less memory") {
    LoadOptions options;
    options.folder = sample_model();
    const std::uint64_t plain = load(options)->info().weight_bytes;
    options.quantize = Scheme::Int8;
    const std::uint64_t int8 = load(options)->info().weight_bytes;
    options.quantize = Scheme::NF4;
    const std::uint64_t nf4 = load(options)->info().weight_bytes;
    CHECK(int8 < plain * 6 / 10);
    CHECK(nf4 < int8 * 7 / 10);
}

}  // namespace millm::engine::test
