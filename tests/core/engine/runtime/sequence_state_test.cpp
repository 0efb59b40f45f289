// What a sequence remembers, seen from the engine's door: pages that windows drop, states that a failed pass leaves as they
// were, the bytes that the description tells, and the hook that sees and edits what layers hand on.
#include "tests/core/engine/runtime/support.h"

#include "core/engine/architectures/description.h"
#include "core/engine/architectures/state_shape.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

std::vector<std::int32_t> prompt_of(std::int64_t length, std::int64_t vocab) {
    std::vector<std::int32_t> prompt;
    for (std::int64_t i = 0; i < length; ++i) prompt.push_back(static_cast<std::int32_t>(3 + i * 7 % (vocab - 3)));
    return prompt;
}

std::unique_ptr<LanguageModel> small_model(const char *name, std::int64_t chunk) {
    LoadOptions options;
    options.folder = fixtures() / "models" / name;
    options.compute = ComputeType::Float32;
    options.prefill_chunk = chunk;
    return load(options);
}

/// Adds a number to one layer's output, and counts what it is shown.
class Probe : public ResidualHook {
public:
    Probe(std::int64_t layer, float added) : layer_(layer), added_(added) {}
    bool wants(std::int64_t layer) const override { return layer == layer_; }
    void after_layer(const ResidualRows &rows) override {
        for (std::int64_t i = 0; i < rows.rows * rows.hidden; ++i) rows.values[i] += added_;
        for (std::int64_t row = 0; row < rows.rows; ++row) ++seen[{rows.sequence, rows.first_position + row}];
        layers.push_back(rows.layer);
        width = rows.hidden;
    }

    std::map<std::pair<SequenceId, std::int64_t>, int> seen;
    std::vector<std::int64_t> layers;
    std::int64_t width = 0;

private:
    std::int64_t layer_;
    float added_;
};

}  // namespace

TEST_CASE("what a sequence holds is what its description tells") {
    for (const fs::directory_entry &entry : fs::directory_iterator(fixtures() / "models")) {
        const fs::path &folder = entry.path();
        if (!fs::exists(folder / "config.json") || !fs::exists(folder / "expected.json")) continue;
        const auto decoder = describe(read_text(folder / "config.json"));
        if (!decoder || !decoder->has_head) continue;
        CAPTURE(folder.string());
        constexpr std::int64_t chunk = 5, length = 24;
        const auto model = small_model(folder.filename().c_str(), chunk);
        const std::uint64_t weights = model->memory_bytes();
        std::uint64_t most = 0;
        for (const StateShape &shape : state_shapes(*decoder)) most += shape.bytes(length + 8, chunk, sizeof(float));
        REQUIRE(model->add(greedy(prompt_of(length, model->info().vocab), 8)).ok());
        std::uint64_t held = 0;
        while (model->live_sequences() > 0) {
            held = std::max(held, model->memory_bytes() - weights);
            REQUIRE(model->step().ok());
        }
        CHECK(held == most);
        CHECK(model->memory_bytes() == weights);
    }
}

TEST_CASE("a window keeps no more than it reaches, and answers the same") {
    // Windows of a few tokens, hundreds of tokens: pages are dropped again and again.
    nlohmann::json config = read_json(fixtures() / "models/mistral/config.json");
    config["max_position_embeddings"] = 1024;
    const TemporaryFolder folder;
    copy_with_config(fixtures() / "models/mistral", folder.path(), config.dump());
    const auto with_chunk = [&](std::int64_t chunk) {
        LoadOptions options;
        options.folder = folder.path();
        options.compute = ComputeType::Float32;
        options.prefill_chunk = chunk;
        return load(options);
    };
    const auto whole = with_chunk(512), pieces = with_chunk(7);
    const DecoderDescription decoder = *describe(config.dump());
    const StateShape shape = state_shapes(decoder).front();
    REQUIRE(shape.window > 0);
    REQUIRE(shape.window < 32);
    constexpr std::int64_t length = 300;
    const auto request = greedy(prompt_of(length, whole->info().vocab), 40);
    const std::uint64_t weights = pieces->memory_bytes();
    const auto expected = generate(*whole, {request})[0];
    REQUIRE(pieces->add(request).ok());
    std::vector<std::int32_t> tokens;
    std::uint64_t most = 0;
    while (pieces->live_sequences() > 0) {
        const auto updates = pieces->step();
        REQUIRE(updates.ok());
        for (const SequenceUpdate &update : *updates)
            for (const GeneratedToken &token : update.tokens) tokens.push_back(token.id);
        most = std::max(most, pieces->memory_bytes() - weights);
    }
    CHECK(tokens == expected);
    std::uint64_t told = 0, all = 0;
    for (const StateShape &layer : state_shapes(decoder)) {
        told += layer.bytes(length + 40, 7, sizeof(float));
        all += static_cast<std::uint64_t>(length + 40) * layer.bytes_per_token(sizeof(float));
    }
    CHECK(most <= told);
    CHECK(told < all);
}

TEST_CASE("recurrent states go on where a prompt was cut, beside others") {
    for (const char *name : {"lfm2", "qwen3_next"}) {
        CAPTURE(std::string(name));
        const auto whole = small_model(name, 512);
        const auto first = greedy(prompt_of(70, whole->info().vocab), 20),
                   second = greedy(prompt_of(33, whole->info().vocab), 20);
        const auto a = generate(*whole, {first})[0], b = generate(*whole, {second})[0];
        for (const std::int64_t chunk : {1, 3, 64}) {
            CAPTURE(chunk);
            const auto together = generate(*small_model(name, chunk), {first, second});
            CHECK(together[0] == a);
            CHECK(together[1] == b);
        }
    }
}

TEST_CASE("a hook sees every row once, and what it writes goes on") {
    const auto model = small_model("llama", 4);
    const std::vector<std::int32_t> ids = prompt_of(10, model->info().vocab);
    const std::vector<float> plain = *model->logits(ids);
    for (std::int64_t layer = -1; layer < model->info().layers; ++layer) {
        CAPTURE(layer);
        const auto watching = std::make_shared<Probe>(layer, 0.0F), steering = std::make_shared<Probe>(layer, 0.5F);
        model->set_hook(watching);
        CHECK(*model->logits(ids) == plain);
        CHECK(watching->seen.size() == ids.size());
        for (const auto &[row, times] : watching->seen) CHECK(times == 1);
        CHECK(std::ranges::all_of(watching->layers, [&](std::int64_t seen) { return seen == layer; }));
        CHECK(watching->width == model->info().hidden);
        model->set_hook(steering);
        CHECK(largest_difference(*model->logits(ids), plain) > 1e-3F);
    }
    const auto probe = std::make_shared<Probe>(0, 0.0F);
    model->set_hook(probe);
    const SequenceId one = *model->add(greedy(ids, 3)), other = *model->add(greedy(prompt_of(6, model->info().vocab), 5));
    while (model->live_sequences() > 0) REQUIRE(model->step().ok());
    // The last token of an answer is not computed any more.
    for (std::int64_t position = 0; position < 10 + 2; ++position) CHECK(probe->seen[{one, position}] == 1);
    for (std::int64_t position = 0; position < 6 + 4; ++position) CHECK(probe->seen[{other, position}] == 1);
    CHECK(probe->seen.size() == 12 + 10);
    model->set_hook(nullptr);
    CHECK(*model->logits(ids) == plain);
}

}  // namespace millm::engine::test
