#include "core/system/gpu_reader.h"

#include <array>

#include <dlfcn.h>

namespace millm {

namespace {

// NVML's own types and values, as its stable C interface has them.
using Device = struct nvmlDevice_st *;
struct Utilisation {
    unsigned gpu, memory;
};
struct DeviceMemory {
    unsigned long long total, free, used;
};
constexpr int success = 0, temperatureOfGpu = 0;

}  // namespace

struct GpuReader::Library {
    void *handle = nullptr;
    bool ready = false;
    int (*initialise)() = nullptr;
    int (*shutdown)() = nullptr;
    int (*count)(unsigned *) = nullptr;
    int (*byIndex)(unsigned, Device *) = nullptr;
    int (*name)(Device, char *, unsigned) = nullptr;
    int (*memory)(Device, DeviceMemory *) = nullptr;
    int (*utilisation)(Device, Utilisation *) = nullptr;
    int (*temperature)(Device, int, unsigned *) = nullptr;

    template <class F>
    bool find(F &function, const char *symbol) {
        function = reinterpret_cast<F>(dlsym(handle, symbol));
        return function != nullptr;
    }
};

GpuReader::GpuReader() : m_library(std::make_unique<Library>()) {
    auto &nvml = *m_library;
    nvml.handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!nvml.handle) return;
    const bool complete =
        nvml.find(nvml.initialise, "nvmlInit_v2") && nvml.find(nvml.shutdown, "nvmlShutdown") &&
        nvml.find(nvml.count, "nvmlDeviceGetCount_v2") && nvml.find(nvml.byIndex, "nvmlDeviceGetHandleByIndex_v2") &&
        nvml.find(nvml.name, "nvmlDeviceGetName") && nvml.find(nvml.memory, "nvmlDeviceGetMemoryInfo") &&
        nvml.find(nvml.utilisation, "nvmlDeviceGetUtilizationRates") && nvml.find(nvml.temperature, "nvmlDeviceGetTemperature");
    nvml.ready = complete && nvml.initialise() == success;
}

GpuReader::~GpuReader() {
    if (m_library->ready) m_library->shutdown();
    if (m_library->handle) dlclose(m_library->handle);
}

QList<GpuSample> GpuReader::read() const {
    const auto &nvml = *m_library;
    QList<GpuSample> samples;
    unsigned count = 0;
    if (!nvml.ready || nvml.count(&count) != success) return samples;
    for (unsigned index = 0; index < count; ++index) {
        Device device = nullptr;
        if (nvml.byIndex(index, &device) != success) continue;
        GpuSample sample;
        sample.index = int(index);
        std::array<char, 128> name{};
        if (nvml.name(device, name.data(), name.size()) == success) sample.name = QString::fromUtf8(name.data());
        if (DeviceMemory memory{}; nvml.memory(device, &memory) == success) {
            sample.memoryUsed = qint64(memory.used);
            sample.memoryTotal = qint64(memory.total);
        }
        if (Utilisation use{}; nvml.utilisation(device, &use) == success) sample.utilisation = use.gpu;
        if (unsigned degrees = 0; nvml.temperature(device, temperatureOfGpu, &degrees) == success)
            sample.temperature = int(degrees);
        samples << sample;
    }
    return samples;
}

}  // namespace millm
