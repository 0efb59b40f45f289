// A real chat model, where the environment names one: MILLM_TEST_CHAT_MODEL (folder) and MILLM_TEST_CHAT_EXPECTED
// (transformers' greedy answers). It is too large for the repository.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <cstdlib>

namespace millm::engine::test {

namespace {
const char *const folder = std::getenv("MILLM_TEST_CHAT_MODEL"), *const numbers = std::getenv("MILLM_TEST_CHAT_EXPECTED");
}

TEST_CASE("a real chat model answers what transformers answers" * doctest::skip(folder == nullptr || numbers == nullptr)) {
    const auto model = load(std::filesystem::path(folder), ComputeType::Float32);
    const nlohmann::json expected = read_json(numbers);
    REQUIRE_FALSE(expected["greedy_float32"].empty());
    for (const nlohmann::json &row : expected["greedy_float32"]) {
        const auto prompt = row["prompt_ids"].get<std::vector<std::int32_t>>(),
                   ids = row["greedy_ids"].get<std::vector<std::int32_t>>();
        CHECK(*model->tokenizer().encode(row["prompt_text"].get<std::string>(), false) == prompt);
        SequenceRequest request = greedy(prompt, static_cast<std::int64_t>(ids.size()));
        request.stop.ignore_eos = false;
        CHECK(generate(*model, {request})[0] == ids);
    }
}

}  // namespace millm::engine::test
