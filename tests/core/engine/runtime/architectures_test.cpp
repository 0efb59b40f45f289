// config.json as data, and the names of tensors.
#include "core/engine/architectures/parameters.h"
#include "core/engine/architectures/state_shape.h"
#include "core/engine/architectures/weight_names.h"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

nlohmann::json small_llama() {
    return nlohmann::json::parse(read(fs::path(MILLM_FIXTURES) / "models" / "llama" / "config.json"));
}

Error error_of(const nlohmann::json &config) {
    const auto described = describe(config.dump());
    REQUIRE_FALSE(described.ok());
    return described.error();
}

}  // namespace

TEST_CASE("both spellings of config.json describe the same decoder") {
    int pairs = 0;
    for (const fs::directory_entry &entry : fs::directory_iterator(fs::path(MILLM_FIXTURES) / "models")) {
        if (!fs::exists(entry.path() / "config.v4.json")) continue;
        CAPTURE(entry.path().string());
        const auto a = describe(read(entry.path() / "config.json")), b = describe(read(entry.path() / "config.v4.json"));
        REQUIRE(a.ok());
        REQUIRE(b.ok());
        REQUIRE(a->ropes.size() == b->ropes.size());
        for (std::size_t i = 0; i < a->ropes.size(); ++i) {
            CHECK(a->ropes[i].theta == b->ropes[i].theta);
            CHECK(a->ropes[i].scaling == b->ropes[i].scaling);
            CHECK(a->ropes[i].factor == b->ropes[i].factor);
            CHECK(a->ropes[i].original_positions == b->ropes[i].original_positions);
        }
        REQUIRE(a->depth() == b->depth());
        for (std::int64_t layer = 0; layer < a->depth(); ++layer) {
            const auto left = layer_parameters(*a, layer), right = layer_parameters(*b, layer);
            REQUIRE(left.size() == right.size());
            for (std::size_t i = 0; i < left.size(); ++i) CHECK(left[i].shape == right[i].shape);
        }
        for (std::size_t layer = 0; layer < a->layers.size(); ++layer)
            CHECK(state_shapes(*a)[layer].window == state_shapes(*b)[layer].window);
        CHECK(a->tied_embeddings == b->tied_embeddings);
        CHECK(a->torch_dtype == b->torch_dtype);
        CHECK(a->eos_tokens == b->eos_tokens);
        ++pairs;
    }
    CHECK(pairs >= 10);
}

TEST_CASE("what is not supported is named together with what is") {
    nlohmann::json config = small_llama();
    config["model_type"] = "mamba9";
    Error error = error_of(config);
    CHECK(error.code == ErrorCode::Unsupported);
    CHECK(error.message.find("mamba9") != std::string::npos);
    CHECK(error.message.find("llama, gpt2, mistral") != std::string::npos);
    CHECK(error.field == "model_type");
    config["auto_map"] = {{"AutoModelForCausalLM", "modeling_mamba9.Mamba9"}};
    CHECK(error_of(config).code == ErrorCode::NeedsRemoteCode);

    config = small_llama();
    config["auto_map"] = {{"AutoModelForCausalLM", "modeling.Llama"}};
    const auto native = describe(config.dump());
    REQUIRE(native.ok());
    CHECK(native->has_auto_map);

    config = small_llama();
    config["architectures"] = {"LlamaForSequenceClassification"};
    CHECK(error_of(config).code == ErrorCode::Unsupported);
    CHECK(error_of(config).field == "architectures");
    config = small_llama();
    config["hidden_act"] = "mish";
    CHECK(error_of(config).message.find("mish") != std::string::npos);
    CHECK(error_of(config).field == "hidden_act");
    config = small_llama();
    config["rope_scaling"] = {{"type", "spiral"}, {"factor", 4.0}};
    config.erase("rope_parameters");
    CHECK(error_of(config).message.find("spiral") != std::string::npos);
    CHECK(error_of(config).field == "rope_scaling");
    config = small_llama();
    config.erase("hidden_size");
    CHECK(error_of(config).field == "hidden_size");
    config = small_llama();
    config["vocab_size"] = "many";
    CHECK(error_of(config).field == "vocab_size");
}

