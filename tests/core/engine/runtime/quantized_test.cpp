// Checkpoints that bitsandbytes quantized, and quantizing while loading.
#include "tests/core/engine/runtime/support.h"

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/converter.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/quantization/stored_linear.h"

#include <doctest/doctest.h>

#include <cstring>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

std::vector<float> logits_of(const LoadOptions &options, const std::vector<std::int32_t> &ids) {
    const std::unique_ptr<LanguageModel> model = load(options);
    const auto logits = model->logits(ids);
    REQUIRE(logits.ok());
    return *logits;
}

LoadOptions exact(const fs::path &folder) {
    LoadOptions options;
    options.folder = folder;
    options.compute = ComputeType::Float32;
    options.products = Products::Exact;
    return options;
}

}  // namespace

TEST_CASE("checkpoints by bitsandbytes give its logits") {
    struct Row {
        const char *variant, *tensor;
        float tolerance;
    };
    // int8 here multiplies exact activations, bitsandbytes rounds them to 8 bits too.
    const Row rows[] = {
        {"nf4-f32", "nf4_f32.logits", 1e-4F},
        {"nf4-dq-f32", "nf4_dq_f32.logits", 1e-4F},
        {"fp4-f32", "fp4_f32.logits", 1e-4F},
        {"int8-f32", "int8_f32.logits", 0.25F},
    };
    for (const char *family : {"gpt2", "llama"}) {
        const fs::path numbers = fixtures() / "quantized" / family / "expected.safetensors";
        for (const Row &row : rows) {
            CAPTURE(std::string(family));
            CAPTURE(std::string(row.variant));
            const std::vector<float> logits =
                logits_of(exact(fixtures() / "quantized" / family / row.variant), prompt_of(numbers));
            CHECK(largest_difference(logits, read_floats(numbers, row.tensor)) <= row.tolerance);
            CHECK(largest_difference(logits, read_floats(numbers, "fp_f32.logits")) > 1e-3F);
        }
    }
}

TEST_CASE("quantizing while loading equals converting and then loading") {
    // Of some all experts lie in one tensor, one way round or the other.
    for (const char *family : {"llama", "gpt2", "qwen3_moe", "granitemoe", "llama4_text", "gpt_oss", "gemma4_text_b"}) {
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
            for (const Products products : {Products::Fast, Products::Exact}) {
                const auto small = Checkpoint::open(converted.path());
                REQUIRE(small.ok());
                FootprintOptions foretold;
                foretold.compute = ComputeType::Float32;
                foretold.products = then_loaded.products = products;
                CHECK(load(then_loaded)->info().weight_bytes ==
                      memory_footprint(*describe((*small)->config()), (*small)->tensors(), foretold).weights);
            }
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
    // Their tied head has a copy in 8 bits beside the embedding.
    CHECK(int8 < plain * 65 / 100);
    CHECK(nf4 < int8 * 75 / 100);
    options.products = Products::Exact;
    CHECK(load(options)->info().weight_bytes < int8 * 65 / 100);
}

TEST_CASE("the weights in memory have the bytes that were foretold from the headers") {
    for (const fs::directory_entry &entry : fs::directory_iterator(fixtures() / "models")) {
        const fs::path &folder = entry.path();
        if (!fs::exists(folder / "config.json") || !describe(read_text(folder / "config.json"))) continue;
        const auto checkpoint = Checkpoint::open(folder);
        REQUIRE(checkpoint.ok());
        const auto decoder = describe((*checkpoint)->config());
        REQUIRE(decoder.ok());
        for (const Scheme scheme : {Scheme::Plain, Scheme::Int8, Scheme::NF4}) {
            for (const ComputeType compute : {ComputeType::Auto, ComputeType::Float32, ComputeType::BFloat16}) {
                CAPTURE(folder.string());
                CAPTURE(static_cast<int>(scheme));
                CAPTURE(static_cast<int>(compute));
                for (const Products products : {Products::Fast, Products::Exact}) {
                    CAPTURE(static_cast<int>(products));
                    LoadOptions options;
                    options.folder = folder;
                    options.compute = compute;
                    options.products = products;
                    if (scheme != Scheme::Plain) options.quantize = scheme;
                    FootprintOptions foretold;
                    foretold.scheme = scheme;
                    foretold.compute = compute;
                    foretold.products = products;
                    CHECK(load(options)->info().weight_bytes ==
                          memory_footprint(*decoder, (*checkpoint)->tensors(), foretold).weights);
                    if (scheme == Scheme::Plain) break;
                }
            }
        }
    }
}

}  // namespace millm::engine::test
