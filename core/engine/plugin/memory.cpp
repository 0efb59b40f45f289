#include "core/engine/plugin/memory.h"

#include <cstdint>
#include <fstream>
#include <string>

#include <unistd.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif
#if defined(MILLM_CUDA)
#include "core/engine/plugin/cuda_memory.h"
#endif

namespace millm::engine {

namespace {

/// "MemAvailable:  1234 kB" and the like; 0 where there is no such line.
std::uint64_t memory_line(const std::string &key) {
    std::ifstream file("/proc/meminfo");
    std::string name;
    std::uint64_t kilobytes = 0;
    std::string line;
    while (file >> name >> kilobytes) {
        if (name == key + ":") return kilobytes * 1024;
        std::getline(file, line);
    }
    return 0;
}

std::string cpu_name() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.compare(0, 10, "model name") == 0 && colon != std::string::npos) return line.substr(colon + 2);
    }
    return "CPU";
}

}  // namespace

void release_free_memory() {
#if defined(MILLM_CUDA)
    release_cuda_memory();
#endif
#if defined(__GLIBC__)
    malloc_trim(0);
#endif
}

std::uint64_t allocated_bytes() {
#if defined(__GLIBC__)
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
#else
    return 0;
#endif
}

bool cuda_is_usable() {
#if defined(MILLM_CUDA)
    return cuda_device_count() > 0;
#else
    return false;
#endif
}

std::vector<DeviceInfo> list_devices() {
    DeviceInfo cpu;
    cpu.name = cpu_name();
    cpu.total_bytes = memory_line("MemTotal");
    cpu.free_bytes = memory_line("MemAvailable");
    std::vector<DeviceInfo> devices{cpu};
#if defined(MILLM_CUDA)
    for (DeviceInfo &device : cuda_devices()) devices.push_back(std::move(device));
#endif
    return devices;
}

}  // namespace millm::engine
