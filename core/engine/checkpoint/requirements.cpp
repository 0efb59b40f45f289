#include "core/engine/checkpoint/requirements.h"

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/json.h"

#include <algorithm>
#include <set>

namespace millm::engine {
namespace {

// Beside the weights, or the weights once more in another program's layout.
constexpr std::string_view never[] = {"adapter",   "consolidated", "training_args", "optimizer",
                                      "scheduler", "tf_model",     "flax_model",    "rust_model"};

bool is_candidate(std::string_view name, std::string_view ending) {
    if (name.find('/') != std::string_view::npos || !name.ends_with(ending)) return false;
    return std::none_of(std::begin(never), std::end(never), [&](std::string_view head) { return name.starts_with(head); });
}

/// "model-00001-of-00004.safetensors": between head and ending a number, "-of-" and a number.
bool is_shard(std::string_view name, std::string_view head, std::string_view ending) {
    if (!name.starts_with(head) || !name.ends_with(ending) || name.size() < head.size() + ending.size()) return false;
    std::string_view middle = name.substr(head.size(), name.size() - head.size() - ending.size());
    const std::size_t of = middle.find("-of-");
    if (of == std::string_view::npos || !middle.starts_with("-")) return false;
    const std::string_view first = middle.substr(1, of - 1), count = middle.substr(of + 4);
    const auto digits = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return digits(first) && digits(count);
}

std::vector<std::string> shards(const std::vector<std::string> &names, std::string_view head, std::string_view ending) {
    std::vector<std::string> found;
    for (const std::string &name : names)
        if (is_shard(name, head, ending)) found.push_back(name);
    std::sort(found.begin(), found.end());
    return found;
}

}  // namespace

WeightFiles choose_weight_files(const std::vector<std::string> &names) {
    const auto has = [&](std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); };

    // An index beside a whole file is what an earlier upload left.
    if (has("model.safetensors")) return {WeightForm::Safetensors, "", {"model.safetensors"}};
    if (has("model.safetensors.index.json"))
        return {WeightForm::ShardedSafetensors, "model.safetensors.index.json", shards(names, "model", ".safetensors")};
    if (has("pytorch_model.bin")) return {WeightForm::TorchBin, "", {"pytorch_model.bin"}};
    if (has("pytorch_model.bin.index.json"))
        return {WeightForm::ShardedTorchBin, "pytorch_model.bin.index.json", shards(names, "pytorch_model", ".bin")};
    std::vector<std::string> others;
    for (const std::string &name : names)
        if (is_candidate(name, ".safetensors")) others.push_back(name);
    if (others.size() == 1) return {WeightForm::Safetensors, "", others};

    const bool gguf = std::any_of(names.begin(), names.end(),
                                  [](const std::string &name) { return name.ends_with(".gguf") || name.ends_with(".ggml"); });
    return {gguf ? WeightForm::GgufOnly : WeightForm::None, "", {}};
}

Result<WeightMap> weight_map_of_index(std::string_view index_json) {
    const auto index = parse_json_object(index_json, "index", long_list_limits);
    if (!index) return index.error();
    const JsonValue *map = index->find("weight_map");
    if (!map || map->members().empty()) return invalid_file("index: weight_map is missing, empty or no object");
    WeightMap result;
    for (const auto &[tensor, file] : map->members()) {
        const std::string *name = file.text();
        if (!name)
            return invalid_file("index: weight_map \"", printable(tensor), "\" is ", file.kind_name(),
                                ", a file's name is needed");
        const bool plain = name->find_first_of(std::string_view("/\\\0", 3)) == std::string::npos && !name->starts_with(".");
        if (!plain || !(name->ends_with(".safetensors") || name->ends_with(".bin")) || name->size() > 255)
            return invalid_file("index: weight_map \"", printable(tensor), "\" names \"", printable(*name),
                                "\", which is no weight file of this folder");
        result.emplace(tensor, *name);
    }
    return result;
}

Result<std::vector<std::string>> shards_of_index(std::string_view index_json) {
    const auto map = weight_map_of_index(index_json);
    if (!map) return map.error();
    std::set<std::string> files;
    for (const auto &[tensor, file] : *map) files.insert(file);
    return std::vector<std::string>(files.begin(), files.end());
}

Result<Requirements> requirements(std::string_view config_json, const std::vector<std::string> &names) {
    const auto config = parse_json_object(config_json, "config.json");
    if (!config) return config.error();
    Requirements result;
    result.weights = choose_weight_files(names);
    const JsonValue *auto_map = config->find("auto_map");
    result.has_auto_map = auto_map && !auto_map->members().empty();
    // A family known here is computed by this program's own code; the repository's stays unread.
    if (result.has_auto_map) {
        const std::string *type = config->text("model_type");
        const auto known = supported_model_types();
        result.needs_remote_code = !type || std::find(known.begin(), known.end(), *type) == known.end();
    }
    const JsonValue *quantization = config->find("quantization_config");
    if (quantization && quantization->is_object()) {
        const std::string *method = quantization->text("quant_method");
        result.quantization = method ? *method : "unnamed";
    }
    return result;
}

}  // namespace millm::engine
