#include "core/engine/pooling/pooling.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/mapped_file.h"
#include "core/engine/input/json.h"

#include <algorithm>
#include <string_view>

namespace millm::engine {

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t widest = 1 << 20;

struct ModeName {
    PoolingMode mode;
    const char *name;  ///< of the newer files
    const char *flag;  ///< of the older ones, in the order in which their results follow each other
};
constexpr ModeName mode_names[] = {
    {PoolingMode::First, "cls", "pooling_mode_cls_token"},
    {PoolingMode::Largest, "max", "pooling_mode_max_tokens"},
    {PoolingMode::Mean, "mean", "pooling_mode_mean_tokens"},
    {PoolingMode::MeanSqrtLength, "mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"},
    {PoolingMode::WeightedMean, "weightedmean", "pooling_mode_weightedmean_tokens"},
    {PoolingMode::Last, "lasttoken", "pooling_mode_lasttoken"},
};

struct ActivationName {
    std::string_view name;  ///< of torch's class
    DenseActivation activation;
};
constexpr ActivationName activation_names[] = {
    {"Identity", DenseActivation::Identity}, {"Tanh", DenseActivation::Tanh},       {"ReLU", DenseActivation::Relu},
    {"GELU", DenseActivation::Gelu},         {"Sigmoid", DenseActivation::Sigmoid},
};

/// "sentence_transformers.models.Pooling" -> "Pooling".
std::string_view class_name(std::string_view path) {
    return path.substr(path.rfind('.') + 1);
}

/// One folder beside the model's files, and nothing that leads elsewhere.
bool is_folder_name(std::string_view path) {
    return !path.empty() && path != "." && path != ".." && path.find_first_of("/\\:") == std::string_view::npos;
}

class Reader {
public:
    Reader(const fs::path &folder, std::int64_t hidden) : m_folder(folder), m_width(hidden) {}

    Result<PoolingDescription> read(PoolingMode without) {
        m_pooling.modes = {without};
        if (Result<void> read = read_modules(); !read) return read.error();
        if (Result<void> read = read_most_tokens(); !read) return read.error();
        return std::move(m_pooling);
    }

private:
    Result<void> read_modules() {
        auto text = read_text_file(m_folder / "modules.json", JsonLimits().bytes);
        // Some repositories have the pooling's folder alone.
        if (!text) return fs::exists(m_folder / "modules.json") ? text.error() : read_pooling_in("1_Pooling", true);
        auto modules = parse_json(*text, "modules.json");
        if (!modules) return modules.error();
        if (!modules->is_list()) return invalid_file("modules.json is ", modules->kind_name(), ", a list is expected");
        for (const JsonValue &module : modules->items())
            if (Result<void> read = read_module(module); !read) return read;
        return {};
    }

    Result<void> read_module(const JsonValue &module) {
        const std::string *type = module.text("type"), *path = module.text("path");
        if (type == nullptr || path == nullptr) return invalid_file("modules.json: a module lacks \"type\" or \"path\"");
        const std::string_view kind = class_name(*type);
        const bool in_folder = kind == "Pooling" || kind == "Dense";
        if (in_folder && !is_folder_name(*path))
            return invalid_file("modules.json: the path \"", printable(*path), "\" is no folder's name");
        if (kind == "Pooling") return read_pooling_in(*path, false);
        if (kind == "Dense") return read_dense_in(*path);
        // The first is the model itself; vectors are always brought to length one.
        if (kind == "Transformer" || kind == "Normalize" || kind == "Dropout") return {};
        return failure(ErrorCode::Unsupported, "modules.json: the module \"", printable(*type), "\" is not supported");
    }

