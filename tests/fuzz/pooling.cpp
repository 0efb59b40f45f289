// How a repository says that it makes a vector of a text: the first byte says which file the rest is.
#include "core/engine/pooling/pooling.h"

#include "tests/fuzz/fuzz.h"

#include <array>

namespace millm::fuzz {

namespace {

using namespace engine;
namespace fs = std::filesystem;

constexpr std::int64_t hidden = 32;
constexpr std::array files{"modules.json", "1_Pooling/config.json", "2_Dense/config.json", "sentence_bert_config.json",
                           "tokenizer_config.json"};
constexpr std::array<std::string_view, files.size()> usual{
    R"([{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},)"
    R"( {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},)"
    R"( {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}])",
    R"({"word_embedding_dimension": 32, "pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true, "pooling_mode": "mean"})",
    R"({"in_features": 32, "out_features": 24, "bias": true, "activation_function": "torch.nn.modules.activation.Tanh"})",
    R"({"max_seq_length": 256, "do_lower_case": false})", R"({"model_max_length": 512})"};

void run(const Bytes &input) {
    if (input.empty()) return;
    const std::size_t which = static_cast<unsigned char>(input[0]) % files.size();
    const fs::path folder = scratch() / "pooling";
    fs::create_directories(folder / "1_Pooling");
    fs::create_directories(folder / "2_Dense");
    for (std::size_t i = 0; i < files.size(); ++i)
        write(folder / files[i], i == which ? std::string_view(input).substr(1) : usual[i]);
    const auto pooling = read_pooling(folder, hidden, PoolingMode::Mean);
    if (!pooling) return;
    if (pooling->modes.empty() || pooling->size(hidden) < 1) wrong("vectors of nothing");
    for (const PoolingDense &dense : pooling->dense)
        if (dense.folder.find('/') != std::string::npos) wrong("a folder elsewhere");
}

Bytes mutate(const Bytes &input, Random &random) {
    return input.empty() ? mutate_bytes(input, random) : input[0] + mutate_json(input.substr(1), random);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (std::size_t i = 0; i < files.size(); ++i) all.push_back(static_cast<char>(i) + std::string(usual[i]));
    for (const Bytes &file : fixture_files("modules.json")) all.push_back('\0' + file);
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
