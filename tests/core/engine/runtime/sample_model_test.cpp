// The shipped sample model: real weights with a tokenizer and a chat template, against transformers' numbers.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <cmath>

namespace millm::engine::test {

namespace {

const nlohmann::json &expected() {
    static const nlohmann::json json = read_json(fixtures() / "sample-model" / "expected.json");
    return json;
}

/// Negative log-likelihoods of ids[1...] each given what stands before it.
std::vector<double> losses(LanguageModel &model, const std::vector<std::int32_t> &ids) {
    const auto logits = model.logits(ids);
    REQUIRE(logits.ok());
    const auto vocab = static_cast<std::size_t>(model.info().vocab);
    std::vector<double> result;
    for (std::size_t position = 0; position + 1 < ids.size(); ++position) {
        const float *row = logits->data() + position * vocab;
        double most = row[0], total = 0;
        for (std::size_t i = 0; i < vocab; ++i) most = std::max(most, static_cast<double>(row[i]));
        for (std::size_t i = 0; i < vocab; ++i) total += std::exp(static_cast<double>(row[i]) - most);
        result.push_back(most + std::log(total) - static_cast<double>(row[ids[position + 1]]));
    }
    return result;
}

/// Over chunks of [bos] + 511 tokens.
double perplexity(LanguageModel &model, const std::vector<std::int32_t> &ids, std::size_t chunks,
                  std::vector<double> *means = nullptr) {
    double total = 0;
    std::size_t count = 0;
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        std::vector<std::int32_t> window{1};
        window.insert(window.end(), ids.begin() + static_cast<std::ptrdiff_t>(511 * chunk),
                      ids.begin() + static_cast<std::ptrdiff_t>(511 * (chunk + 1)));
        double sum = 0;
        for (const double loss : losses(model, window)) sum += loss, ++count;
        if (means != nullptr) means->push_back(sum / 511);
        total += sum;
    }
    return std::exp(total / static_cast<double>(count));
}

LoadOptions with(ComputeType compute, std::optional<Scheme> quantize = {}) {
    LoadOptions options;
    options.folder = sample_model();
    options.compute = compute;
    options.quantize = quantize;
    return options;
}

}  // namespace

TEST_CASE("losses of the held-out text are transformers'") {
    const auto model = load(with(ComputeType::Float32));
    std::vector<std::int32_t> window{1};
    for (const auto &id : expected()["first256_ids"]) window.push_back(id);
    const std::vector<double> got = losses(*model, window);
    const auto reference = expected()["first256_nll_fp32"].get<std::vector<double>>();
    REQUIRE(got.size() == reference.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(std::abs(got[i] - reference[i]) < 2e-4);
}

TEST_CASE("perplexity: exact in f32, close in 16 bits, a little worse in 8 and 4") {
    const std::string text = read_text(fixtures() / "sample-model" / "eval.txt");
    const auto model = load(with(ComputeType::Float32));
    const auto ids = model->tokenizer().encode(text, false);
    REQUIRE(ids.ok());
    REQUIRE(ids->size() > 511 * 8 + 16);
    std::vector<double> means;
    const double exact = perplexity(*model, *ids, 8, &means);
    const nlohmann::json &reference = expected()["perplexity"];
    CHECK(exact == doctest::Approx(reference["fp32_chunks_first8"].get<double>()).epsilon(1e-4));
    for (std::size_t i = 0; i < means.size(); ++i)
        CHECK(std::abs(means[i] - reference["fp32_chunks_first8_nll_per_chunk"][i].get<double>()) < 1e-4);

    const double half = perplexity(*load(with(ComputeType::Auto)), *ids, 8);
    const double int8 = perplexity(*load(with(ComputeType::Auto, Scheme::Int8)), *ids, 8);
    const double nf4 = perplexity(*load(with(ComputeType::Auto, Scheme::NF4)), *ids, 8);
    MESSAGE("perplexity f32 " << exact << ", 16-bit " << half << ", int8 " << int8 << ", NF4 " << nf4);
    CHECK(std::abs(half - exact) < 0.05);
    CHECK(int8 < exact * 1.01);
    CHECK(nf4 < exact * 1.05);
    CHECK(nf4 > int8);
}

TEST_CASE("greedy continuations are transformers', token for token") {
    const auto model = load(with(ComputeType::Float32));
    for (const nlohmann::json &row : expected()["greedy_fp32"]) {
        const auto ids = row["ids"].get<std::vector<std::int32_t>>();
        const auto margins = row["top1_top2_logit_margin"].get<std::vector<double>>();
        const auto got = generate(
            *model, {greedy(row["prompt_ids"].get<std::vector<std::int32_t>>(), static_cast<std::int64_t>(ids.size()))})[0];
        // Where the two best lie closer together than f32 can tell, what follows may differ.
        std::size_t certain = 0;
        while (certain < margins.size() && margins[certain] > 2e-3) ++certain;
        REQUIRE(got.size() == ids.size());
        REQUIRE(certain > 8);
        for (std::size_t i = 0; i < certain; ++i) CHECK(got[i] == ids[i]);
    }
}

}  // namespace millm::engine::test
