#pragma once

#include "core/engine/open_engine.h"

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
    return *need(engine::open_engine(build / "lib" / MILLM_PLUGIN_NAME)).release();
}

struct Choices {
    int threads = 0;
    engine::DeviceId device;
};

/// `--threads N` and `--cuda` from argv[first] on.
inline Choices read_choices(int argc, char **argv, int first) {
    Choices choices;
    for (int i = first; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--cuda")
            choices.device.kind = engine::DeviceKind::Cuda;
        else if (option == "--threads" && i + 1 < argc)
            choices.threads = std::atoi(argv[++i]);
        else
            stop("unknown option " + option);
    }
    return choices;
}

}  // namespace millm::bench
