// What cannot be loaded or continued, and how that is told.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <cstring>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

Error load_error(const fs::path &folder, const LoadObserver &observer = {}) {
    LoadOptions options;
    options.folder = folder;
    const auto model = engine().load(options, observer);
    REQUIRE_FALSE(model.ok());
    return model.error();
}

/// Weights of a folder with one tensor's name changed to another of the same length.
void rename_tensor(const fs::path &from, const fs::path &to, const std::string &name, const std::string &other) {
    REQUIRE(name.size() == other.size());
    std::string bytes = read_text(from / "model.safetensors");
    const std::size_t at = bytes.find("\"" + name + "\"");
    REQUIRE(at != std::string::npos);
    bytes.replace(at + 1, name.size(), other);
    write_text(to / "model.safetensors", bytes);
    write_text(to / "config.json", read_text(from / "config.json"));
}

}  // namespace

TEST_CASE("missing and misshapen tensors are named with their shapes") {
    const fs::path llama = fixtures() / "models" / "llama";
    {
        const TemporaryFolder folder;
        rename_tensor(llama, folder.path(), "model.layers.1.mlp.up_proj.weight", "model.layers.1.mlp.xx_proj.weight");
        const Error error = load_error(folder.path());
        CHECK(error.code == ErrorCode::InvalidFile);
        CHECK(error.message.find("model.layers.1.mlp.up_proj.weight") != std::string::npos);
        CHECK(error.message.find("model.layers.1.mlp.xx_proj.weight") !=
              std::string::npos);  // what it may have been meant to be
        CHECK(error.message.find("[80, 64]") != std::string::npos);
    }
    {
        const TemporaryFolder folder;
        rename_tensor(llama, folder.path(), "model.layers.1.input_layernorm.weight", "model.layers.1.self_attn.q_proj.SCBxx");
        CHECK(load_error(folder.path()).code == ErrorCode::InvalidFile);
    }
    {
        const TemporaryFolder folder;
        nlohmann::json config = read_json(llama / "config.json");
        config["intermediate_size"] = 96;
        copy_with_config(llama, folder.path(), config.dump());
        const Error error = load_error(folder.path());
        CHECK(error.code == ErrorCode::InvalidFile);
        CHECK(error.message.find("mlp.gate_proj.weight") != std::string::npos);
        CHECK(error.message.find("[80, 64]") != std::string::npos);
        CHECK(error.message.find("[96, 64]") != std::string::npos);
    }
    {
        const TemporaryFolder folder;
        nlohmann::json config = read_json(llama / "config.json");
        config["num_hidden_layers"] = 4;
        copy_with_config(llama, folder.path(), config.dump());
        const Error error = load_error(folder.path());
        CHECK(error.code == ErrorCode::InvalidFile);
        CHECK(error.message.find("model.layers.3.input_layernorm.weight") != std::string::npos);
        CHECK(error.message.find("missing") != std::string::npos);
    }
}

TEST_CASE("a folder without a model, a foreign architecture and an absent device are told apart") {
    const TemporaryFolder folder;
    const Error nothing = load_error(folder.path());
    const bool about_files = nothing.code == ErrorCode::Io || nothing.code == ErrorCode::InvalidFile;
    CHECK(about_files);
    nlohmann::json config = read_json(fixtures() / "models" / "llama" / "config.json");
    config["model_type"] = "unheard_of";
    const TemporaryFolder foreign;
    copy_with_config(fixtures() / "models" / "llama", foreign.path(), config.dump());
    CHECK(load_error(foreign.path()).code == ErrorCode::Unsupported);

    LoadOptions options;
    options.folder = fixtures() / "models" / "llama";
    options.device = {DeviceKind::Cuda, 99};
    const auto model = engine().load(options, {});
    REQUIRE_FALSE(model.ok());
    CHECK(model.error().code == ErrorCode::Device);
}

TEST_CASE("a tokenizer that cannot be read ends the load with its own error") {
    const fs::path llama = fixtures() / "models" / "llama";
    const TemporaryFolder folder;
    for (const char *name : {"config.json", "model.safetensors"}) fs::copy_file(llama / name, folder.path() / name);
    write_text(folder.path() / "tokenizer.json", "{\"model\": ");
    const Error error = load_error(folder.path());
    CHECK(error.code == ErrorCode::InvalidFile);
    CHECK(error.message.find("tokenizer.json") != std::string::npos);
}

TEST_CASE("loading tells its progress and can be stopped") {
    LoadOptions options;
    options.folder = sample_model();
    std::vector<LoadProgress> seen;
    REQUIRE(engine().load(options, [&](const LoadProgress &progress) { return seen.push_back(progress), true; }).ok());
    REQUIRE(seen.size() > 20);
    // Before each weight as well, so that a load ends before it takes memory that is not there.
    for (std::size_t i = 1; i < seen.size(); ++i) CHECK(seen[i].bytes_done >= seen[i - 1].bytes_done);
    CHECK(seen.back().bytes_done == seen.back().bytes_total);

    int calls = 0;
    const Error stopped = load_error(sample_model(), [&](const LoadProgress &) { return ++calls < 5; });
    CHECK(stopped.code == ErrorCode::Cancelled);
    CHECK(calls == 5);

    options.quantize = Scheme::NF4;
    bool quantizing = false;
    REQUIRE(engine()
                .load(options,
                      [&](const LoadProgress &p) { return quantizing = quantizing || p.stage == LoadStage::Quantizing, true; })
                .ok());
    CHECK(quantizing);
}

TEST_CASE("requests that cannot be are refused with their numbers") {
    const std::unique_ptr<LanguageModel> model = load(fixtures() / "models" / "llama");
    const auto refusal = [&](SequenceRequest request) {
        const auto id = model->add(std::move(request));
        REQUIRE_FALSE(id.ok());
        return id.error();
    };
    CHECK(refusal(greedy({}, 4)).code == ErrorCode::InvalidArgument);
    CHECK(refusal(greedy({1, 128}, 4)).code == ErrorCode::InvalidArgument);
    CHECK(refusal(greedy({1, -1}, 4)).code == ErrorCode::InvalidArgument);
    const Error too_long = refusal(greedy(std::vector<std::int32_t>(128, 1), 4));
    CHECK(too_long.code == ErrorCode::ContextLength);
    CHECK(too_long.wanted == 128);
    CHECK(too_long.got == 128);
    SequenceRequest request = greedy({1}, 4);
    request.stop.stop_strings = {""};
    CHECK(refusal(request).code == ErrorCode::InvalidArgument);
    request = greedy({1}, 4);
    request.sampling.top_p = 1.5;
    CHECK(refusal(request).code == ErrorCode::InvalidArgument);
    CHECK(model->live_sequences() == 0);
    CHECK_FALSE(model->logits(std::vector<std::int32_t>{500}).ok());
}

TEST_CASE("a model without a tokenizer continues ids and says why it has no text") {
    const std::unique_ptr<LanguageModel> model = load(fixtures() / "models" / "llama");
    CHECK_FALSE(model->tokenizer().encode("hello", true).ok());
    CHECK(model->chat_template() == nullptr);
}

}  // namespace millm::engine::test
