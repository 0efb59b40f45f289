// What happens where memory cannot be had: libtorch's allocations of one size are refused.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cerrno>
#include <cstddef>

// The address sanitizer has an allocator of its own, which this would go around.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {
std::atomic<std::size_t> refused_size{0}, other_refused_size{0};
std::atomic<int> refusals{0};
}  // namespace

extern "C" void *__libc_memalign(std::size_t alignment, std::size_t size);

/// Stands before the C library's for everything in this process, the plugin included.
extern "C" __attribute__((visibility("default"))) int posix_memalign(void **memory, std::size_t alignment,
                                                                     std::size_t size) noexcept {
    if (size != 0 && (size == refused_size || size == other_refused_size)) {
        ++refusals;
        return ENOMEM;
    }
    *memory = __libc_memalign(alignment, size);
    return *memory != nullptr ? 0 : ENOMEM;
}

namespace millm::engine::test {

namespace {

class Refused {
public:
    explicit Refused(std::size_t size, std::size_t other = 0) {
        refusals = 0;
        refused_size = size;
        other_refused_size = other;
    }
    ~Refused() { refused_size = other_refused_size = 0; }
    int count() const { return refusals; }
};

std::vector<SequenceRequest> two_requests() {
    return {greedy({300, 301, 302, 303, 304}, 12), greedy({700, 701, 702}, 12)};
}

std::size_t logits_bytes(const LanguageModel &model, std::size_t rows) {
    return rows * static_cast<std::size_t>(model.info().vocab) * sizeof(float);
}

}  // namespace

TEST_CASE("a batch whose logits do not fit is computed one by one, and no token counts twice") {
    const auto model = load(sample_model());
    const auto expected = generate(*model, two_requests());
    const Refused refused(logits_bytes(*model, 2));
    CHECK(generate(*model, two_requests()) == expected);
    CHECK(refused.count() > 0);
}

TEST_CASE("a sequence for whose logits there is no memory fails with that error, and others go on") {
    const auto model = load(sample_model());
    const auto alone = generate(*model, {two_requests()[0]});
    const auto going_on = model->add(two_requests()[0]);
    REQUIRE(going_on.ok());
    std::vector<std::int32_t> tokens;
    const auto step = [&] {
        auto updates = model->step();
        REQUIRE(updates.ok());
        for (const SequenceUpdate &update : *updates)
            if (update.id == *going_on)
                for (const GeneratedToken &token : update.tokens) tokens.push_back(token.id);
        return std::move(*updates);
    };
    step();
    SequenceRequest judged = greedy({700, 701, 702, 703, 704, 705, 706}, 12);
    judged.prompt_logprobs = true;  // all seven rows of the prompt get logits
    const auto failing = model->add(judged);
    REQUIRE(failing.ok());
    {
        // Eight rows in one pass with the other sequence, seven where it is tried alone.
        const Refused refused(logits_bytes(*model, 7), logits_bytes(*model, 8));
        const auto updates = step();
        REQUIRE(updates.size() == 2);
        CHECK(updates[1].id == *failing);
        CHECK(updates[1].finish == FinishReason::Failed);
        REQUIRE(updates[1].error.has_value());
        CHECK(updates[1].error->code == ErrorCode::OutOfMemory);
        CHECK(updates[1].error->wanted == static_cast<std::int64_t>(logits_bytes(*model, 7)));
    }
    while (model->live_sequences() > 0) step();
    CHECK(tokens == alone[0]);
}

}  // namespace millm::engine::test

#endif