TEST_CASE("no field of another type ends the program, and its message names it") {
    // Each field that is read, with values of every type and size; the answer is a description or an error of its own.
    const std::string values[] = {"null",
                                  "true",
                                  "0",
                                  "-1",
                                  "1",
                                  "64.0",
                                  "1e400",
                                  "-Infinity",
                                  "NaN",
                                  "9223372036854775808",
                                  "1e18",
                                  "\"x\"",
                                  "\"\"",
                                  "[]",
                                  "[null]",
                                  "[[[]]]",
                                  "[1e400, -5]",
                                  "{}",
                                  "{\"rope_type\": 7}",
                                  "{\"type\": \"linear\", \"factor\": 1e300}",
                                  "{\"quant_method\": null}",
                                  "{\"quant_method\": 5}",
                                  "{\"load_in_4bit\": \"yes\"}",
                                  "{\"type\": \"llama3\", \"factor\": 8, \"original_max_position_embeddings\": 1e300}"};
    for (const char *model : {"llama", "gpt2", "mistral", "qwen2", "qwen3"}) {
        const std::string plain = read(fs::path(MILLM_FIXTURES) / "models" / model / "config.json");
        nlohmann::json fields = nlohmann::json::parse(plain);
        for (const char *more :
             {"quantization_config", "auto_map", "dtype", "torch_dtype", "rope_scaling", "rope_parameters", "sliding_window",
              "layer_types", "use_sliding_window", "max_window_layers", "head_dim", "n_inner"})
            fields[more] = nullptr;
        for (const auto &[field, old] : fields.items())
            for (const std::string &value : values) {
                nlohmann::json rest = fields;
                rest.erase(field);
                const std::string text = "{\"" + field + "\": " + value + ", " + rest.dump().substr(1);
                CAPTURE(text);
                const auto described = describe(text);
                const std::string why = described ? "\"\"" : described.error().message;
                CHECK((why.find('"') != std::string::npos || why.starts_with("config.json: ")));
            }
    }
    const auto with = [](const std::string &field) {
        const std::string rest = small_llama().dump();
        return describe("{" + field + ", " + rest.substr(1));
    };
    CHECK(with(R"("quantization_config": {"quant_method": null})").error().message.find("lacks \"quant_method\"") !=
          std::string::npos);
    CHECK(with(R"("quantization_config": {"quant_method": 5})").error().message ==
          "config.json: \"quant_method\" is 5, not a text");
    CHECK(with(R"("quantization_config": {"load_in_4bit": true})")->quantization == "bitsandbytes");
    CHECK(with(R"("quantization_config": "none")").error().code == ErrorCode::InvalidFile);
    std::string deep;
    for (int i = 0; i < 200'000; ++i) deep += "[";
    CHECK(with("\"x\": " + deep).error().message.find("nests deeper") != std::string::npos);
    // What Python reads is read.
    CHECK(
        with(R"("time_step_limit": [0.0, Infinity], "_other": NaN, "_third": 1e999, "_wide": 1000000000000000019884624838656)")
            .ok());
}

TEST_CASE("whole numbers are spelled as such, as transformers wants them") {
    nlohmann::json config = small_llama();
    config["hidden_size"] = 64.0;
    CHECK(error_of(config).message == "config.json: \"hidden_size\" is 64.0, not a whole number from 1 to 268435456");
    config["hidden_size"] = "64";
    CHECK(error_of(config).message.find("\"64\"") != std::string::npos);
}

TEST_CASE("sizes whose bytes would leave 64 bits are refused") {
    for (const char *field : {"num_hidden_layers", "hidden_size", "num_attention_heads", "head_dim", "intermediate_size"}) {
        nlohmann::json config = small_llama();
        config[field] = field == std::string("num_hidden_layers") ? 1 << 16 : 1 << 28;
        if (field == std::string("num_attention_heads")) config["num_key_value_heads"] = 1;
        CAPTURE(field);
        CHECK(error_of(config).message.find("beyond any model") != std::string::npos);
    }
}

TEST_CASE("only what writes text is a language model, whatever its name ends in") {
    const auto named = [](const char *architecture) {
        nlohmann::json config = small_llama();
        config["architectures"] = {architecture};
        return describe(config.dump());
    };
    for (const char *writes : {"LlamaForCausalLM", "LLaMAForCausalLM", "LlamaModel", "LLaMAModel", "YiForCausalLM"})
        CHECK_MESSAGE(named(writes).ok(), writes);
    for (const char *other : {"LlamaRewardModel", "LlamaForRewardModel", "InternLM2RewardModel", "LlamaBiModel",
                              "LlamaEmbeddingModel", "Model", "GPT2Model", "LlamaForSequenceClassification"})
        CHECK_MESSAGE(!named(other).ok(), other);
}

TEST_CASE("absurd fields are named") {
    const auto with = [](const char *key, nlohmann::json value) {
        nlohmann::json config = small_llama();
        config[key] = std::move(value);
        const Error error = error_of(config);
        CHECK(error.code == ErrorCode::InvalidFile);
        return error.message;
    };
    CHECK(with("hidden_size", nullptr).find("hidden_size") != std::string::npos);
    CHECK(with("hidden_size", -4).find("hidden_size") != std::string::npos);
    CHECK(with("vocab_size", "many").find("vocab_size") != std::string::npos);
    CHECK(with("num_hidden_layers", 18446744073709551615ULL).find("num_hidden_layers") != std::string::npos);
    CHECK(with("num_key_value_heads", 3).find("key-value heads") != std::string::npos);
    CHECK(with("head_dim", 15).find("head_dim") != std::string::npos);
    CHECK(with("rms_norm_eps", -1.0).find("rms_norm_eps") != std::string::npos);
    CHECK(with("eos_token_id", "stop").find("eos_token_id") != std::string::npos);
    CHECK(with("rope_parameters", {{"rope_type", "linear"}, {"rope_theta", 1e4}}).find("factor") != std::string::npos);
    CHECK_FALSE(describe("{").ok());
    CHECK_FALSE(describe("[]").ok());
    CHECK_FALSE(describe("{}").ok());
}

TEST_CASE("token ids may be one, several or none") {
    nlohmann::json config = small_llama();
    config["eos_token_id"] = {7, 9};
    CHECK(describe(config.dump())->eos_tokens == std::vector<std::int32_t>{7, 9});
    config["eos_token_id"] = nullptr;
    CHECK(describe(config.dump())->eos_tokens.empty());
}

TEST_CASE("tensor names have roles, with the root and without") {
    const DecoderDescription llama = *describe(small_llama().dump());
    CHECK(role_of(llama, "model.layers.2.self_attn.q_proj.weight") == TensorRole::Linear);
    CHECK(role_of(llama, "layers.2.self_attn.q_proj.weight") == TensorRole::Linear);
    CHECK(role_of(llama, "model.layers.3.self_attn.q_proj.weight") == TensorRole::Unknown);  // three layers
    CHECK(role_of(llama, "model.layers.0.self_attn.q_proj.bias") == TensorRole::Unknown);    // no biases here
    CHECK(role_of(llama, "model.layers.0.self_attn.q_proj.weight.absmax") == TensorRole::Companion);
    CHECK(role_of(llama, "model.layers.0.self_attn.q_proj.weight.quant_state.bitsandbytes__nf4") == TensorRole::Companion);
    CHECK(role_of(llama, "model.layers.0.self_attn.q_proj.SCB") == TensorRole::Companion);
    CHECK(role_of(llama, "model.layers.0.self_attn.rotary_emb.inv_freq") == TensorRole::Buffer);
    CHECK(role_of(llama, "model.layers.0.input_layernorm.weight") == TensorRole::Norm);
    CHECK(role_of(llama, "model.embed_tokens.weight") == TensorRole::Embedding);
    CHECK(role_of(llama, "lm_head.weight") == TensorRole::Head);
    CHECK(role_of(llama, "model.layers.0.self_attn.q_projx.weight") == TensorRole::Unknown);
    CHECK(role_of(llama, "") == TensorRole::Unknown);
    CHECK(role_of(llama, "model.layers.") == TensorRole::Unknown);
    CHECK(role_of(llama, "model.layers.99999999999999999999.mlp.up_proj.weight") == TensorRole::Unknown);

    const DecoderDescription gpt2 = *describe(read(fs::path(MILLM_FIXTURES) / "models" / "gpt2" / "config.json"));
    CHECK(role_of(gpt2, "transformer.h.0.attn.c_attn.weight") == TensorRole::Linear);
    CHECK(role_of(gpt2, "h.0.attn.c_attn.bias") == TensorRole::Bias);
    CHECK(role_of(gpt2, "h.0.attn.bias") == TensorRole::Buffer);
    CHECK(role_of(gpt2, "h.0.attn.masked_bias") == TensorRole::Buffer);
    CHECK(role_of(gpt2, "wpe.weight") == TensorRole::Embedding);
}

TEST_CASE("experts have roles by their numbers, each layer by what it is made of") {
    nlohmann::json config = nlohmann::json::parse(read(fs::path(MILLM_FIXTURES) / "models" / "qwen3_moe" / "config.json"));
    config["num_hidden_layers"] = 4;
    config["num_experts"] = 12;
    config["decoder_sparse_step"] = 1;
    config["mlp_only_layers"] = {2};
    config.erase("layer_types");
    // A description that goes on without the one it was copied from.
    DecoderDescription decoder;
    {
        const auto described = describe(config.dump());
        REQUIRE_MESSAGE(described.ok(), (described.ok() ? "" : described.error().message));
        decoder = *described;
    }
    for (const int layer : {0, 1, 2, 3}) {
        CAPTURE(layer);
        const bool dense = layer == 2;
        const std::string prefix = "model.layers." + std::to_string(layer) + ".mlp.";
        CHECK((role_of(decoder, prefix + "up_proj.weight") == TensorRole::Linear) == dense);
        CHECK((role_of(decoder, prefix + "gate.weight") == TensorRole::Router) == !dense);
        for (const int expert : {0, 1, 11})
            CHECK((role_of(decoder, prefix + "experts." + std::to_string(expert) + ".down_proj.weight") ==
                   TensorRole::Linear) == !dense);
        for (const char *name : {"experts.12.down_proj.weight", "experts.-1.down_proj.weight", "experts..down_proj.weight",
                                 "experts.1.down_proj.bias", "experts.1.weight"})
            CHECK(role_of(decoder, prefix + name) == TensorRole::Unknown);
    }
    CHECK(role_of(decoder, "model.layers.0.mlp.experts.3.up_proj.weight.absmax") == TensorRole::Companion);
    CHECK(role_of(DecoderDescription(), "model.layers.0.mlp.up_proj.weight") == TensorRole::Unknown);
}

TEST_CASE("the map of weights has every module once, with its shape") {
    const DecoderDescription llama = *describe(small_llama().dump());
    const std::vector<WeightSpec> specs = weight_specs(llama);
    CHECK(specs.size() == 3 + 3 * 9);
    std::vector<std::string> names;
    for (const WeightSpec &spec : specs) {
        names.push_back(spec.module);
        CHECK(role_of(llama, spec.module + ".weight") == spec.role);
    }
    std::sort(names.begin(), names.end());
    CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
    const auto down = std::find_if(specs.begin(), specs.end(), [](const WeightSpec &s) { return s.slot() == Slot::Down; });
    CHECK(down->shape == std::vector<std::int64_t>{64, 80});
}

TEST_CASE("a field that nobody knows is refused, one that says nothing is not") {
    const auto with = [](const char *key, nlohmann::json value) {
        nlohmann::json config = small_llama();
        config[key] = std::move(value);
        return describe(config.dump());
    };
    const auto refused = with("attention_twist", 3);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ErrorCode::Unsupported);
    CHECK(refused.error().message.find("\"attention_twist\" is 3") != std::string::npos);
    CHECK(refused.error().message.find("does not know") != std::string::npos);
    CHECK(refused.error().field == "attention_twist");
    for (const nlohmann::json &nothing : {nlohmann::json(), nlohmann::json(false), nlohmann::json(0), nlohmann::json(0.0),
                                          nlohmann::json(""), nlohmann::json::array(), nlohmann::json::object()})
        CHECK(with("attention_twist", nothing).ok());
    for (const char *harmless :
         {"_attention_twist", "attention_dropout", "initializer_range", "use_cache", "torch_dtype_note_dropout",
          "router_aux_loss_coef", "unsloth_version", "pad_token_id", "temperature", "transformers_version"})
        CHECK_MESSAGE(with(harmless, 1).ok(), harmless);
    CHECK_FALSE(with("clip_qkv", 8.0).ok());  // another family's
}

