// The plugin's one exported symbol.
#include "core/engine/plugin/torch_engine.h"

#include <new>

extern "C" __attribute__((visibility("default"))) millm::engine::Engine *millm_create_engine(std::uint32_t interface_version) {
    if (interface_version != millm::engine::engine_interface_version) return nullptr;
    try {
        return new millm::engine::TorchEngine();
    } catch (...) {
        return nullptr;
    }
}
