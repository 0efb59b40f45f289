// What a sequence remembers, without the engine's door: forks that go on by themselves, the way back to fewer tokens, and
// passes that never counted. The judge is always a state of its own that was given the same tokens in the same pieces: the same
// bits.
#include "core/engine/architectures/weight_index.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/decoder.h"
#include "core/engine/layers/threads.h"
#include "core/engine/plugin/model_loader.h"

#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace millm::engine::test {

namespace {

using Tokens = std::vector<std::int32_t>;

/// Pieces that a sequence's tokens come in, one pass each.
using Pieces = std::vector<Tokens>;

constexpr std::int64_t longest = 160;  // of the models; rotary embeddings that stretch see the same length always

/// What of a sequence's memory a family shows.
enum class Memory { Full, Windowed, Latent, Shared, Recurrent };

struct Family {
    const char *name;
    Memory memory;
};
const Family families[] = {
    {"llama", Memory::Full},           {"opt", Memory::Full},
    {"bloom", Memory::Full},           {"mistral", Memory::Windowed},
    {"gemma3_text", Memory::Windowed}, {"gpt_oss", Memory::Windowed},
    {"llama4_text", Memory::Windowed}, {"deepseek_v3", Memory::Latent},
    {"llama", Memory::Shared},         {"lfm2", Memory::Recurrent},
    {"qwen3_next", Memory::Recurrent}, {"mamba", Memory::Recurrent},
    {"mamba2", Memory::Recurrent},     {"jamba", Memory::Recurrent},
};

class Rig {
public:
    explicit Rig(const Family &family) {
        use_compute_threads();
        LoadOptions options;
        options.folder = std::filesystem::path(MILLM_FIXTURES) / "models" / family.name;
        options.compute = ComputeType::Float32;
        const auto checkpoint = Checkpoint::open(options.folder);
        REQUIRE(checkpoint.ok());
        auto description = describe((*checkpoint)->config());
        REQUIRE(description.ok());
        if (family.memory == Memory::Shared) {
            // The last layer reads the first one's keys and values.
            std::get<AttentionDescription>(description->layers.back().mixer).keys_of = 0;
            description->index = std::make_shared<const WeightIndex>(*description);
        }
        std::vector<std::string> remarks;
        auto decoder = load_decoder(**checkpoint, *description, options, {}, remarks);
        REQUIRE_MESSAGE(decoder.ok(), (decoder.ok() ? "" : decoder.error().message));
        decoder_ = std::move(*decoder);
    }

    SequenceState state() const { return decoder_->make_state(); }

    /// Tokens that no two calls with other seeds have alike.
    Tokens tokens(std::int64_t count, std::int64_t seed) const {
        Tokens result;
        for (std::int64_t i = 0; i < count; ++i)
            result.push_back(
                static_cast<std::int32_t>(3 + (i * 7 + seed * 11 + i * i % 5) % (decoder_->description().vocab - 3)));
        return result;
    }

    /// A pass over new tokens of several states, counted or not; [rows, vocab] in their order.
    at::Tensor pass(const std::vector<std::pair<SequenceState *, Tokens>> &parts, bool counts = true) const {
        Batch batch;
        for (const auto &[state, tokens] : parts) {
            state->reserve(static_cast<std::int64_t>(tokens.size()));
            batch.add(*state, tokens.data(), static_cast<std::int64_t>(tokens.size()), longest);
        }
        at::Tensor logits = decoder_->logits(decoder_->forward(batch));
        if (counts) batch.commit();
        return logits;
    }

    /// The logits of all tokens, one piece after the other.
    at::Tensor run(SequenceState &state, const Pieces &pieces) const {
        std::vector<at::Tensor> all;
        for (const Tokens &piece : pieces) all.push_back(pass({{&state, piece}}));
        return at::cat(all);
    }

    /// The same of a state of its own, without those of the first `skipped` tokens.
    at::Tensor fresh(const Pieces &pieces, std::int64_t skipped = 0) const {
        SequenceState state = decoder_->make_state();
        const at::Tensor all = run(state, pieces);
        return all.narrow(0, skipped, all.size(0) - skipped);
    }

