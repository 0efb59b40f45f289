// Weights that other programs packed, in a running model; and experts in one tensor in 8 and 4 bits.
#include "tests/core/engine/checkpoint/foreign_forms.h"
#include "tests/core/engine/runtime/support.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/memory_footprint.h"

#include <doctest/doctest.h>

namespace millm::engine::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::int32_t> prompt{1, 5, 9, 2, 30, 17, 4};

LoadOptions options_for(const fs::path &folder, std::optional<Scheme> quantize) {
    LoadOptions options;
    options.folder = folder;
    options.compute = ComputeType::Float32;
    options.quantize = quantize;
    return options;
}

std::vector<float> logits_of(const LanguageModel &model) {
    const auto logits = const_cast<LanguageModel &>(model).logits(prompt);
    REQUIRE_MESSAGE(logits.ok(), logits.error().message);
    return *logits;
}

}  // namespace

TEST_CASE("what other programs packed computes as its restored values do, in the memory that was foretold") {
    for (const testing::ForeignForm &form : testing::foreign_forms()) {
        const testing::PackedModel model = testing::packed_model(form);
        const testing::TemporaryFolder packed, plain;
        testing::write_file(packed / "config.json", model.config);
        testing::write_file(packed / "model.safetensors", testing::safetensors_file(model.tensors));
        nlohmann::json config = nlohmann::json::parse(model.config);
        config.erase("quantization_config");
        testing::write_file(plain / "config.json", config.dump());
        testing::write_file(plain / "model.safetensors", testing::safetensors_file(model.plain()));
        const auto decoder = describe(model.config);
        REQUIRE(decoder.ok());
        const auto checkpoint = Checkpoint::open(packed.path());
        REQUIRE(checkpoint.ok());
        std::vector<float> as_stored;
        for (const Scheme scheme : {Scheme::Plain, Scheme::Int8, Scheme::NF4}) {
            CAPTURE(std::string(form.name));
            CAPTURE(static_cast<int>(scheme));
            const auto restored = load(options_for(packed.path(), scheme));
            FootprintOptions footprint;
            footprint.scheme = scheme;
            footprint.compute = ComputeType::Float32;
            CHECK(restored->info().weight_bytes == memory_footprint(*decoder, (*checkpoint)->tensors(), footprint).weights);
            const std::vector<float> got = logits_of(*restored);
            if (scheme == Scheme::Plain) {
                CHECK(largest_difference(got, logits_of(*load(options_for(plain.path(), scheme)))) == 0.0F);
                as_stored = got;
            } else {
                // Quantized are the values before they are rounded to 16 bits.
                CHECK(largest_difference(got, as_stored) > 0.0F);
                const float wanted = largest_difference(logits_of(*load(options_for(plain.path(), scheme))), as_stored);
                CHECK(largest_difference(got, as_stored) < 2 * wanted + 0.02F);
            }
        }
    }
}

}  // namespace millm::engine::test
