// Repositories as people make them: heads of their own, tensors of other programs, ends of turns that only the tokenizer knows.
#include "tests/core/engine/runtime/chain_model.h"
#include "tests/core/engine/runtime/support.h"

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/converter.h"
#include "core/engine/memory_footprint.h"

#include <doctest/doctest.h>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

struct Answer {
    std::string text, stop_string;
    FinishReason finish = FinishReason::None;
    std::size_t tokens = 0;
};

/// What the model writes behind a prompt of bytes, greedily.
Answer answer(LanguageModel &model, const std::string &prompt, StopConditions stop, bool skip_special = true,
              double temperature = 0) {
    SequenceRequest request;
    for (const char byte : prompt) request.prompt.push_back(static_cast<unsigned char>(byte));
    request.sampling.temperature = temperature;
    request.stop = std::move(stop);
    if (request.stop.max_new_tokens == 0) request.stop.max_new_tokens = 8;
    request.skip_special_tokens = skip_special;
    const auto id = model.add(std::move(request));
    REQUIRE_MESSAGE(id.ok(), (id.ok() ? "" : id.error().message));
    Answer result;
    while (model.live_sequences() > 0) {
        const auto updates = model.step();
        REQUIRE(updates.ok());
        for (const SequenceUpdate &update : *updates) {
            if (update.error) FAIL(update.error->message);
            result.text += update.text;
            result.tokens += update.tokens.size();
            if (update.finish != FinishReason::None) result.finish = update.finish;
            if (!update.stop_string.empty()) result.stop_string = update.stop_string;
        }
    }
    return result;
}

std::string text_of(LanguageModel &model, const std::string &prompt) {
    return answer(model, prompt, {}).text;
}

bool says(const std::vector<std::string> &remarks, const std::string &words) {
    return std::ranges::any_of(remarks, [&](const std::string &remark) { return remark.find(words) != std::string::npos; });
}

/// The folder's checkpoint converted into another folder.
void convert(const fs::path &from, const fs::path &to, Scheme scheme) {
    auto converter = CheckpointConverter::create(read_text(from / "config.json"), {to, scheme});
    REQUIRE(converter.ok());
    const fs::path file = from / "model.safetensors";
    const auto advanced = (*converter)->advance(file, "model.safetensors", fs::file_size(file), {});
    REQUIRE_MESSAGE(advanced.ok(), (advanced.ok() ? "" : advanced.error().message));
    const auto finished = (*converter)->finish({});
    REQUIRE_MESSAGE(finished.ok(), (finished.ok() ? "" : finished.error().message));
    for (const char *name : {"tokenizer.json", "tokenizer_config.json"}) fs::copy_file(from / name, to / name);
}

void check_footprint(const fs::path &folder, const LanguageModel &model) {
    const auto checkpoint = Checkpoint::open(folder);
    REQUIRE(checkpoint.ok());
    FootprintOptions options;
    options.scheme = Scheme::Plain;
    CHECK(memory_footprint(*describe((*checkpoint)->config()), (*checkpoint)->tensors(), options).weights ==
          model.info().weight_bytes);
}

}  // namespace

TEST_CASE("a head of its own is used although config.json says that it is the embedding") {
    ChainModel made;
    made.write_text("ok");
    made.config["tie_word_embeddings"] = true;
    const TemporaryFolder folder;
    made.save(folder.path());
    const auto plain = load(folder.path());
    CHECK(text_of(*plain, "o") == "k");
    CHECK(says(plain->info().remarks, "tie_word_embeddings"));
    check_footprint(folder.path(), *plain);
    for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
        const TemporaryFolder converted;
        convert(folder.path(), converted.path(), scheme);
        const auto quantized = load(converted.path());
        CHECK(text_of(*quantized, "o") == "k");
        check_footprint(converted.path(), *quantized);
        LoadOptions options;
        options.folder = folder.path();
        options.quantize = scheme;
        CHECK(text_of(*load(options), "o") == "k");
    }
}

TEST_CASE("a stored head that equals the embedding is kept in memory once") {
    ChainModel made;
    made.config["tie_word_embeddings"] = true;
    made.tensors["lm_head.weight"] = made.tensors["model.embed_tokens.weight"];
    const TemporaryFolder both, alone, under_the_head;
    made.save(both.path());
    ChainModel one = made;
    one.tensors.erase("lm_head.weight");
    one.save(alone.path());
    ChainModel other = made;
    other.tensors.erase("model.embed_tokens.weight");
    other.save(under_the_head.path());
    const auto twice = load(both.path()), once = load(alone.path()), as_head = load(under_the_head.path());
    CHECK(twice->info().weight_bytes == once->info().weight_bytes);
    CHECK(as_head->info().weight_bytes == once->info().weight_bytes);
    for (const auto *model : {&twice, &once, &as_head}) {
        CHECK((*model)->info().remarks.empty());
        CHECK(text_of(**model, "o") == "oooooooo");  // the embedding as head repeats
    }
    check_footprint(alone.path(), *once);
    check_footprint(under_the_head.path(), *as_head);
    const TemporaryFolder converted;
    convert(under_the_head.path(), converted.path(), Scheme::NF4);
    CHECK(text_of(*load(converted.path()), "o") == "oooooooo");
}