TEST_CASE("the text part of a repository with other towers is described by itself") {
    nlohmann::json text = small_llama(), whole;
    text.erase("architectures");
    text.erase("tie_word_embeddings");
    text.erase("eos_token_id");
    whole["model_type"] = "eyes_and_llama";
    whole["architectures"] = {"EyesAndLlamaForConditionalGeneration"};
    whole["tie_word_embeddings"] = true;
    whole["eos_token_id"] = {5, 6};
    whole["vision_config"] = {{"model_type", "eyes"}, {"hidden_size", 3}};
    whole["text_config"] = text;
    const auto described = describe(whole.dump());
    REQUIRE_MESSAGE(described.ok(), (described.ok() ? "" : described.error().message));
    CHECK(described->model_type == "llama");
    CHECK(described->tied_embeddings);
    CHECK(described->eos_tokens == std::vector<std::int32_t>{5, 6});
    for (const char *prefix : {"model.language_model.", "language_model.model.", "language_model.", "model.", ""}) {
        CAPTURE(std::string(prefix));
        CHECK(role_of(*described, std::string(prefix) + "layers.0.mlp.up_proj.weight") == TensorRole::Linear);
        CHECK(role_of(*described, std::string(prefix) + "embed_tokens.weight") == TensorRole::Embedding);
    }
    CHECK(role_of(*described, "language_model.lm_head.weight") == TensorRole::Head);
    CHECK(role_of(*described, "vision_tower.layers.0.mlp.up_proj.weight") == TensorRole::Unknown);
    CHECK(role_of(*described, "model.visual.blocks.0.norm.weight") == TensorRole::Unknown);
}

