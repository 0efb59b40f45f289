#pragma once

#include "core/engine/engine.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace millm::bench {

[[noreturn]] inline void stop(const std::string &message) {
    std::fprintf(stderr, "%s: %s\n", std::filesystem::canonical("/proc/self/exe").filename().c_str(), message.c_str());
    std::exit(1);
}

/// The value, or the program's end with the error's words.
template <class T>
T need(Outcome<T, engine::Error> outcome) {
    if (!outcome) stop(outcome.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(outcome).value();
}

/// The engine that was built beside this program.
inline engine::Engine &load_engine() {
    const std::filesystem::path build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
    void *library = dlopen((build / "lib" / MILLM_PLUGIN_NAME).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) stop(dlerror());
    const auto factory = reinterpret_cast<engine::EngineFactory>(dlsym(library, engine::engine_factory_name));
    engine::Engine *engine = factory(engine::engine_interface_version);
    if (engine == nullptr) stop("the plugin has another interface version");
    return *engine;
}

struct Choices {
    int threads = 0, sequences = 1;
    engine::DeviceId device;
};

/// `--threads N`, `--sequences N` and `--cuda` from argv[first] on.
inline Choices read_choices(int argc, char **argv, int first) {
    Choices choices;
    for (int i = first; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--cuda")
            choices.device.kind = engine::DeviceKind::Cuda;
        else if (option == "--threads" && i + 1 < argc)
            choices.threads = std::atoi(argv[++i]);
        else if (option == "--sequences" && i + 1 < argc)
            choices.sequences = std::max(1, std::atoi(argv[++i]));
        else
            stop("unknown option " + option);
    }
    return choices;
}

}  // namespace millm::bench