TEST_CASE("tensors that the model has no use for are named once and change nothing") {
    ChainModel made;
    made.write_text("ok");
    const TemporaryFolder clean;
    made.save(clean.path());
    const std::uint64_t bytes = load(clean.path())->info().weight_bytes;
    const std::pair<const char *, ChainModel::Tensor> strangers[] = {
        {"model.rotary_emb.inv_freq", {{40}, std::vector<float>(40)}},
        {"model.layers.0.self_attn.rotary_emb.cos_cached", {{1, 1, 8, 8}, std::vector<float>(64)}},
        {"v_head.summary.weight", {{1, 320}, std::vector<float>(320)}},
        {"model.layers.0.self_attn.q_proj.bias", {{7}, std::vector<float>(7, 9)}},
        {"model.layers.1.mlp.up_proj.weight", {{64, 320}, std::vector<float>(64 * 320, 5)}},
        {"rope.freqs", {{32}, std::vector<float>(32)}},
        {"vision_tower.blocks.0.q_proj.SCB", {{4}, std::vector<float>(4)}},
        {"lm_head.bias", {{261}, std::vector<float>(261, 3)}},
        {"embed_tokens.weight", {{2, 2}, std::vector<float>(4)}},
    };
    ChainModel all = made;
    for (const auto &[name, tensor] : strangers) {
        CAPTURE(std::string(name));
        ChainModel one = made;
        one.tensors[name] = all.tensors[name] = tensor;
        const TemporaryFolder folder, converted;
        one.save(folder.path());
        const auto model = load(folder.path());
        CHECK(text_of(*model, "o") == "k");
        CHECK(model->info().weight_bytes == bytes);
        CHECK(says(model->info().remarks, std::string("1 tensor that the model has no use for: \"") + name + "\""));
        convert(folder.path(), converted.path(), Scheme::Int8);
        CHECK(text_of(*load(converted.path()), "o") == "k");
    }
    const TemporaryFolder folder;
    all.save(folder.path());
    const auto model = load(folder.path());
    CHECK(model->info().remarks.size() == 1);
    CHECK(says(model->info().remarks, "9 tensors"));
    CHECK(says(model->info().remarks, "and others"));
}

TEST_CASE("a turn ends with the end token of the configs and with the tokenizer's") {
    struct Row {
        const char *name;
        nlohmann::json tokenizer_config, special_tokens_map;
        bool ends;
    };
    const nlohmann::json object{{"content", "<|im_end|>"}, {"special", true}};
    const Row rows[] = {{"a text", {{"eos_token", "<|im_end|>"}}, {}, true},
                        {"an object", {{"eos_token", object}}, {}, true},
                        {"the map", nlohmann::json::object(), {{"eos_token", "<|im_end|>"}}, true},
                        {"an object in the map", nlohmann::json::object(), {{"eos_token", object}}, true},
                        {"another", {{"eos_token", "<|endoftext|>"}}, {}, false},
                        {"no token of the vocabulary", {{"eos_token", "<|end|>"}}, {}, false},
                        {"null", {{"eos_token", nullptr}}, {}, false}};
    for (const Row &row : rows) {
        CAPTURE(std::string(row.name));
        ChainModel made;
        made.write({'o', 'k', ChainModel::im_end, 'x', 'y'});
        made.config["eos_token_id"] = ChainModel::end_of_text;
        made.tokenizer_config = row.tokenizer_config;
        const TemporaryFolder folder;
        made.save(folder.path());
        if (!row.special_tokens_map.is_null())
            write_text(folder.path() / "special_tokens_map.json", row.special_tokens_map.dump());
        write_text(folder.path() / "generation_config.json", R"({"eos_token_id": [260, 257]})");
        const auto model = load(folder.path());
        const Answer got = answer(*model, "o", {.max_new_tokens = 4});
        CHECK(got.text == (row.ends ? "k" : "kxy"));
        CHECK(got.finish == (row.ends ? FinishReason::Stop : FinishReason::Length));
        for (const std::int32_t id : {260, 257}) CHECK(std::ranges::count(model->info().eos_tokens, id) == 1);
    }
}

