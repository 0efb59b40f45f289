#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

enum class WeightForm : std::uint8_t {
    None,                ///< no weights that this program reads
    GgufOnly,            ///< only *.gguf or *.ggml, which it does not read
    Safetensors,         ///< one file
    ShardedSafetensors,  ///< `index` names the shards
    TorchBin,            ///< one pytorch_model.bin
    ShardedTorchBin,     ///< `index` names the shards
};

/// Which files of a repository are its weights.
struct WeightFiles {
    WeightForm form = WeightForm::None;
    std::string index;               ///< the *.index.json to fetch first; empty where there is one file
    std::vector<std::string> files;  ///< the one file; with an index, the shards by their names (the index has the last word)
};

/// Picks from the names of all files of a repository or folder (paths from its root), in transformers' order:
/// model.safetensors, its index, pytorch_model.bin, its index, and last a single *.safetensors of another name. The root folder
/// only; never adapters, consolidated duplicates, optimizers or other programs' formats.
WeightFiles choose_weight_files(const std::vector<std::string> &names);

using WeightMap = std::map<std::string, std::string>;  ///< the shard by the tensor's name

/// An index's weight_map. InvalidFile where the JSON has none, or a name leads out of the folder or is no weight file.
Result<WeightMap> weight_map_of_index(std::string_view index_json);
/// Its distinct files, in order of their names.
Result<std::vector<std::string>> shards_of_index(std::string_view index_json);

/// What a repository demands, judged before anything of it is downloaded.
struct Requirements {
    WeightFiles weights;
    bool has_auto_map = false;       ///< it brings Python code
    bool needs_remote_code = false;  ///< and this program has no row of its own for its model_type
    std::string quantization;        ///< "" or quantization_config's quant_method
};

/// From config.json and the repository's file names; InvalidFile where config.json is no JSON object.
Result<Requirements> requirements(std::string_view config_json, const std::vector<std::string> &names);

}  // namespace millm::engine