TEST_CASE("layers that differ in a model of one family") {
    const auto model = [](const char *name) {
        return nlohmann::json::parse(read(fs::path(MILLM_FIXTURES) / "models" / name / "config.json"));
    };
    nlohmann::json config = model("gemma4_text");
    const auto described = describe(config.dump());
    REQUIRE(described.ok());
    const auto attention = [&](std::size_t layer) { return std::get<AttentionDescription>(described->layers[layer].mixer); };
    CHECK(attention(0).head_dim == 8);
    CHECK(attention(1).head_dim == 16);
    CHECK(attention(1).values_from_keys);
    CHECK(attention(2).keys_of == 1);
    CHECK(state_shapes(*described)[2].shared_with == 1);
    CHECK(std::get<DenseDescription>(described->layers[2].feed).size ==
          2 * std::get<DenseDescription>(described->layers[0].feed).size);
    CHECK(role_of(*described, "model.embed_tokens_per_layer.weight") == TensorRole::Embedding);

    config["per_layer_config"]["1"]["head_dim"] = 8;
    CHECK(error_of(config).message.find("heads of several kinds") != std::string::npos);
    config["per_layer_config"]["1"]["head_dim"] = 16;
    config["per_layer_config"]["1"]["intermediate_size"] = 99;
    CHECK(error_of(config).message.find("intermediate_size") != std::string::npos);
    for (const char *key : {"3", "-1", "first", ""}) {
        config = model("gemma4_text");
        config["per_layer_config"][key] = {{"head_dim", 16}};
        CHECK(error_of(config).message.find("one of 3 layers") != std::string::npos);
    }
    config["per_layer_config"] = 7;
    CHECK(error_of(config).message.find("not an object") != std::string::npos);
    config = model("gemma4_text");
    config["num_kv_shared_layers"] = 2;
    CHECK(error_of(config).message.find("no keys for layer 1") != std::string::npos);
    config["num_kv_shared_layers"] = 9;
    CHECK(error_of(config).message.find("no keys for layer 0") != std::string::npos);
    config = model("gemma4_text");
    config["use_bidirectional_attention"] = "all";
    CHECK(error_of(config).code == ErrorCode::Unsupported);
    config["use_bidirectional_attention"] = "vision";
    CHECK(describe(config.dump()).ok());

    config = model("gemma3n_text");
    config["altup_active_idx"] = config["altup_num_inputs"];
    CHECK(error_of(config).message.find("altup_active_idx") != std::string::npos);
    for (const nlohmann::json &sparse : {nlohmann::json{0.5}, nlohmann::json{0, 0, 1.0}, nlohmann::json(0.5)}) {
        config = model("gemma3n_text");
        config["activation_sparsity_pattern"] = sparse;
        CHECK(error_of(config).message.find("activation_sparsity_pattern") != std::string::npos);
    }
}