TEST_CASE("a generation_config.json that cannot be read is told of and does without") {
    ChainModel made;
    made.write_text("ok");
    const TemporaryFolder folder;
    made.save(folder.path());
    for (const char *text : {"version https://git-lfs.github.com/spec/v1\n", "{", "[]"}) {
        write_text(folder.path() / "generation_config.json", text);
        const auto model = load(folder.path());
        CHECK(says(model->info().remarks, "generation_config.json"));
        CHECK(text_of(*model, "o") == "k");
    }
}

TEST_CASE("the chat template tells what a turn ends with") {
    const auto ends = [](const std::string &chat) {
        ChainModel made;
        const TemporaryFolder folder;
        made.save(folder.path());
        write_text(folder.path() / "chat_template.jinja", chat);
        return load(folder.path())->info().turn_end_tokens;
    };
    const std::string loop = "{% for m in messages %}", rest = "{% endfor %}{% if add_generation_prompt %}<s>{% endif %}";
    using Ids = std::vector<std::int32_t>;
    CHECK(ends(loop + "<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n" + rest) == Ids{ChainModel::im_end});
    CHECK(ends(loop + "{{ m.content + ' </s>' }}" + rest) == Ids{ChainModel::eos});
    CHECK(ends(loop + "{% for c in m.content %}{{ c.text }}{% endfor %}<|im_end|>" + rest) == Ids{ChainModel::im_end});
    CHECK(ends(loop + "{{ m.role }}: {{ m.content }}\n" + rest).empty());
    CHECK(ends(loop + "{{ m.content }} END<|im_end|>" + rest).empty());
    CHECK(ends("{{ raise_exception('no') }}").empty());
}

TEST_CASE("the end token's letters in ordinary tokens end nothing") {
    ChainModel made;
    made.write({'o', '<', '|', 'i', 'm', '_', 'e', 'n', 'd'});
    made.write({'d', '!', '>'});
    made.tokenizer_config["eos_token"] = "<|im_end|>";
    const TemporaryFolder folder;
    made.save(folder.path());
    const auto model = load(folder.path());
    CHECK(answer(*model, "o", {.max_new_tokens = 10}).text == "<|im_end!>");
    CHECK(answer(*model, "o", {.max_new_tokens = 10, .stop_strings = {"im_end!"}}).text == "<|");
}

TEST_CASE("stop strings see special tokens that are not shown") {
    // ok<|im_end|>xy<|im_start|>z
    ChainModel made;
    made.write({'o', 'k', ChainModel::im_end, 'x', 'y', ChainModel::im_start, 'z', ChainModel::eos});
    const TemporaryFolder folder;
    made.save(folder.path());
    const auto model = load(folder.path());
    const auto stopped = [&](const std::string &stop, bool skip = true) {
        return answer(*model, "o", {.max_new_tokens = 7, .stop_strings = {stop}}, skip);
    };
    CHECK(text_of(*model, "o") == "kxyz");
    for (const bool skip : {true, false}) {
        CAPTURE(skip);
        const Answer whole = stopped("<|im_end|>", skip);
        CHECK(whole.text == "k");
        CHECK(whole.finish == FinishReason::Stop);
        CHECK(whole.stop_string == "<|im_end|>");
        CHECK(whole.tokens == 2);
        CHECK(stopped("k<|im_end|>x", skip).text == "");
        CHECK(stopped("<|im_end|>xy<|im_start|>", skip).text == "k");
        CHECK(stopped("end|>x", skip).text == (skip ? "k" : "k<|im_"));
        CHECK(stopped("y<|im", skip).text == (skip ? "kx" : "k<|im_end|>x"));
        CHECK(stopped("z</s>", skip).text == (skip ? "kxy" : "k<|im_end|>xy<|im_start|>"));
    }
    // What looked like one and was none comes out whole, without what is hidden.
    CHECK(stopped("<|im_end|>xz").text == "kxyz");
    CHECK(stopped("k<|im_start|>").text == "kxyz");
    // What is shown never holds one, though a hidden token stands between.
    CHECK(stopped("kx").text == "");
    CHECK(stopped("yz").text == "kx");
}

TEST_CASE("temperatures below a float's range take the likeliest token, those near it do not break") {
    ChainModel made;
    made.write_text("ok");
    const TemporaryFolder folder;
    made.save(folder.path());
    const auto model = load(folder.path());
    for (const double temperature : {5e-324, 1e-310, 1e-46, 1e-45, 1e-39, 1.1e-38, 1.2e-38, 1e-38, 1e-37, 1e-30, 1e-9}) {
        CAPTURE(temperature);
        CHECK(answer(*model, "o", {}, true, temperature).text == "k");
    }
}

}  // namespace millm::engine::test
