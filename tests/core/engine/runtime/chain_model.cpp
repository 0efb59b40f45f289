#include "tests/core/engine/runtime/chain_model.h"

#include "tests/core/engine/runtime/support.h"

namespace millm::engine::test {

namespace {

constexpr const char *special[] = {"<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|endoftext|>"};
constexpr std::int64_t width = 320;

/// The letter that stands for a byte in byte-level vocabularies.
std::string letter(int byte) {
    int character = byte, others = 0;
    const auto plain = [](int b) { return (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174; };
    for (int before = 0; before < byte; ++before) others += plain(before) ? 0 : 1;
    if (!plain(byte)) character = 256 + others;
    if (character < 128) return std::string(1, static_cast<char>(character));
    return {static_cast<char>(0xC0 | character >> 6), static_cast<char>(0x80 | (character & 0x3F))};
}

ChainModel::Tensor filled(std::vector<std::int64_t> shape, float value) {
    std::size_t count = 1;
    for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
    return {std::move(shape), std::vector<float>(count, value)};
}

}  // namespace

ChainModel::ChainModel(std::vector<std::string> words) : m_vocab(first_word + static_cast<std::int64_t>(words.size())) {
    config = {{"model_type", "llama"},    {"architectures", {"LlamaForCausalLM"}},
              {"hidden_size", width},     {"intermediate_size", 64},
              {"num_hidden_layers", 1},   {"num_attention_heads", 4},
              {"num_key_value_heads", 4}, {"max_position_embeddings", 256},
              {"rms_norm_eps", 1e-5},     {"tie_word_embeddings", false},
              {"vocab_size", m_vocab},    {"bos_token_id", bos},
              {"eos_token_id", eos}};
    auto added = nlohmann::json::array();
    const auto add = [&](const std::string &content, bool is_special) {
        added.push_back({{"id", 256 + added.size()},
                         {"content", content},
                         {"special", is_special},
                         {"single_word", false},
                         {"lstrip", false},
                         {"rstrip", false},
                         {"normalized", false}});
    };
    for (const char *token : special) add(token, true);
    for (const std::string &word : words) add(word, false);
    nlohmann::json vocabulary;
    for (int byte = 0; byte < 256; ++byte) vocabulary[letter(byte)] = byte;
    const nlohmann::json byte_level{
        {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
    tokenizer = {{"version", "1.0"},
                 {"added_tokens", added},
                 {"pre_tokenizer", byte_level},
                 {"decoder", byte_level},
                 {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", nlohmann::json::array()}}}};
    tokenizer_config = {{"eos_token", "</s>"}, {"bos_token", "<s>"}};

    const std::string layer = "model.layers.0.";
    for (const char *name : {"q_proj", "k_proj", "v_proj", "o_proj"})
        tensors[layer + "self_attn." + name + ".weight"] = filled({width, width}, 0);
    for (const char *name : {"gate_proj", "up_proj"}) tensors[layer + "mlp." + name + ".weight"] = filled({64, width}, 0);
    tensors[layer + "mlp.down_proj.weight"] = filled({width, 64}, 0);
    tensors[layer + "input_layernorm.weight"] = tensors[layer + "post_attention_layernorm.weight"] = filled({width}, 1);
    tensors["model.norm.weight"] = filled({width}, 1);
    Tensor embedding = filled({m_vocab, width}, 0);
    for (std::int64_t token = 0; token < m_vocab; ++token)
        embedding.values[static_cast<std::size_t>(token * width + token)] = 1;
    tensors["model.embed_tokens.weight"] = std::move(embedding);
    tensors["lm_head.weight"] = filled({m_vocab, width}, 0);
}

void ChainModel::write(const std::vector<std::int32_t> &tokens) {
    auto &head = tensors["lm_head.weight"].values;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        head[static_cast<std::size_t>(tokens[i + 1]) * width + static_cast<std::size_t>(tokens[i])] = 1;
}

void ChainModel::write_text(const std::string &text) {
    std::vector<std::int32_t> tokens;
    for (const char byte : text) tokens.push_back(static_cast<unsigned char>(byte));
    tokens.push_back(eos);
    write(tokens);
}

void ChainModel::save(const std::filesystem::path &folder) const {
    nlohmann::json header;
    std::string data;
    for (const auto &[name, tensor] : tensors) {
        const std::size_t begin = data.size();
        data.append(reinterpret_cast<const char *>(tensor.values.data()), tensor.values.size() * sizeof(float));
        header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, data.size()}}};
    }
    const std::string text = header.dump();
    const std::uint64_t length = text.size();
    test::write_text(folder / "model.safetensors",
                     std::string(reinterpret_cast<const char *>(&length), sizeof length) + text + data);
    test::write_text(folder / "config.json", config.dump());
    test::write_text(folder / "tokenizer.json", tokenizer.dump());
    test::write_text(folder / "tokenizer_config.json", tokenizer_config.dump());
}

}  // namespace millm::engine::test
