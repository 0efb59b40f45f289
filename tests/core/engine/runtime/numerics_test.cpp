// docs/numerics.md, held: how far each compute type and stored form is from transformers in the same type, and that a request's
// answer does not depend on what is computed beside it. CMake runs this at every instruction set that the machine has.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

struct Distance {
    const char *family, *folder, *tensor;
    ComputeType compute;
    float same_type;  ///< from transformers' logits in the same type and form, with exact products
    float exact;      ///< from transformers' float32 logits of the same weights; 0: there are none
    float fast = 0;   ///< of fast products from exact ones; 0: weights are not quantized
};

// transformers rounds every intermediate result to 16 bits, miLLM keeps sums and the residual stream in f32: so the distance
// from transformers is about transformers' own distance from float32. 8-bit rows there meet inputs of 8 bits, one scale a row;
// here exact ones, or a scale for each 64 values. Fast products have a head of 8 bits besides.
constexpr Distance distances[] = {
    {"llama", "fp-bf16", "fp_bf16.logits", ComputeType::Auto, 0.12F, 0.1F},
    {"llama", "fp-f16", "fp_f16.logits", ComputeType::Auto, 0.015F, 0.01F},
    {"llama", "nf4-f32", "nf4_f32.logits", ComputeType::Float32, 1e-4F, 0, 0.15F},
    {"llama", "nf4-bf16", "nf4_bf16.logits", ComputeType::Auto, 0.12F, 0, 0.15F},
    {"llama", "nf4-f16", "nf4_f16.logits", ComputeType::Auto, 0.015F, 0, 0.15F},
    {"llama", "int8-f32", "int8_f32.logits", ComputeType::Float32, 0.25F, 0, 0.12F},
    {"llama", "int8-bf16", "int8_bf16.logits", ComputeType::Auto, 0.25F, 0, 0.12F},
    {"llama", "int8-f16", "int8_f16.logits", ComputeType::Auto, 0.25F, 0, 0.12F},
    {"gpt2", "fp-bf16", "fp_bf16.logits", ComputeType::Auto, 0.12F, 0.1F},
    {"gpt2", "fp-f16", "fp_f16.logits", ComputeType::Auto, 0.015F, 0.01F},
    {"gpt2", "nf4-f32", "nf4_f32.logits", ComputeType::Float32, 1e-4F, 0, 0.15F},
    {"gpt2", "nf4-bf16", "nf4_bf16.logits", ComputeType::Auto, 0.12F, 0, 0.15F},
    {"gpt2", "nf4-f16", "nf4_f16.logits", ComputeType::Auto, 0.015F, 0, 0.15F},
    {"gpt2", "int8-f32", "int8_f32.logits", ComputeType::Float32, 0.25F, 0, 0.12F},
    {"gpt2", "int8-bf16", "int8_bf16.logits", ComputeType::Auto, 0.25F, 0, 0.12F},
    {"gpt2", "int8-f16", "int8_f16.logits", ComputeType::Auto, 0.25F, 0, 0.12F},
};

struct Told {
    std::vector<std::int32_t> tokens;
    std::vector<float> logprobs;
    bool operator==(const Told &) const = default;
};

/// Runs all of `requests` at once and tells what came of the one at `watched`.
Told run_among(LanguageModel &model, const std::vector<SequenceRequest> &requests, std::size_t watched) {
    SequenceId wanted = 0;
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto id = model.add(requests[i]);
        REQUIRE(id.ok());
        if (i == watched) wanted = *id;
    }
    Told told;
    while (model.live_sequences() > 0) {
        const auto updates = model.step();
        REQUIRE(updates.ok());
        for (const SequenceUpdate &update : *updates) {
            if (update.id != wanted) continue;
            for (const GeneratedToken &token : update.tokens) {
                told.tokens.push_back(token.id);
                told.logprobs.push_back(token.logprob);
            }
        }
    }
    return told;
}

std::vector<float> logits_with(const fs::path &folder, ComputeType compute, Products products,
                               const std::vector<std::int32_t> &ids) {
    LoadOptions options;
    options.folder = folder;
    options.compute = compute;
    options.products = products;
    const auto logits = load(options)->logits(ids);
    REQUIRE(logits.ok());
    return *logits;
}

SequenceRequest prompt_request(std::int32_t seed, std::int64_t length, std::int64_t tokens) {
    std::vector<std::int32_t> prompt;
    for (std::int64_t i = 0; i < length; ++i) prompt.push_back(static_cast<std::int32_t>(5 + (seed * 131 + i * 37) % 2000));
    SequenceRequest request = greedy(std::move(prompt), tokens);
    request.top_logprobs = 0;
    return request;
}

}  // namespace

