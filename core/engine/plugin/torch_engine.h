#pragma once

#include "core/engine/engine.h"

namespace millm::engine {

/// The engine behind the plugin's door. Any thread, one at a time.
class TorchEngine : public Engine {
public:
    TorchEngine();
    std::string description() const override;
    bool has_cuda() const override;
    std::vector<DeviceInfo> devices() const override;
    void set_threads(int threads) override;
    std::vector<LoopThreads> loop_threads() const override;
    Result<std::unique_ptr<LanguageModel>> load(const LoadOptions &options, const LoadObserver &observer) override;
    Result<std::unique_ptr<Tokenizer>> load_tokenizer(const std::filesystem::path &folder) override;
    Result<std::unique_ptr<ChatTemplate>> load_chat_template(const std::filesystem::path &folder) override;

private:
    Result<void> level_;  ///< what came of MILLM_CPU_LEVEL
};

}  // namespace millm::engine
