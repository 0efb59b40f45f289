// An engine whose CPU is computed on as a CUDA device is: by the device's kernels, which run on the host.
#include "core/engine/plugin/torch_engine.h"
#include "tests/core/engine/runtime/host_runtime.h"

extern "C" __attribute__((visibility("default"))) millm::engine::Engine *millm_create_engine(std::uint32_t interface_version) {
    using namespace millm::engine;
    if (interface_version != engine_interface_version) return nullptr;
    set_device_runtime(at::kCPU, test::host_runtime());
    return new TorchEngine();
}
