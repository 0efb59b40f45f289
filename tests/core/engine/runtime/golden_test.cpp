// Tiny random models of each family against transformers' numbers, in both spellings of config.json.
#include "tests/core/engine/runtime/support.h"

#include "core/engine/architectures/description.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

/// Folders with expected numbers of a family that the engine has. MILLM_TEST_MODELS names a larger collection.
std::vector<fs::path> golden_models() {
    const char *more = std::getenv("MILLM_TEST_MODELS");
    std::vector<fs::path> result;
    for (const fs::directory_entry &entry : fs::directory_iterator(more != nullptr ? fs::path(more) : fixtures() / "models")) {
        if (!fs::exists(entry.path() / "expected.safetensors")) continue;
        const std::string type = read_json(entry.path() / "config.json")["model_type"];
        const std::vector<std::string_view> known = supported_model_types();
        if (std::find(known.begin(), known.end(), type) != known.end()) result.push_back(entry.path());
    }
    std::sort(result.begin(), result.end());
    return result;
}

LoadOptions exact_and_short(const fs::path &folder) {
    LoadOptions options;
    options.folder = folder;
    options.compute = ComputeType::Float32;
    options.context_length = 64;  // dynamic rotary scaling has no end of its own
    return options;
}

std::int32_t most_likely(const std::vector<float> &logits, std::size_t vocab) {
    return static_cast<std::int32_t>(std::max_element(logits.end() - static_cast<std::ptrdiff_t>(vocab), logits.end()) -
                                     (logits.end() - static_cast<std::ptrdiff_t>(vocab)));
}

/// Where a wrong epsilon or form of an activation moves logits by little, less is let pass.
float tolerance(const std::string &type) {
    return type == "gemma3_text" || type == "phi" || type == "gpt_neox" || type == "gptj" ? 1e-4F : 2e-4F;
}

void check_model(const fs::path &folder, const fs::path &numbers) {
    const nlohmann::json expected = read_json(numbers / "expected.json");
    const auto ids = expected["input_ids"][0].get<std::vector<std::int32_t>>();
    const auto greedy_32 = expected["greedy_32"].get<std::vector<std::int32_t>>();
    const std::vector<float> reference = read_floats(numbers / "expected.safetensors", "logits");

    const std::unique_ptr<LanguageModel> model = load(exact_and_short(folder));
    const float allowed = tolerance(model->info().model_type);
    const auto logits = model->logits(ids);
    REQUIRE(logits.ok());
    CHECK(largest_difference(*logits, reference) <= allowed);
    const auto vocab = static_cast<std::size_t>(model->info().vocab);

    // Alone, and beside another sequence that is at another position.
    CHECK(generate(*model, {greedy(ids, 32)})[0] == greedy_32);
    const std::vector<std::int32_t> shorter(ids.begin(), ids.begin() + 7);
    const std::vector<std::int32_t> alone = generate(*model, {greedy(shorter, 20)})[0];
    const auto together = generate(*model, {greedy(shorter, 20), greedy(ids, 32)});
    CHECK(together[0] == alone);
    CHECK(together[1] == greedy_32);

    if (expected.contains("greedy_32_nocache")) {
        std::vector<std::int32_t> all = ids;
        for (int i = 0; i < 32; ++i) {
            const auto whole = model->logits(all);
            REQUIRE(whole.ok());
            all.push_back(most_likely(*whole, vocab));
        }
        CHECK(std::vector<std::int32_t>(all.begin() + static_cast<std::ptrdiff_t>(ids.size()), all.end()) ==
              expected["greedy_32_nocache"].get<std::vector<std::int32_t>>());
    }

    LoadOptions chunked = exact_and_short(folder);
    chunked.prefill_chunk = 5;
    const std::unique_ptr<LanguageModel> in_chunks = load(chunked);
    CHECK(generate(*in_chunks, {greedy(ids, 32)})[0] == greedy_32);
    const auto logits_in_chunks = in_chunks->logits(ids);
    REQUIRE(logits_in_chunks.ok());
    CHECK(largest_difference(*logits_in_chunks, reference) <= allowed);
}

void check_encoder(const fs::path &folder, const fs::path &numbers) {
    const nlohmann::json expected = read_json(numbers / "expected.json");
    const auto ids = expected["input_ids"][0].get<std::vector<std::int32_t>>();
    const std::vector<float> reference = read_floats(numbers / "expected.safetensors", "embedding");

    LoadOptions options = exact_and_short(folder);
    options.prefill_chunk = 5;  // means nothing to whom has to see all of a text
    const std::unique_ptr<LanguageModel> model = load(options);
    CHECK_FALSE(model->info().generates);
    CHECK(model->info().embedding_size == static_cast<std::int64_t>(reference.size()));
    const std::vector<std::vector<std::int32_t>> texts{{ids.begin(), ids.begin() + 7}, ids, {ids.begin(), ids.begin() + 1}};
    const auto together = model->embed(texts);
    REQUIRE(together.ok());
    REQUIRE(together->size() == texts.size());
    CHECK(largest_difference((*together)[1], reference) <= 2e-5F);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto alone = model->embed(std::span(texts).subspan(i, 1));
        REQUIRE(alone.ok());
        CHECK((*alone)[0] == (*together)[i]);
    }

    CHECK(model->logits(ids).error().code == ErrorCode::Unsupported);
    const auto refused = model->add(greedy(ids, 4));
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Unsupported);
}

void check(const fs::path &folder, const fs::path &numbers) {
    read_json(numbers / "expected.json").contains("greedy_32") ? check_model(folder, numbers) : check_encoder(folder, numbers);
}

}  // namespace

TEST_CASE("tiny models compute what transformers computes") {
    const std::vector<fs::path> models = golden_models();
    REQUIRE(models.size() >= 12);
    for (const fs::path &folder : models) {
        SUBCASE(folder.filename().c_str()) {
            check(folder, folder);
        }
    }
}

TEST_CASE("every family of the table has a model with expected numbers") {
    if (std::getenv("MILLM_TEST_MODELS") != nullptr) return;  // another collection has what it has
    std::set<std::string> proved;
    for (const fs::path &folder : golden_models())
        proved.insert(read_json(folder / "config.json")["model_type"].get<std::string>());
    for (const std::string_view type : supported_model_types()) CHECK_MESSAGE(proved.contains(std::string(type)), type);
}

TEST_CASE("the older spelling of config.json means the same model") {
    for (const fs::path &folder : golden_models()) {
        if (!fs::exists(folder / "config.v4.json")) continue;
        SUBCASE(folder.filename().c_str()) {
            const TemporaryFolder copy;
            copy_with_config(folder, copy.path(), read_text(folder / "config.v4.json"));
            check(copy.path(), folder);
        }
    }
}

}  // namespace millm::engine::test
