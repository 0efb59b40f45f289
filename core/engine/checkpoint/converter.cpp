#include "core/engine/checkpoint/converter.h"

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/file_conversion.h"
#include "core/engine/checkpoint/output_file.h"
#include "core/engine/checkpoint/quantization_config.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/foreign/tensors.h"
#include "core/engine/input/json_value.h"

#include <map>
#include <string_view>
#include <system_error>

namespace millm::engine {
namespace {

namespace fs = std::filesystem;

/// "pytorch_model-00001-of-00002.bin" becomes "model-00001-of-00002.safetensors"; safetensors keep their names.
std::string target_name(const std::string &name) {
    if (!name.ends_with(".bin")) return name;
    std::string stem = name.substr(0, name.size() - 4);
    if (stem.compare(0, 8, "pytorch_") == 0) stem.erase(0, 8);
    return stem + ".safetensors";
}

/// The count of shards that a name like "model-00002-of-00004.safetensors" speaks of; 0 where it is none.
std::size_t shard_count(const std::string &name) {
    const std::size_t of = name.rfind("-of-");
    if (of == std::string::npos) return 0;
    std::size_t count = 0;
    for (std::size_t at = of + 4; at < name.size() && name[at] >= '0' && name[at] <= '9' && count < 1'000'000; ++at)
        count = count * 10 + static_cast<std::size_t>(name[at] - '0');
    return count;
}

class Converter final : public CheckpointConverter {
public:
    Converter(ConversionRules rules, std::string config, fs::path target)
        : m_rules(std::move(rules)), m_config(std::move(config)), m_target(std::move(target)), m_held(m_target) {}

    Result<Progress> advance(const fs::path &source, const std::string &name, std::uint64_t available,
                             std::stop_token stop) override {
        auto file = file_of(name);
        if (!file) return std::move(file).error();
        auto advanced = (*file)->advance(source, available, stop);
        if (advanced && (*file)->complete()) advanced = convert_held(stop);
        if (!advanced) {
            Error error = std::move(advanced).error();
            error.message = name + ": " + error.message;
            // A half-written plan must not be continued; cancelling leaves whole tensors behind and may go on.
            if (error.code != ErrorCode::Cancelled) restart(name);
            return error;
        }
        return Progress{(*file)->consumed(), (*file)->total()};
    }

    void restart(const std::string &name) override {
        const auto found = m_files.find(name);
        if (found == m_files.end()) return;
        const fs::path target = found->second->target();
        m_files.erase(found);
        for (const auto &[other, file] : m_files) file->forget(name);
        m_held.forget(name);
        std::error_code ignored;
        fs::remove(target, ignored);
    }

    Result<void> finish(std::stop_token stop) override {
        std::vector<TensorInfo> tensors;
        DType weights = DType::F32;
        for (const auto &[name, file] : m_files) {
            if (!file->complete())
                return invalid_file(name, ": incomplete, ", file->consumed(), " of ", file->total(), " bytes are converted",
                                    file->pending_error().empty() ? "" : "; " + file->pending_error());
            if (const std::size_t count = shard_count(name); count && count != m_files.size())
                return invalid_file(name, ": one of ", count, " shards, ", m_files.size(), " files came");
            for (const TensorInfo &tensor : file->source_tensors()) tensors.push_back(tensor);
        }
        const auto plan = WeightPlan::match(m_rules.decoder, tensors);
        if (!plan) return plan.error();
        if (auto checked = check_packed(tensors, weights); !checked) return checked;
        m_remarks.clear();
        if (!plan->unused.empty()) m_remarks.push_back(plan->unused_as_text());
        for (const auto &[name, file] : m_files) {
            if (stop.stop_requested()) return failure(ErrorCode::Cancelled, "converting was cancelled");
            if (auto synced = file->sync(); !synced) return synced;
        }
        if (auto index = write_index(); !index) return index;
        m_held.clear();
        auto config = m_rules.copy                      ? Result<std::string>(m_config)
                      : m_rules.scheme == Scheme::Plain ? without_quantization_config(m_config)
                                                        : with_quantization_config(m_config, m_rules.scheme, weights);
        if (!config) return std::move(config).error();
        if (auto written = write_text_file(m_target / "config.json", *config); !written) return written;
        return sync_folder(m_target);
    }

