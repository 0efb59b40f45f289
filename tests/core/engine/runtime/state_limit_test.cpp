// What sequences may remember together, and what ended ones leave to others.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace millm::engine::test {

namespace {

using Tokens = std::vector<std::int32_t>;

struct Limited {
    std::vector<Tokens> tokens;
    std::vector<std::int64_t> reused;
    std::uint64_t most_live = 0, preempted = 0;
    std::int64_t most_running = 0, most_waiting = 0;
};

Limited run_limited(LanguageModel &model, const std::vector<SequenceRequest> &requests) {
    Limited told;
    told.tokens.resize(requests.size());
    told.reused.resize(requests.size());
    const auto take = [&](std::size_t place, const SequenceUpdate &update) {
        REQUIRE(update.finish != FinishReason::Failed);
        told.reused[place] = update.prompt_tokens_reused;
        for (const GeneratedToken &token : update.tokens) told.tokens[place].push_back(token.id);
    };
    run_all(model, requests, take, [&] {
        const StateUse use = model.state_use();
        told.most_live = std::max(told.most_live, use.live + use.kept);
        told.most_running = std::max(told.most_running, use.running);
        told.most_waiting = std::max(told.most_waiting, use.waiting);
        told.preempted = use.preempted;
    });
    return told;
}

Tokens letters(std::size_t count, unsigned seed) {
    Tokens ids;
    for (std::size_t i = 0; i < count; ++i)
        ids.push_back(static_cast<std::int32_t>(3 + (i * 7 + seed * 31 + i * i * seed) % 50));
    return ids;
}

std::filesystem::path tiny(const char *name) {
    return fixtures() / "models" / name;
}

}  // namespace

TEST_CASE("sequences that find no room wait or give way, and each is as if it were alone") {
    for (const char *name : {"qwen3", "gemma2", "deepseek_v3", "mamba2", "lfm2", "qwen3_next", "phi3"}) {
        INFO(name);
        const auto free = load(tiny(name));
        std::vector<SequenceRequest> requests;
        std::vector<Tokens> alone;
        for (unsigned seed = 0; seed < 6; ++seed) {
            requests.push_back(greedy(letters(20 + 7 * seed, seed + 1), 60));
            alone.push_back(generate(*free, {requests.back()})[0]);
        }
        const auto model = load(tiny(name));
        // What three of them hold at their ends.
        const auto one = model->add(requests.back());
        REQUIRE(one.ok());
        std::uint64_t most = 0;
        while (model->live_sequences() > 0) {
            REQUIRE(model->step().ok());
            most = std::max(most, model->state_use().live);
        }
        REQUIRE(model->limit_states(3 * most).ok());
        const Limited told = run_limited(*model, requests);
        CHECK(told.tokens == alone);
        CHECK(told.most_live <= 3 * most);
        CHECK(told.most_waiting >= 1);
        CHECK(told.most_running >= 2);
    }
}

TEST_CASE("who gives way begins again and says nothing twice") {
    const auto free = load(tiny("phi3"));
    std::vector<SequenceRequest> requests;
    std::vector<Tokens> alone;
    // Two pages are promised to each; there is room for two of them, until both want a third one.
    for (unsigned seed = 0; seed < 4; ++seed) {
        requests.push_back(greedy(letters(6, seed + 1), 150));
        alone.push_back(generate(*free, {requests.back()})[0]);
    }
    const auto model = load(tiny("phi3"));
    const std::uint64_t page = model->info().kv_bytes_per_token * 64;
    REQUIRE(model->limit_states(5 * page).ok());
    const Limited told = run_limited(*model, requests);
    CHECK(told.preempted > 0);
    CHECK(told.tokens == alone);
    CHECK(told.most_live <= 5 * page);
}

TEST_CASE("the context is what one sequence alone finds room for") {
    const auto model = load(tiny("qwen3"));
    const std::int64_t whole = model->info().context_length;
    REQUIRE(model->limit_states(std::uint64_t{1} << 40).ok());
    CHECK(model->info().context_length == whole);
    REQUIRE(model->limit_states(model->info().kv_bytes_per_token * 64).ok());
    CHECK(model->info().context_length == 64);
    CHECK(model->add(greedy(letters(64, 1), 4)).error().code == ErrorCode::ContextLength);
    CHECK(generate(*model, {greedy(letters(40, 1), 60)})[0].size() == 24);
    const auto none = model->limit_states(10);
    REQUIRE_FALSE(none.ok());
    CHECK(none.error().code == ErrorCode::OutOfMemory);
    CHECK(none.error().got == 10);
}

TEST_CASE("a prompt goes on from what others that begin alike have left, with the same answer") {
    for (const char *name : {"qwen3", "gemma2", "deepseek_v3", "mamba2", "lfm2", "phi3"}) {
        INFO(name);
        const auto fresh = load(tiny(name));
        const auto model = load(tiny(name));
        REQUIRE(model->limit_states(std::uint64_t{1} << 30).ok());
        // A turn of a chat, and the next one behind its answer.
        const Tokens first = letters(66, 3);
        const Limited turn = run_limited(*model, {greedy(first, 12)});
        CHECK(turn.reused[0] == 0);
        Tokens second = first;
        second.insert(second.end(), turn.tokens[0].begin(), turn.tokens[0].end());
        for (const std::int32_t id : letters(20, 5)) second.push_back(id);
        const Limited next = run_limited(*model, {greedy(second, 12)});
        CHECK(next.tokens[0] == generate(*fresh, {greedy(second, 12)})[0]);
        CHECK(next.reused[0] == 66 + 12 - 1);
        // The same prompt again, as several choices ask for it: all but its last token, where states can go back.
        const bool goes_back = std::string(name) != "mamba2" && std::string(name) != "lfm2" && std::string(name) != "gemma2";
        const Limited again = run_limited(*model, {greedy(second, 12), greedy(second, 12)});
        CHECK(again.tokens[0] == next.tokens[0]);
        CHECK(again.tokens[1] == next.tokens[0]);
        if (goes_back) CHECK(again.reused[0] == static_cast<std::int64_t>(second.size()) - 1);
        // Whoever wants to know of each token of the prompt gets them computed.
        SequenceRequest judged = greedy(second, 3);
        judged.prompt_logprobs = true;
        judged.top_logprobs = 0;
        CHECK(run_limited(*model, {judged}).reused[0] == 0);
    }
}

TEST_CASE("what was left gives way to who lives, and to a hook") {
    const auto model = load(tiny("qwen3"));
    const std::uint64_t page = model->info().kv_bytes_per_token * 64;
    REQUIRE(model->limit_states(3 * page).ok());
    run_limited(*model, {greedy(letters(100, 1), 4)});
    CHECK(model->state_use().kept == 2 * page);
    const Limited told = run_limited(*model, {greedy(letters(70, 2), 50)});
    CHECK(told.tokens[0].size() == 50);
    CHECK(told.most_live <= 3 * page);

    class Silent : public ResidualHook {
        bool wants(std::int64_t) const override { return false; }
        void after_layer(const ResidualRows &) override {}
    };
    model->set_hook(std::make_shared<Silent>());
    CHECK(model->state_use().kept == 0);
    run_limited(*model, {greedy(letters(100, 1), 4)});
    CHECK(model->state_use().kept == 0);
}

}  // namespace millm::engine::test