TEST_CASE("each compute type and stored form is as near to transformers as docs/numerics.md says") {
    MESSAGE(engine().description());
    for (const Distance &row : distances) {
        CAPTURE(std::string(row.family));
        CAPTURE(std::string(row.folder));
        const fs::path folder = fixtures() / "quantized" / row.family / row.folder;
        const fs::path numbers = fixtures() / "quantized" / row.family / "expected.safetensors";
        const auto logits = logits_with(folder, row.compute, Products::Exact, prompt_of(numbers));
        const float same_type = largest_difference(logits, read_floats(numbers, row.tensor));
        const float exact = largest_difference(logits, read_floats(numbers, "fp_f32.logits"));
        const std::string name = std::string(row.family) + " " + row.folder;
        MESSAGE(name << ": " << same_type << " from transformers, " << exact << " from float32");
        CHECK(same_type <= row.same_type);
        if (row.exact > 0) CHECK(exact <= row.exact);
        if (row.fast == 0) continue;
        const auto fast = logits_with(folder, row.compute, Products::Fast, prompt_of(numbers));
        MESSAGE(name << ": fast products are " << largest_difference(fast, logits) << " from exact ones");
        CHECK(largest_difference(fast, logits) <= row.fast);
        CHECK(largest_difference(fast, logits) > 0);
    }
}

TEST_CASE("16-bit models are nearer to float32 than transformers is in their type") {
    for (const char *name : {"llama_bf16", "gpt2_f16"}) {
        CAPTURE(std::string(name));
        const fs::path folder = fixtures() / "models" / name;
        const nlohmann::json expected = read_json(folder / "expected.json");
        const auto ids = expected["input_ids"][0].get<std::vector<std::int32_t>>();
        const std::unique_ptr<LanguageModel> model = load(folder, ComputeType::Auto);
        CHECK(model->info().compute_type == (std::string(name) == "llama_bf16" ? "bfloat16" : "float16"));
        const auto logits = model->logits(ids);
        REQUIRE(logits.ok());
        CHECK(largest_difference(*logits, read_floats(folder / "expected.safetensors", "logits")) <
              expected["native_dtype_max_abs_diff_vs_f32"].get<float>());
    }
}

TEST_CASE("an answer has the same bits alone and in the company of 12 and of 39 others") {
    struct Form {
        std::optional<Scheme> scheme;
        ComputeType compute;
        Products products = Products::Fast;
    };
    const Form forms[] = {{std::nullopt, ComputeType::Auto},
                          {std::nullopt, ComputeType::Float32},
                          {Scheme::Int8, ComputeType::Auto},
                          {Scheme::NF4, ComputeType::Auto},
                          {Scheme::Int8, ComputeType::Auto, Products::Exact},
                          {Scheme::NF4, ComputeType::Auto, Products::Exact}};
    for (const Form &form : forms) {
        LoadOptions options;
        options.folder = sample_model();
        options.compute = form.compute;
        options.quantize = form.scheme;
        options.products = form.products;
        const auto model = load(options);
        CAPTURE(static_cast<int>(form.scheme.value_or(Scheme::Plain)));
        CAPTURE(static_cast<int>(form.products));
        CAPTURE(model->info().compute_type);
        const SequenceRequest watched = prompt_request(1, 19, 16);
        const Told alone = run_among(*model, {watched}, 0);
        REQUIRE(alone.tokens.size() == 16);
        for (const std::size_t others : {12, 39}) {
            CAPTURE(others);
            std::vector<SequenceRequest> requests;
            for (std::size_t i = 0; i < others; ++i)
                requests.push_back(prompt_request(static_cast<std::int32_t>(i + 2), static_cast<std::int64_t>(1 + i % 7), 15));
            requests.insert(requests.begin() + 5, watched);
            CHECK(run_among(*model, requests, 5) == alone);
        }
    }
}

TEST_CASE("a prompt at once, in pieces and token by token gives the same logits but for rounding") {
    for (const ComputeType compute : {ComputeType::Float32, ComputeType::Auto}) {
        CAPTURE(static_cast<int>(compute));
        const SequenceRequest request = prompt_request(3, 40, 1);
        std::vector<std::vector<float>> results;
        for (const std::int64_t chunk : {512, 7, 1}) {
            LoadOptions options;
            options.folder = sample_model();
            options.compute = compute;
            options.prefill_chunk = chunk;
            const auto logits = load(options)->logits(request.prompt);
            REQUIRE(logits.ok());
            results.push_back(*logits);
        }
        // Attention sums a prompt's scores in another order than one token's; with 16-bit keys a sum may then round otherwise.
        const float bound = compute == ComputeType::Float32 ? 1e-4F : 0.05F;
        CHECK(largest_difference(results[0], results[1]) <= bound);
        CHECK(largest_difference(results[0], results[2]) <= bound);
    }
}

}  // namespace millm::engine::test
