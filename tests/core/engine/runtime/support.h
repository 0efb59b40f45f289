#pragma once

#include "core/engine/engine.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace millm::engine::test {

std::filesystem::path fixtures();
std::filesystem::path sample_model();

/// The plugin's engine, made once.
Engine &engine();

/// Loads or fails the test.
std::unique_ptr<LanguageModel> load(const LoadOptions &options);
std::unique_ptr<LanguageModel> load(const std::filesystem::path &folder, ComputeType compute = ComputeType::Float32);

nlohmann::json read_json(const std::filesystem::path &path);
std::string read_text(const std::filesystem::path &path);
void write_text(const std::filesystem::path &path, const std::string &text);

/// A folder that is gone afterwards.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    const std::filesystem::path &path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// `folder` with other config.json text; weights are links.
void copy_with_config(const std::filesystem::path &folder, const std::filesystem::path &to, const std::string &config);

/// Values of one tensor of a safetensors file: F32, or I64 narrowed.
std::vector<float> read_floats(const std::filesystem::path &file, const std::string &name);

/// The tokens of the reference's run: "input_ids".
std::vector<std::int32_t> prompt_of(const std::filesystem::path &numbers);

float largest_difference(const std::vector<float> &a, const std::vector<float> &b);

/// Steps until all is done: each update with the place of its request, and after each step `stepped`.
void run_all(LanguageModel &model, const std::vector<SequenceRequest> &requests,
             const std::function<void(std::size_t, const SequenceUpdate &)> &take, const std::function<void()> &stepped = {});

/// Steps until all is done; tokens by sequence in the order of `requests`.
std::vector<std::vector<std::int32_t>> generate(LanguageModel &model, const std::vector<SequenceRequest> &requests);

/// Greedy, without end.
SequenceRequest greedy(std::vector<std::int32_t> prompt, std::int64_t tokens);

}  // namespace millm::engine::test