    const std::vector<std::string> &remarks() const override { return m_remarks; }

private:
    Result<FileConversion *> file_of(const std::string &name) {
        if (const auto found = m_files.find(name); found != m_files.end()) return found->second.get();
        const bool torch = name.ends_with(".bin");
        if (name.find_first_of(std::string_view("/\\\0", 3)) != std::string::npos || name.empty() || name.front() == '.' ||
            !(torch || name.ends_with(".safetensors")))
            return failure(ErrorCode::InvalidArgument, "\"", printable(name), "\" is no weight file's name");
        const fs::path target = m_target / target_name(name);
        for (const auto &[other, file] : m_files)
            if (file->target() == target)
                return failure(ErrorCode::InvalidArgument, name, " and ", other, " would both become ",
                               target.filename().string());
        return m_files.emplace(name, std::make_unique<FileConversion>(m_rules, name, target, m_held)).first->second.get();
    }

    Result<void> convert_held(const std::stop_token &stop) {
        for (const auto &[name, file] : m_files)
            if (auto converted = file->convert_held(stop); !converted) return converted;
        return {};
    }

    /// Whether each packed weight was restored with all parts that the files turned out to have. `quantized` is the type of
    /// what is quantized.
    Result<void> check_packed(const std::vector<TensorInfo> &tensors, DType &quantized) const {
        const auto plain = PlainTensors::of(m_rules.decoder, tensors);
        if (!plain) return plain.error();
        for (const TensorInfo &tensor : plain->all())
            if (fate_of(m_rules.decoder, tensor, m_rules.scheme) == Fate::Quantize) quantized = tensor.dtype;
        for (const auto &[name, file] : m_files) {
            const auto packed = file->packed();
            if (!packed) return packed.error();
            for (const ForeignWeight *used : *packed)
                for (std::size_t i = 0; i < used->pieces.size(); ++i)
                    if (plain->weight(used->name)->pieces[i].found() && !used->pieces[i].found())
                        return failure(ErrorCode::Unsupported, "tensor \"", printable(used->pieces[i].name),
                                       "\" came behind its weight's file ", name, "; such files are not converted");
        }
        return {};
    }

    /// Where one file of the usual name is all, loaders need no index.
    Result<void> write_index() const {
        if (m_files.size() == 1 && m_files.begin()->second->target().filename() == "model.safetensors") return {};
        std::map<std::string, std::string> places;
        std::uint64_t bytes = 0;
        for (const auto &[name, file] : m_files)
            for (const TensorInfo &tensor : file->target_tensors()) {
                // One that two files hold counts as in the later one, which is what loaders without an index do.
                places[tensor.name] = file->target().filename().string();
                bytes += tensor.bytes;
            }
        JsonValue::Members map;
        for (const auto &[tensor, file] : places) map.push_back({tensor, file});
        const auto index = JsonValue::object(
            {{"metadata", JsonValue::object({{"total_size", bytes}})}, {"weight_map", JsonValue::object_of(std::move(map))}});
        return write_text_file(m_target / "model.safetensors.index.json", index.dump(2) + "\n");
    }

    ConversionRules m_rules;
    std::string m_config;
    fs::path m_target;
    std::vector<std::string> m_remarks;
    HeldTensors m_held;
    std::map<std::string, std::unique_ptr<FileConversion>> m_files;
};

}  // namespace

Result<std::unique_ptr<CheckpointConverter>> CheckpointConverter::create(const std::string &config_json, Options options) {
    auto decoder = describe(config_json);
    if (!decoder) return std::move(decoder).error();
    if (!decoder->foreign.refusal.empty()) return failure(ErrorCode::Unsupported, decoder->foreign.refusal);
    if (options.scheme == Scheme::Plain && !decoder->foreign.packs())
        return failure(ErrorCode::InvalidArgument, "FP16 needs no conversion: the files are kept as they are");
    auto copy = is_prequantized(config_json, options.scheme);
    if (!copy) return std::move(copy).error();
    std::error_code error;
    if (!fs::is_directory(options.target, error)) return failure(ErrorCode::Io, options.target.string(), " is not a folder");
    return std::unique_ptr<CheckpointConverter>(std::make_unique<Converter>(
        ConversionRules{*std::move(decoder), options.scheme, *copy}, config_json, std::move(options.target)));
}

}  // namespace millm::engine