    Result<void> read_pooling_in(const std::string &path, bool optional) {
        const std::string file = path + "/config.json";
        auto config = read_json_object(m_folder / path / "config.json");
        if (!config) return config.error();
        if (!*config) return optional ? Result<void>() : invalid_file(file, " is missing, modules.json names it");
        std::vector<PoolingMode> modes;
        if (const JsonValue *named = (*config)->given("pooling_mode")) {
            for (const JsonValue &name : named->is_list() ? named->items() : std::span(named, 1)) {
                const auto *known = std::ranges::find_if(
                    mode_names, [&](const ModeName &mode) { return name.text() != nullptr && *name.text() == mode.name; });
                if (known == std::end(mode_names))
                    return failure(ErrorCode::Unsupported, file, ": the pooling ", name.shown(), " is not supported");
                modes.push_back(known->mode);
            }
        } else {
            for (const ModeName &known : mode_names)
                if ((*config)->flag(known.flag)) modes.push_back(known.mode);
        }
        if (modes.size() > std::size(mode_names))
            return invalid_file(file, ": ", modes.size(), " poolings, there are ", std::size(mode_names));
        if (modes.empty()) modes = {PoolingMode::Mean};
        m_pooling.modes = std::move(modes);
        m_width *= static_cast<std::int64_t>(m_pooling.modes.size());
        return {};
    }

    Result<void> read_dense_in(const std::string &path) {
        const std::string file = path + "/config.json";
        auto config = read_json_object(m_folder / path / "config.json");
        if (!config) return config.error();
        if (!*config) return invalid_file(file, " is missing, modules.json names it");
        const auto size = [&](const char *key) {
            const JsonValue *value = (*config)->given(key);
            return value == nullptr ? 0 : value->integer().value_or(0);
        };
        PoolingDense dense{path, size("in_features"), size("out_features"), true, DenseActivation::Identity};
        if (dense.in != m_width || dense.out < 1 || dense.out > widest)
            return invalid_file(file, ": \"in_features\" ", dense.in, " and \"out_features\" ", dense.out,
                                " do not follow on vectors of ", m_width);
        for (const char *key : {"module_input_name", "module_output_name"}) {
            const std::string *name = (*config)->text(key);
            if (name != nullptr && *name != "sentence_embedding")
                return failure(ErrorCode::Unsupported, file, ": \"", key, "\" is \"", printable(*name),
                               "\", only \"sentence_embedding\" is supported");
        }
        if ((*config)->flag("use_residual"))
            return failure(ErrorCode::Unsupported, file, ": \"use_residual\" is not supported");
        if (const JsonValue *bias = (*config)->given("bias")) dense.bias = bias->boolean().value_or(true);
        if (const std::string *name = (*config)->text("activation_function")) {
            const auto *found = std::ranges::find(activation_names, class_name(*name), &ActivationName::name);
            if (found == std::end(activation_names))
                return failure(ErrorCode::Unsupported, file, ": the activation \"", printable(*name), "\" is not supported");
            dense.activation = found->activation;
        } else {
            dense.activation = DenseActivation::Tanh;  // sentence-transformers' default
        }
        m_width = dense.out;
        m_pooling.dense.push_back(std::move(dense));
        return {};
    }

    Result<void> read_most_tokens() {
        // The newer files leave it to the tokenizer.
        for (const auto &[file, key] : {std::pair("sentence_bert_config.json", "max_seq_length"),
                                        std::pair("tokenizer_config.json", "model_max_length")}) {
            const auto config = read_json_object(m_folder / file, long_list_limits);
            if (!config) return config.error();
            const JsonValue *most = *config ? (*config)->given(key) : nullptr;
            if (most == nullptr) continue;
            m_pooling.most_tokens = std::max<std::int64_t>(0, most->integer().value_or(0));
            return {};
        }
        return {};
    }

    const fs::path &m_folder;
    std::int64_t m_width;  ///< of the vectors so far
    PoolingDescription m_pooling;
};

}  // namespace

std::int64_t PoolingDescription::size(std::int64_t hidden) const {
    return dense.empty() ? hidden * static_cast<std::int64_t>(modes.size()) : dense.back().out;
}

Result<PoolingDescription> read_pooling(const fs::path &folder, std::int64_t hidden, PoolingMode without) {
    return Reader(folder, hidden).read(without);
}

std::vector<TensorInfo> dense_tensors(const std::filesystem::path &folder, const PoolingDescription &pooling) {
    std::vector<TensorInfo> tensors;
    for (const PoolingDense &dense : pooling.dense)
        if (const auto checkpoint = Checkpoint::open(folder / dense.folder))
            tensors.insert(tensors.end(), (*checkpoint)->tensors().begin(), (*checkpoint)->tensors().end());
    return tensors;
}

const char *name_of(PoolingMode mode) {
    return std::ranges::find(mode_names, mode, &ModeName::mode)->name;
}

}  // namespace millm::engine
