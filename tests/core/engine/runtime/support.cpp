#include "tests/core/engine/runtime/support.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/open_engine.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

namespace millm::engine::test {

namespace fs = std::filesystem;

fs::path fixtures() {
    return MILLM_FIXTURES;
}
fs::path sample_model() {
    return MILLM_SAMPLE_MODEL;
}

Engine &engine() {
    static Engine *const instance = [] {
        const char *other = std::getenv("MILLM_TEST_PLUGIN");
        Result<std::unique_ptr<Engine>> opened = open_engine(other != nullptr ? other : MILLM_PLUGIN);
        if (!opened) {
            std::fprintf(stderr, "%s\n", opened.error().message.c_str());
            std::abort();
        }
        (*opened)->set_threads(2);
        return opened->release();
    }();
    return *instance;
}

std::unique_ptr<LanguageModel> load(const LoadOptions &options) {
    Result<std::unique_ptr<LanguageModel>> model = engine().load(options, {});
    INFO(options.folder.string());
    if (!model) FAIL(model.error().message);
    return std::move(*model);
}

std::unique_ptr<LanguageModel> load(const fs::path &folder, ComputeType compute) {
    LoadOptions options;
    options.folder = folder;
    options.compute = compute;
    return load(options);
}

std::string read_text(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), path.string());
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path &path, const std::string &text) {
    std::ofstream(path, std::ios::binary) << text;
}

nlohmann::json read_json(const fs::path &path) {
    return nlohmann::json::parse(read_text(path));
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "millm-test-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void copy_with_config(const fs::path &folder, const fs::path &to, const std::string &config) {
    for (const fs::directory_entry &entry : fs::directory_iterator(folder)) {
        if (entry.path().filename() != "config.json") fs::create_symlink(entry.path(), to / entry.path().filename());
    }
    write_text(to / "config.json", config);
}

std::vector<float> read_floats(const fs::path &file, const std::string &name) {
    const std::string bytes = read_text(file);
    std::uint64_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    const auto tensors = parse_safetensors_header(std::string_view(bytes).substr(8, length), bytes.size());
    REQUIRE(tensors.ok());
    for (const TensorInfo &info : *tensors) {
        if (info.name != name) continue;
        std::vector<float> result;
        const char *data = bytes.data() + info.begin;
        for (std::int64_t i = 0; i < info.elements(); ++i) {
            if (info.dtype == DType::F32) {
                float value = 0;
                std::memcpy(&value, data + i * 4, 4);
                result.push_back(value);
            } else {
                REQUIRE(info.dtype == DType::I64);
                std::int64_t value = 0;
                std::memcpy(&value, data + i * 8, 8);
                result.push_back(static_cast<float>(value));
            }
        }
        return result;
    }
    FAIL("no tensor " << name << " in " << file.string());
    return {};
}

std::vector<std::int32_t> prompt_of(const fs::path &numbers) {
    std::vector<std::int32_t> ids;
    for (const float id : read_floats(numbers, "input_ids")) ids.push_back(static_cast<std::int32_t>(id));
    return ids;
}

float largest_difference(const std::vector<float> &a, const std::vector<float> &b) {
    REQUIRE(a.size() == b.size());
    float most = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const float difference = std::abs(a[i] - b[i]);
        if (!(difference <= most)) most = difference;  // NaN counts
    }
    return most;
}

void run_all(LanguageModel &model, const std::vector<SequenceRequest> &requests,
             const std::function<void(std::size_t, const SequenceUpdate &)> &take, const std::function<void()> &stepped) {
    std::map<SequenceId, std::size_t> places;
    for (const SequenceRequest &request : requests) {
        const Result<SequenceId> id = model.add(request);
        if (!id) FAIL(id.error().message);
        places.emplace(*id, places.size());
    }
    while (model.live_sequences() > 0) {
        const auto updates = model.step();
        if (!updates) FAIL(updates.error().message);
        for (const SequenceUpdate &update : *updates) take(places.at(update.id), update);
        if (stepped) stepped();
    }
}

std::vector<std::vector<std::int32_t>> generate(LanguageModel &model, const std::vector<SequenceRequest> &requests) {
    std::vector<std::vector<std::int32_t>> tokens(requests.size());
    run_all(model, requests, [&](std::size_t place, const SequenceUpdate &update) {
        if (update.error) FAIL(update.error->message);
        for (const GeneratedToken &token : update.tokens) tokens[place].push_back(token.id);
    });
    return tokens;
}

SequenceRequest greedy(std::vector<std::int32_t> prompt, std::int64_t tokens) {
    SequenceRequest request;
    request.prompt = std::move(prompt);
    request.sampling.temperature = 0;
    request.stop.max_new_tokens = tokens;
    request.stop.ignore_eos = true;
    return request;
}

}  // namespace millm::engine::test
