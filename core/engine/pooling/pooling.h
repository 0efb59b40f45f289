#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace millm::engine {

/// How the vectors of a text's tokens, behind the last norm, become one.
enum class PoolingMode : std::uint8_t {
    First,           ///< the first token's: [CLS]
    Last,            ///< the last token's
    Mean,            ///< of all
    Largest,         ///< of each number the largest
    MeanSqrtLength,  ///< their sum divided by the root of how many they are
    WeightedMean,    ///< the mean, where token i counts i + 1 times
};

enum class DenseActivation : std::uint8_t { Identity, Tanh, Relu, Gelu, Sigmoid };

/// A product behind the pooling: activation(x W^T + b). Its weights lie in a folder of their own.
struct PoolingDense {
    std::string folder;  ///< "2_Dense"
    std::int64_t in = 0, out = 0;
    bool bias = true;
    DenseActivation activation = DenseActivation::Identity;
};

/// How a model makes one vector of a text, as sentence-transformers' files say. The result is brought to length one.
struct PoolingDescription {
    std::vector<PoolingMode> modes;  ///< of several the results follow each other
    std::vector<PoolingDense> dense;
    std::int64_t most_tokens = 0;  ///< of a text; 0: as many as the model takes

    /// Numbers of a text's vector, where a token's has `hidden`.
    std::int64_t size(std::int64_t hidden) const;
};

/// What modules.json, the poolings' config.json and sentence_bert_config.json of a folder say; `without` where it has no such
/// files. Unsupported for a module that is not known, InvalidFile where sizes do not follow from `hidden`; both name the file.
Result<PoolingDescription> read_pooling(const std::filesystem::path &folder, std::int64_t hidden, PoolingMode without);

/// The tensors of its products, from their files' headers; without those that cannot be read, which loading tells.
std::vector<TensorInfo> dense_tensors(const std::filesystem::path &folder, const PoolingDescription &pooling);

/// "mean", "cls", "lasttoken"…: as those files name it.
const char *name_of(PoolingMode mode);

}  // namespace millm::engine
