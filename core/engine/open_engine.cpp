#include "core/engine/open_engine.h"

#include <dlfcn.h>

#include <cstdlib>

namespace millm::engine {

namespace {

/// What libraries behind the plugin read when they are loaded. What the user has set stays.
void prepare_environment() {
    // Our loops cut the work; OpenBLAS would start a pool of threads of its own beside OpenMP's.
    setenv("OPENBLAS_NUM_THREADS", "1", 0);
    // By default OpenMP's threads wait for each other in a loop of several milliseconds: on a machine that has anything else to
    // do they then take the time of the one that they wait for (measured: 10 to 25 times the processor time of a run). This is
    // about 50 microseconds, more than what lies between two loops of a pass.
    if (getenv("OMP_WAIT_POLICY") == nullptr) setenv("GOMP_SPINCOUNT", "1000", 0);
}

}  // namespace

Result<std::unique_ptr<Engine>> open_engine(const std::filesystem::path &plugin) {
    prepare_environment();
    // RTLD_LOCAL: libtorch brings an LLVM whose symbols must not meet those of the graphics driver.
    void *library = dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return Error{ErrorCode::Io, std::string("the engine cannot be loaded: ") + dlerror()};
    const auto factory = reinterpret_cast<EngineFactory>(dlsym(library, engine_factory_name));
    if (factory == nullptr)
        return Error{ErrorCode::Unsupported, plugin.string() + " is no engine of miLLM: it has no " + engine_factory_name};
    std::unique_ptr<Engine> engine(factory(engine_interface_version));
    if (engine == nullptr) {
        return Error{ErrorCode::Unsupported,
                     plugin.string() + " is of another version of miLLM: interface " +
                         std::to_string(engine_interface_version) + " is needed",
                     engine_interface_version};
    }
    return engine;
}

}  // namespace millm::engine