TEST_CASE("every family names each of its parameters once") {
    int families = 0;
    for (const fs::directory_entry &entry : fs::directory_iterator(fs::path(MILLM_FIXTURES) / "models")) {
        const auto described = describe(read(entry.path() / "config.json"));
        if (!described) continue;
        CAPTURE(entry.path().string());
        std::size_t parameters = outer_parameters(*described).size(), spelled = 0;
        if (described->has_head && !described->tied_embeddings) ++parameters;
        for (std::int64_t layer = 0; layer < described->depth(); ++layer) {
            for (const Parameter &parameter : layer_parameters(*described, layer)) {
                CHECK(parameter.slot != Slot::None);
                ++parameters;
            }
        }
        std::vector<std::string> names;
        for (const WeightSpec &spec : weight_specs(*described)) {
            names.push_back(spec.weight_name());
            CHECK_MESSAGE(role_of(*described, spec.weight_name()) == spec.role, spec.weight_name());
            if (spec.bias) CHECK_MESSAGE(role_of(*described, spec.bias_name()) == TensorRole::Bias, spec.bias_name());
            // One that has a tensor for each expert counts with its first.
            if (spec.number <= 0) spelled += spec.widths.size();
        }
        CHECK(spelled == parameters);
        std::sort(names.begin(), names.end());
        CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
        ++families;
    }
    CHECK(families >= 20);
}

}  // namespace millm::engine::test
