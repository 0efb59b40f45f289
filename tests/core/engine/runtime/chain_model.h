#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace millm::engine::test {

/// A Llama whose next token is a table: attention and feed-forward are zero, the embedding is the identity, and the head maps
/// each token to the one that follows it. Bytes are tokens 0 to 255, then come special tokens and words.
class ChainModel {
public:
    static constexpr std::int32_t bos = 256, eos = 257, im_start = 258, im_end = 259, end_of_text = 260, first_word = 261;

    struct Tensor {
        std::vector<std::int64_t> shape;
        std::vector<float> values;
    };

    /// `words`: added tokens that are no special ones.
    explicit ChainModel(std::vector<std::string> words = {});

    /// The model writes these tokens one after the other, each at most once.
    void write(const std::vector<std::int32_t> &tokens);
    /// The same with a text's bytes and the end token behind them.
    void write_text(const std::string &text);

    nlohmann::json config, tokenizer, tokenizer_config;
    std::map<std::string, Tensor> tensors;

    std::int64_t vocab() const { return m_vocab; }
    void save(const std::filesystem::path &folder) const;

private:
    std::int64_t m_vocab;
};

}  // namespace millm::engine::test