    std::uint64_t fresh_bytes(const Pieces &pieces) const {
        SequenceState state = decoder_->make_state();
        run(state, pieces);
        return state.bytes();
    }

private:
    std::unique_ptr<Decoder> decoder_;
};

bool same(const at::Tensor &a, const at::Tensor &b) {
    return a.sizes() == b.sizes() && a.equal(b);
}

/// `tokens` in pieces of `size`.
Pieces cut(const Tokens &tokens, std::int64_t size) {
    Pieces pieces;
    for (auto at = tokens.begin(); at != tokens.end();) {
        const auto end = at + std::min<std::ptrdiff_t>(size, tokens.end() - at);
        pieces.emplace_back(at, end);
        at = end;
    }
    return pieces;
}

Pieces joined(Pieces first, const Pieces &second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

/// Runs `check` for each family in inference mode, its name captured.
template <class Check>
void for_each_family(Check check) {
    const c10::InferenceMode inference;
    for (const Family &family : families) {
        CAPTURE(std::string(family.name));
        CAPTURE(static_cast<int>(family.memory));
        check(Rig(family), family.memory);
    }
}

}  // namespace

TEST_CASE("a fork and what it was made of go on by themselves") {
    for_each_family([](const Rig &rig, Memory) {
        for (const std::int64_t length : {1, 63, 64, 65, 100}) {
            CAPTURE(length);
            const Pieces prefix = cut(rig.tokens(length, 1), 37);
            SequenceState one = rig.state();
            rig.run(one, prefix);
            SequenceState two = one, three = one;
            // Turn by turn, so that each writes between two looks of the other; single tokens, then some that cross a page.
            std::vector<at::Tensor> from_one, from_two;
            const Pieces left = joined(cut(rig.tokens(3, 2), 1), {rig.tokens(41, 3)});
            const Pieces right = joined({rig.tokens(5, 4)}, cut(rig.tokens(3, 5), 1));
            for (std::size_t i = 0; i < left.size(); ++i) {
                from_one.push_back(rig.pass({{&one, left[i]}}));
                from_two.push_back(rig.pass({{&two, right[i]}}));
            }
            CHECK(same(at::cat(from_one), rig.fresh(joined(prefix, left), length)));
            CHECK(same(at::cat(from_two), rig.fresh(joined(prefix, right), length)));
            // The one that waited saw nothing of it.
            const Pieces late{rig.tokens(9, 6)};
            CHECK(three.length() == length);
            CHECK(same(rig.run(three, late), rig.fresh(joined(prefix, late), length)));
        }
    });
}

TEST_CASE("forks go on in one pass") {
    for_each_family([](const Rig &rig, Memory) {
        const Pieces prefix{rig.tokens(70, 1)};
        SequenceState one = rig.state();
        rig.run(one, prefix);
        SequenceState two = one;
        const Tokens left = rig.tokens(4, 2), right = rig.tokens(4, 3);
        for (std::size_t i = 0; i < left.size(); ++i) rig.pass({{&one, {left[i]}}, {&two, {right[i]}}});
        // The pass itself was another than a lone one: what counts is what each remembers of it.
        SequenceState alone = rig.state(), beside = rig.state();
        rig.pass({{&alone, prefix[0]}, {&beside, prefix[0]}});
        for (std::size_t i = 0; i < left.size(); ++i) rig.pass({{&alone, {left[i]}}, {&beside, {right[i]}}});
        const Tokens next = rig.tokens(2, 4);
        CHECK(rig.pass({{&one, next}}).allclose(rig.pass({{&alone, next}}), 1e-4, 1e-5));
        CHECK(rig.pass({{&two, next}}).allclose(rig.pass({{&beside, next}}), 1e-4, 1e-5));
        CHECK(one.length() == 76);
    });
}

TEST_CASE("forks share their pages until one of them writes") {
    const c10::InferenceMode inference;
    const Rig rig({"llama", Memory::Full});
    SequenceState one = rig.state();
    rig.run(one, {rig.tokens(70, 1)});
    SequenceState two = one;
    const auto page = [](SequenceState &state, std::int64_t number) { return state.tokens(1).page(0, number).data_ptr(); };
    CHECK(page(one, 0) == page(two, 0));
    CHECK(page(one, 1) == page(two, 1));
    rig.pass({{&two, rig.tokens(1, 2)}});
    CHECK(page(one, 0) == page(two, 0));
    CHECK(page(one, 1) != page(two, 1));
    // Nobody else holds it any more.
    const void *const own = page(one, 1);
    rig.pass({{&one, rig.tokens(1, 3)}});
    CHECK(page(one, 1) == own);
}

TEST_CASE("a sequence that went back goes on as if it had never been longer") {
    for_each_family([](const Rig &rig, Memory memory) {
        if (memory == Memory::Recurrent || memory == Memory::Windowed) return;
        const Tokens tokens = rig.tokens(150, 1);
        for (const std::int64_t length : {149, 129, 128, 100, 64, 63, 1, 0}) {
            CAPTURE(length);
            SequenceState state = rig.state();
            // In pieces that end there, so that the fresh run has the same ones.
            Pieces kept;
            if (length > 0) kept = cut(Tokens(tokens.begin(), tokens.begin() + length), 37);
            rig.run(state, joined(kept, {Tokens(tokens.begin() + length, tokens.end())}));
            REQUIRE(state.length() == 150);
            CHECK(state.truncate(length));
            CHECK(state.length() == length);
            if (length > 0) CHECK(state.bytes() == rig.fresh_bytes(kept));
            const Pieces other{rig.tokens(7, 2), rig.tokens(1, 3)};
            CHECK(same(rig.run(state, other), rig.fresh(joined(kept, other), length)));
        }
    });
}

TEST_CASE("a window goes back while it has what it would see again, and else not at all") {
    for_each_family([](const Rig &rig, Memory memory) {
        if (memory != Memory::Windowed) return;
        const Pieces other{rig.tokens(7, 2), rig.tokens(1, 3)};
        const auto check = [&](std::int64_t length, std::int64_t back, bool can) {
            CAPTURE(length);
            CAPTURE(back);
            const Tokens tokens = rig.tokens(length, 1);
            const Pieces kept = cut(Tokens(tokens.begin(), tokens.begin() + back), 37),
                         all = joined(kept, {Tokens(tokens.begin() + back, tokens.end())});
            SequenceState state = rig.state();
            rig.run(state, all);
            const std::uint64_t bytes = state.bytes();
            CHECK(state.truncate(back) == can);
            CHECK(state.length() == (can ? back : length));
            if (!can) CHECK(state.bytes() == bytes);
            CHECK(same(rig.run(state, other), rig.fresh(joined(can ? kept : all, other), can ? back : length)));
        };
        check(60, 30, true);  // nothing was dropped yet
        check(60, 1, true);
        check(150, 149, true);  // what was dropped is out of sight there too
        check(150, 140, true);
        check(150, 100, false);
        check(150, 1, false);
    });
}

TEST_CASE("a recurrent state does not go back") {
    for_each_family([](const Rig &rig, Memory memory) {
        if (memory != Memory::Recurrent) return;
        const Pieces prefix = cut(rig.tokens(70, 1), 37);
        SequenceState state = rig.state();
        rig.run(state, prefix);
        const std::uint64_t bytes = state.bytes();
        for (const std::int64_t length : {69, 64, 1, 0}) CHECK_FALSE(state.truncate(length));
        CHECK(state.length() == 70);
        CHECK(state.bytes() == bytes);
        const Pieces other{rig.tokens(5, 2)};
        CHECK(same(rig.run(state, other), rig.fresh(joined(prefix, other), 70)));
    });
}

TEST_CASE("there is no way back to what never was") {
    for_each_family([](const Rig &rig, Memory) {
        SequenceState state = rig.state();
        CHECK(state.truncate(0));
        CHECK_FALSE(state.truncate(1));
        const Pieces prefix{rig.tokens(20, 1)};
        rig.run(state, prefix);
        CHECK(state.truncate(20));
        CHECK_FALSE(state.truncate(21));
        CHECK_FALSE(state.truncate(-1));
        CHECK(state.length() == 20);
        const Pieces other{rig.tokens(5, 2)};
        CHECK(same(rig.run(state, other), rig.fresh(joined(prefix, other), 20)));
    });
}

TEST_CASE("a fork goes back without the other") {
    for_each_family([](const Rig &rig, Memory memory) {
        if (memory == Memory::Recurrent) return;
        // Short of where a window drops its first page.
        const Tokens tokens = rig.tokens(60, 1);
        const Pieces kept = cut(Tokens(tokens.begin(), tokens.begin() + 40), 37),
                     all = joined(kept, {Tokens(tokens.begin() + 40, tokens.end())});
        SequenceState one = rig.state();
        rig.run(one, all);
        SequenceState two = one;
        REQUIRE(two.truncate(40));
        const Pieces other{rig.tokens(30, 2)}, further{rig.tokens(3, 3)};
        const at::Tensor from_two = rig.run(two, other);
        CHECK(same(rig.run(one, further), rig.fresh(joined(all, further), 60)));
        CHECK(same(from_two, rig.fresh(joined(kept, other), 40)));
    });
}

TEST_CASE("a pass that never counted leaves no trace") {
    for_each_family([](const Rig &rig, Memory memory) {
        for (const std::int64_t length : {0, 1, 60, 64, 75}) {
            CAPTURE(length);
            const Pieces prefix = length > 0 ? cut(rig.tokens(length, 1), 37) : Pieces();
            const Pieces after{rig.tokens(1, 4), rig.tokens(30, 5)};
            const at::Tensor expected = rig.fresh(joined(prefix, after), length);
            SequenceState state = rig.state();
            for (const Tokens &piece : prefix) {
                rig.pass({{&state, rig.tokens(3, 9)}}, false);
                rig.pass({{&state, piece}});
            }
            // Past the page's end, and past the next one's.
            for (const std::int64_t rows : {1, 10, 80}) rig.pass({{&state, rig.tokens(rows, 2)}}, false);
            CHECK(state.length() == length);
            // A fork of it, and one that goes back to where it is.
            SequenceState two = state, three = state;
            CHECK(three.truncate(length));
            const Pieces other{rig.tokens(2, 6), rig.tokens(50, 7)};
            std::vector<at::Tensor> from_one, from_two;
            for (std::size_t i = 0; i < after.size(); ++i) {
                from_one.push_back(rig.pass({{&state, after[i]}}));
                from_two.push_back(rig.pass({{&two, other[i]}}));
            }
            CHECK(same(at::cat(from_one), expected));
            CHECK(same(at::cat(from_two), rig.fresh(joined(prefix, other), length)));
            CHECK(same(rig.run(three, after), expected));
            if (memory == Memory::Recurrent || length < 2) continue;
            // Rows that were written and do not count are gone with those that did.
            SequenceState back = rig.state();
            rig.run(back, joined(prefix, {rig.tokens(2, 8)}));
            rig.pass({{&back, rig.tokens(20, 2)}}, false);
            REQUIRE(back.truncate(length));
            CHECK(same(rig.run(back, after), expected));
        }
    });
}

}  // namespace millm::engine::test
