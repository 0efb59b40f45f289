#include "core/engine/checkpoint/checkpoint.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/mapped_file.h"
#include "core/engine/checkpoint/requirements.h"
#include "core/engine/checkpoint/torch_file.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <unordered_map>

namespace millm::engine {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t config_limit = 16u << 20, index_limit = 256u << 20;

/// The tensors of one weight file of either kind.
Result<std::vector<TorchTensor>> read_tensors(std::span<const std::byte> file, bool torch) {
    if (torch) return read_torch_file(file);
    if (file.size() < 8) return invalid_file("safetensors: ", file.size(), " bytes, the header's length alone is 8");
    auto length = safetensors_header_length(file.first<8>(), file.size());
    if (!length) return std::move(length).error();
    auto infos = parse_safetensors_header({reinterpret_cast<const char *>(file.data()) + 8, *length}, file.size());
    if (!infos) return std::move(infos).error();
    std::vector<TorchTensor> tensors;
    tensors.reserve(infos->size());
    for (TensorInfo &info : *infos) tensors.push_back({std::move(info), {}, true});
    return tensors;
}

class FolderCheckpoint final : public Checkpoint {
public:
    explicit FolderCheckpoint(std::string config) : m_config(std::move(config)) {}

    Result<void> add_file(const fs::path &path, const std::unordered_map<std::string, std::string> &weight_map) {
        auto file = MappedFile::open(path);
        if (!file) return std::move(file).error();
        const std::string name = path.filename().string();
        auto tensors = read_tensors(file->bytes(), path.extension() == ".bin");
        if (!tensors) {
            Error error = std::move(tensors).error();
            error.message = name + ": " + error.message;
            return error;
        }
        for (TorchTensor &tensor : *tensors) {
            const auto [known, fresh] = m_by_name.try_emplace(tensor.info.name, m_places.size());
            if (fresh) {
                m_tensors.push_back(tensor.info);
                m_places.push_back({m_files.size(), std::move(tensor)});
                continue;
            }
            // Two shards hold a tensor of the same name: the index says which one counts, else the later one does.
            const auto mapped = weight_map.find(tensor.info.name);
            if (mapped != weight_map.end() && mapped->second != name) continue;
            m_tensors[known->second] = tensor.info;
            m_places[known->second] = {m_files.size(), std::move(tensor)};
        }
        m_files.push_back(*std::move(file));
        return {};
    }

    const std::vector<TensorInfo> &tensors() const override { return m_tensors; }
    const std::string &config() const override { return m_config; }

    StoredTensor find(std::string_view name) const override {
        const auto found = m_by_name.find(std::string(name));
        if (found == m_by_name.end()) return {};
        const Place &place = m_places[found->second];
        const TensorInfo &info = m_tensors[found->second];
        const auto file = m_files[place.file].bytes();
        // The mapping begins at a page, so the offset alone decides whether elements may be read in place.
        if (place.tensor.contiguous && info.begin % size_of(info.dtype) == 0)
            return {&info, file.subspan(info.begin, info.bytes)};
        const std::lock_guard lock(m_mutex);
        auto &copy = m_copies[found->second];
        if (copy.size() != info.bytes) {
            copy.resize(info.bytes);
            gather(file, place.tensor, copy.data());
        }
        return {&info, copy};
    }

    void release(std::string_view name) const override {
        const auto found = m_by_name.find(std::string(name));
        if (found == m_by_name.end() || !m_places[found->second].tensor.contiguous) return;
        const TensorInfo &info = m_tensors[found->second];
        m_files[m_places[found->second].file].release(info.begin, info.bytes);
    }

private:
    struct Place {
        std::size_t file;
        TorchTensor tensor;
    };
    std::string m_config;
    std::vector<MappedFile> m_files;
    std::vector<TensorInfo> m_tensors;
    std::vector<Place> m_places;  // beside m_tensors
    std::unordered_map<std::string, std::size_t> m_by_name;
    mutable std::mutex m_mutex;  // over m_copies
    mutable std::map<std::size_t, std::vector<std::byte>> m_copies;
};

Result<std::vector<std::string>> file_names(const fs::path &folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        names.push_back(it->path().filename().string());
    if (error) return io_failure("cannot list", folder, error.value());
    return names;
}

}  // namespace

Result<std::unique_ptr<Checkpoint>> Checkpoint::open(const fs::path &folder) {
    auto names = file_names(folder);
    if (!names) return std::move(names).error();
    auto config = read_text_file(folder / "config.json", config_limit);
    if (!config) return std::move(config).error();
    const WeightFiles weights = choose_weight_files(*names);
    if (weights.form == WeightForm::GgufOnly)
        return failure(ErrorCode::Unsupported, "the folder has only GGUF weights; safetensors or pytorch_model.bin are read");
    if (weights.form == WeightForm::None)
        return invalid_file("the folder has no weights: neither model.safetensors, its index, nor pytorch_model.bin");

    std::vector<std::string> files = weights.files;
    WeightMap weight_map;
    if (!weights.index.empty()) {
        auto index = read_text_file(folder / weights.index, index_limit);
        if (!index) return std::move(index).error();
        auto map = weight_map_of_index(*index);
        if (!map) return std::move(map).error();
        weight_map = *std::move(map);
        std::set<std::string> shards;
        for (const auto &[tensor, file] : weight_map) shards.insert(file);
        files.assign(shards.begin(), shards.end());
        for (const std::string &file : files)
            if (std::find(names->begin(), names->end(), file) == names->end())
                return invalid_file(weights.index, ": the shard ", printable(file), " is not in the folder (", files.size(),
                                    " are wanted)");
    }
    auto checkpoint = std::make_unique<FolderCheckpoint>(*std::move(config));
    const std::unordered_map<std::string, std::string> lookup(weight_map.begin(), weight_map.end());
    for (const std::string &file : files)
        if (auto added = checkpoint->add_file(folder / file, lookup); !added) return std::move(added).error();
    return std::unique_ptr<Checkpoint>(std::move(checkpoint));
}

}  // namespace millm::engine
