// Several sequences at once: who advances, who ends, and what is told of it.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>

namespace millm::engine::test {

namespace {

struct Told {
    std::vector<GeneratedToken> tokens, prompt;
    std::string text, stop_string;
    FinishReason finish = FinishReason::None;
    int updates = 0;
};

std::map<SequenceId, Told> run(LanguageModel &model) {
    std::map<SequenceId, Told> all;
    while (model.live_sequences() > 0) {
        auto updates = model.step();
        REQUIRE(updates.ok());
        for (SequenceUpdate &update : *updates) {
            Told &told = all[update.id];
            ++told.updates;
            told.tokens.insert(told.tokens.end(), update.tokens.begin(), update.tokens.end());
            if (!update.prompt.empty()) told.prompt = update.prompt;
            told.text += update.text;
            told.stop_string = update.stop_string;
            told.finish = update.finish;
        }
    }
    return all;
}

Told run_one(LanguageModel &model, const SequenceRequest &request) {
    const auto id = model.add(request);
    REQUIRE(id.ok());
    return run(model)[*id];
}

std::unique_ptr<LanguageModel> story_teller() {
    return load(sample_model());
}

std::vector<std::int32_t> encode(const LanguageModel &model, const std::string &text) {
    return *model.tokenizer().encode(text, true);
}

}  // namespace

TEST_CASE("sequences of all ages advance together, and each as if it were alone") {
    const auto model = story_teller();
    const std::vector<std::string> prompts = {"Once upon a time", "The king said to his",
                                              "In the deep dark forest there lived an old"};
    std::vector<std::vector<std::int32_t>> alone;
    for (const std::string &prompt : prompts) alone.push_back(generate(*model, {greedy(encode(*model, prompt), 24)})[0]);

    std::vector<SequenceId> ids;
    std::map<SequenceId, std::vector<std::int32_t>> tokens;
    std::size_t added = 0;
    for (int step = 0; added < prompts.size() || model->live_sequences() > 0; ++step) {
        if (step % 5 == 0 && added < prompts.size()) ids.push_back(*model->add(greedy(encode(*model, prompts[added++]), 24)));
        const auto updates = model->step();
        REQUIRE(updates.ok());
        for (const SequenceUpdate &update : *updates)
            for (const GeneratedToken &token : update.tokens) tokens[update.id].push_back(token.id);
    }
    for (std::size_t i = 0; i < ids.size(); ++i) CHECK(tokens[ids[i]] == alone[i]);
}

TEST_CASE("many sequences at once take the wide path and still agree") {
    const auto model = load(sample_model(), ComputeType::Float32);
    const std::vector<std::int32_t> prompt = encode(*model, "Once upon a time there was");
    const std::vector<std::int32_t> alone = generate(*model, {greedy(prompt, 12)})[0];
    for (const auto &tokens : generate(*model, std::vector<SequenceRequest>(17, greedy(prompt, 12)))) CHECK(tokens == alone);
}

TEST_CASE("a long prompt does not keep others waiting") {
    LoadOptions options;
    options.folder = sample_model();
    options.prefill_chunk = 16;
    const auto model = load(options);
    const std::vector<std::int32_t> first = encode(*model, "Once");
    const SequenceId quick = *model->add(greedy(first, 6));
    const SequenceId slow = *model->add(greedy(std::vector<std::int32_t>(200, 300), 2));
    const SequenceId last = *model->add(greedy(std::vector<std::int32_t>(40, 300), 2));
    int quick_done = 0, slow_first = 0, last_first = 0, step = 0;
    std::map<SequenceId, std::int64_t> prefilled;
    while (model->live_sequences() > 0) {
        ++step;
        const auto updates = model->step();
        REQUIRE(updates.ok());
        std::int64_t taken = 0;
        for (const SequenceUpdate &update : *updates) {
            taken += update.prompt_tokens_done - prefilled[update.id];
            prefilled[update.id] = update.prompt_tokens_done;
            if (update.id == quick && update.finish != FinishReason::None) quick_done = step;
            if (update.id == slow && !update.tokens.empty() && slow_first == 0) slow_first = step;
            if (update.id == last && !update.tokens.empty() && last_first == 0) last_first = step;
        }
        // All prompts together take what one step may take, the oldest first.
        const auto left = static_cast<std::int64_t>(first.size()) + 200 + 40 - 16 * (step - 1);
        CHECK(taken == std::clamp<std::int64_t>(left, 0, 16));
    }
    CHECK(quick_done == 6);
    CHECK(slow_first == 13);
    CHECK(last_first == 16);  // 240 tokens and those of the first in pieces of 16
}

TEST_CASE("a cancelled sequence is gone at once and others do not notice") {
    const auto model = story_teller();
    const std::vector<std::int32_t> prompt = encode(*model, "The old woman");
    const std::vector<std::int32_t> alone = generate(*model, {greedy(prompt, 20)})[0];
    const SequenceId kept = *model->add(greedy(prompt, 20)), dropped = *model->add(greedy(prompt, 20));
    const std::uint64_t both = [&] {
        REQUIRE(model->step().ok());
        return model->memory_bytes();
    }();
    model->cancel(dropped);
    model->cancel(dropped + 100);
    CHECK(model->live_sequences() == 1);
    CHECK(model->memory_bytes() < both);
    std::vector<std::int32_t> rest{alone[0]};
    while (model->live_sequences() > 0) {
        const auto updates = model->step();
        REQUIRE(updates.ok());
        for (const SequenceUpdate &update : *updates) {
            CHECK(update.id == kept);
            for (const GeneratedToken &token : update.tokens) rest.push_back(token.id);
        }
    }
    CHECK(rest == alone);
    CHECK(model->memory_bytes() == model->info().weight_bytes);
}

TEST_CASE("ends: stop tokens, stop strings, length, context") {
    const auto model = story_teller();
    const std::vector<std::int32_t> prompt = encode(*model, "Once upon a time there was a king who had three sons");
    const Told free = run_one(*model, greedy(prompt, 40));
    CHECK(free.finish == FinishReason::Length);
    CHECK(free.tokens.size() == 40);
    CHECK(free.text.size() > 60);

    SequenceRequest request = greedy(prompt, 40);
    request.stop.stop_tokens = {free.tokens[7].id};
    const Told by_token = run_one(*model, request);
    CHECK(by_token.finish == FinishReason::Stop);
    CHECK(by_token.tokens.size() <= 8);
    CHECK(by_token.tokens.back().id == free.tokens[7].id);
    CHECK(free.text.compare(0, by_token.text.size(), by_token.text) == 0);

    request = greedy(prompt, 40);
    const std::string stop = free.text.substr(20, 9);
    request.stop.stop_strings = {"no such words", stop};
    const Told by_string = run_one(*model, request);
    CHECK(by_string.finish == FinishReason::Stop);
    CHECK(by_string.stop_string == stop);
    CHECK(by_string.text == free.text.substr(0, free.text.find(stop)));

    LoadOptions options;
    options.folder = sample_model();
    options.context_length = static_cast<std::int64_t>(prompt.size()) + 3;
    const auto narrow = load(options);
    CHECK(narrow->info().context_length == options.context_length);
    const Told by_context = run_one(*narrow, greedy(prompt, 0));
    CHECK(by_context.finish == FinishReason::Length);
    CHECK(by_context.tokens.size() == 3);
}

TEST_CASE("the model's own end of text stops it unless that is ignored") {
    const auto model = story_teller();
    CHECK(model->info().eos_tokens == std::vector<std::int32_t>{4, 2});  // config.json and generation_config.json together
    SequenceRequest request = greedy(encode(*model, "Once"), 10);
    request.sampling.logit_bias = {{2, 1000.0F}};
    request.stop.ignore_eos = false;
    const Told ended = run_one(*model, request);
    CHECK(ended.finish == FinishReason::Stop);
    CHECK(ended.tokens.size() == 1);
    CHECK(ended.text.empty());
    request.stop.ignore_eos = true;
    CHECK(run_one(*model, request).tokens.size() == 10);
}

TEST_CASE("the text is the decoded tokens, and a seed repeats itself beside other sequences") {
    const auto model = load(sample_model(), ComputeType::Float32);
    SequenceRequest request = greedy(encode(*model, "The fox"), 30);
    request.sampling.temperature = 0.9;
    request.sampling.top_p = 0.95;
    request.sampling.seed = 7;
    const Told first = run_one(*model, request);
    std::vector<std::int32_t> ids;
    for (const GeneratedToken &token : first.tokens) ids.push_back(token.id);
    CHECK(first.text == *model->tokenizer().decode(ids, true));

    const SequenceId again = *model->add(request);
    request.sampling.seed = 8;
    const SequenceId other = *model->add(request);
    auto both = run(*model);
    CHECK(both[again].text == first.text);
    CHECK(both[other].text != first.text);
}

TEST_CASE("log probabilities of answers and prompts come from the logits") {
    const auto model = load(sample_model(), ComputeType::Float32);
    const std::vector<std::int32_t> prompt = encode(*model, "Once upon a time there was");
    SequenceRequest request = greedy(prompt, 3);
    request.top_logprobs = 2;
    request.prompt_logprobs = true;
    const Told told = run_one(*model, request);
    const auto vocab = static_cast<std::size_t>(model->info().vocab);
    const auto logits = model->logits(prompt);
    REQUIRE(logits.ok());
    const auto logprob = [&](std::size_t position, std::int32_t id) {
        double total = 0;
        for (std::size_t i = 0; i < vocab; ++i) total += std::exp(static_cast<double>((*logits)[position * vocab + i]));
        return static_cast<double>((*logits)[position * vocab + static_cast<std::size_t>(id)]) - std::log(total);
    };
    REQUIRE(told.prompt.size() == prompt.size());
    CHECK(told.prompt[0].id == prompt[0]);
    CHECK(told.prompt[0].logprob == 0);
    for (std::size_t i = 1; i < prompt.size(); ++i) {
        CHECK(told.prompt[i].id == prompt[i]);
        CHECK(std::abs(static_cast<double>(told.prompt[i].logprob) - logprob(i - 1, prompt[i])) < 1e-4);
        CHECK(told.prompt[i].top.size() == 2);
    }
    REQUIRE(told.tokens.size() == 3);
    CHECK(std::abs(static_cast<double>(told.tokens[0].logprob) - logprob(prompt.size() - 1, told.tokens[0].id)) < 1e-4);
    CHECK(told.tokens[0].top[0].id == told.tokens[0].id);
    CHECK(told.tokens[0].top[0].logprob >= told.tokens[0].top[1].logprob);
}

}  // namespace millm::engine::test
