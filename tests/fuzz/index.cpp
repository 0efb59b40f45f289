// model.safetensors.index.json: which files hold the weights.
#include "core/engine/checkpoint/requirements.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

void run(const Bytes &input) {
    const auto map = engine::weight_map_of_index(input);
    const auto shards = engine::shards_of_index(input);
    if (map.ok() != shards.ok()) wrong("two opinions of one index");
    if (!map) return;
    for (const auto &[tensor, file] : *map)
        if (file.find('/') != std::string::npos || file.front() == '.') wrong("a file outside of the folder");
    (void)engine::choose_weight_files(*shards);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all = fixture_files("index.json");
    all.push_back(R"({"metadata": {"total_size": 1}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "x.bin"}})");
    return all;
}

}  // namespace

const Target target{seeds, run, mutate_json};

}  // namespace millm::fuzz
