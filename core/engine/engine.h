#pragma once

#include "core/engine/language_model.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace millm::engine {

/// Raised by one whenever a virtual table or a plain value behind this door changes: program and plugin must agree.
inline constexpr std::uint32_t engine_interface_version = 12;

/// A loop of the CPU's kernels, and the most threads that one run of it used since the number was set.
struct LoopThreads {
    std::string loop;  ///< "multiply"
    int threads = 0;   ///< 0: it did not run
};

/// One engine plugin: libtorch for the CPU, or with CUDA. Lives behind dlopen (see docs/architecture.md: libtorch's LLVM
/// must not meet Mesa's), so everything it makes is reached through virtual calls. No exception leaves it.
class Engine {
public:
    virtual ~Engine() = default;
    virtual std::string description() const = 0;  ///< "libtorch 2.6.0, CPU, AVX2, OpenBLAS"
    virtual bool has_cuda() const = 0;            ///< built with it, and a device is there
    virtual std::vector<DeviceInfo> devices() const = 0;
    virtual void set_threads(int threads) = 0;  ///< for computing; 0 = the cores that this process may use
    virtual std::vector<LoopThreads> loop_threads() const = 0;
    virtual Result<std::unique_ptr<LanguageModel>> load(const LoadOptions &options, const LoadObserver &observer) = 0;
    /// Only the tokenizer of a folder, without weights.
    virtual Result<std::unique_ptr<Tokenizer>> load_tokenizer(const std::filesystem::path &folder) = 0;
    /// Only the chat template; Unsupported where the folder has none.
    virtual Result<std::unique_ptr<ChatTemplate>> load_chat_template(const std::filesystem::path &folder) = 0;
};

/// The one symbol a plugin exports. Null where `interface_version` is not its own.
using EngineFactory = Engine *(*)(std::uint32_t interface_version);
inline constexpr const char *engine_factory_name = "millm_create_engine";

}  // namespace millm::engine
