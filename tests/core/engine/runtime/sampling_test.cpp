// Choosing tokens, against transformers' logits processors.
#include "core/engine/generation/sampler.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>

namespace millm::engine::test {

namespace {

SamplingOptions options_of(const nlohmann::json &params) {
    SamplingOptions options;
    options.temperature = params.value("temperature", 1.0);
    options.top_k = params.value("top_k", 0);
    options.top_p = params.value("top_p", 1.0);
    options.min_p = params.value("min_p", 0.0);
    options.typical_p = params.value("typical_p", 1.0);
    options.repetition_penalty = params.value("repetition_penalty", 1.0);
    options.no_repeat_ngram = params.value("no_repeat_ngram_size", 0);
    return options;
}

std::vector<double> softmax(std::vector<float> logits) {
    const double total = log_sum_exp(logits);
    std::vector<double> result;
    for (const float logit : logits) result.push_back(std::exp(static_cast<double>(logit) - total));
    return result;
}

}  // namespace

TEST_CASE("logits processors agree with transformers in all reference cases") {
    const nlohmann::json golden = nlohmann::json::parse(std::ifstream(MILLM_FIXTURES "/generation/sampling.json"));
    const TokenHistory history(golden["context_ids"].get<std::vector<std::int32_t>>());
    REQUIRE(golden["cases"].size() == 56);
    for (const nlohmann::json &row : golden["cases"]) {
        const std::string params = row["params"].dump(), name = row["logits"];
        CAPTURE(name);
        CAPTURE(params);
        auto logits = golden["logits"][name].get<std::vector<float>>();
        process_logits(logits, options_of(row["params"]), history);
        std::vector<double> got = softmax(logits);
        auto expected = row["probs"].get<std::vector<double>>();
        if (name == "ties") {
            // Which of equals top-p keeps is chance in the reference (its sort is unstable): compare without places.
            std::sort(got.begin(), got.end());
            std::sort(expected.begin(), expected.end());
        }
        std::size_t kept = 0;
        double worst = 0;
        for (std::size_t i = 0; i < got.size(); ++i) {
            kept += got[i] > 0 ? 1 : 0;
            worst = std::max(worst, std::abs(got[i] - expected[i]));
        }
        CHECK(kept == row["kept"].get<std::size_t>());
        CHECK(worst < 1e-5);
    }
}

TEST_CASE("bias and OpenAI's penalties change the right tokens") {
    TokenHistory history({5, 5});
    history.append(2);
    history.append(2);
    history.append(3);
    SamplingOptions options;
    options.logit_bias = {{1, 2.0F}, {4, -100.0F}};
    options.frequency_penalty = 0.5;
    options.presence_penalty = 0.25;
    std::vector<float> logits(6, 1.0F);
    process_logits(logits, options, history);
    CHECK(logits == std::vector<float>{1.0F, 3.0F, 1.0F - 1.25F, 1.0F - 0.75F, -99.0F, 1.0F});
}

TEST_CASE("a seed repeats its choices and the frequencies are the probabilities") {
    const std::vector<float> logits = {0.0F, 1.0F, 2.0F, -1.0F};
    const std::vector<double> expected = softmax(logits);
    const TokenHistory history({0});
    SamplingOptions options;
    options.seed = 42;
    Sampler one(options), same(options);
    options.seed = 43;
    Sampler other(options);
    std::map<std::int32_t, int> counts;
    bool differs = false;
    constexpr int draws = 20000;
    for (int i = 0; i < draws; ++i) {
        std::vector<float> a = logits, b = logits, c = logits;
        const std::int32_t chosen = *one.choose(a, history);
        CHECK(chosen == *same.choose(b, history));
        differs = differs || chosen != *other.choose(c, history);
        ++counts[chosen];
    }
    CHECK(differs);
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(std::abs(counts[static_cast<std::int32_t>(i)] / static_cast<double>(draws) - expected[i]) < 0.015);
}

TEST_CASE("greedy takes the first of the largest, and logits that are not numbers are an error") {
    SamplingOptions options;
    options.temperature = 0;
    Sampler sampler(options);
    const TokenHistory history({0});
    std::vector<float> logits = {1.0F, 3.0F, 3.0F};
    CHECK(*sampler.choose(logits, history) == 1);
    std::vector<float> broken(3, std::nanf(""));
    CHECK_FALSE(sampler.choose(broken, history).ok());
}

TEST_CASE("a temperature that leaves the range of floats is as good as none") {
    for (const std::vector<float> &given : {std::vector<float>{1, 100, 50}, {-300, -5, -80}, {0, 2e30F, -2e30F}}) {
        for (const double temperature : {5e-324, 1e-46, 1e-39, 1.2e-38, 1e-30}) {
            CAPTURE(temperature);
            SamplingOptions options;
            options.temperature = temperature;
            options.top_k = 2;
            options.top_p = 0.9;
            options.min_p = 0.1;
            options.seed = 3;
            std::vector<float> logits = given;
            const auto chosen = Sampler(options).choose(logits, TokenHistory({0}));
            REQUIRE_MESSAGE(chosen.ok(), (chosen.ok() ? "" : chosen.error().message));
            CHECK(*chosen == 1);
        }
    }
}

TEST_CASE("log probabilities are of the unmodified distribution, most likely first") {
    const std::vector<float> logits = {0.0F, 2.0F, 1.0F};
    const GeneratedToken token = describe_token(0, logits, 2);
    const double total = std::log(1 + std::exp(2.0) + std::exp(1.0));
    CHECK(token.logprob == doctest::Approx(-total));
    REQUIRE(token.top.size() == 2);
    CHECK(token.top[0].id == 1);
    CHECK(token.top[0].logprob == doctest::Approx(2 - total));
    CHECK(token.top[1].id == 2);
}

TEST_CASE("options outside their range are named") {
    const auto message = [](auto set) {
        SamplingOptions options;
        set(options);
        const Result<void> checked = check_sampling(options, 100);
        return checked ? std::string() : checked.error().message;
    };
    CHECK(message([](SamplingOptions &) {}).empty());
    CHECK(message([](SamplingOptions &o) { o.temperature = -1; }).find("temperature") == 0);
    CHECK(message([](SamplingOptions &o) { o.temperature = std::nan(""); }).find("temperature") == 0);
    CHECK(message([](SamplingOptions &o) { o.top_p = 0; }).find("top_p") == 0);
    CHECK(message([](SamplingOptions &o) { o.top_k = -1; }).find("top_k") == 0);
    CHECK(message([](SamplingOptions &o) { o.min_p = 2; }).find("min_p") == 0);
    CHECK(message([](SamplingOptions &o) { o.repetition_penalty = 0; }).find("repetition_penalty") == 0);
    CHECK(message([](SamplingOptions &o) { o.logit_bias = {{100, 1.0F}}; }).find("logit_bias") == 0);
}

TEST_CASE("top-p keeps enough tokens of a flat, large vocabulary") {
    std::vector<float> logits(5000, 0.0F);
    SamplingOptions options;
    options.top_p = 0.5;
    process_logits(logits, options, TokenHistory({0}));
    const auto kept = std::count_if(logits.begin(), logits.end(), [](float logit) { return std::isfinite(logit); });
    CHECK(std::abs(kept - 2500) <= 1);
}

}  // namespace millm::engine::test
