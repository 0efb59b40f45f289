#pragma once

#include <cstdint>
#include <string>

namespace millm::engine {

enum class DeviceKind : std::uint8_t { Cpu, Cuda };

struct DeviceId {
    DeviceKind kind = DeviceKind::Cpu;
    int index = 0;
    friend bool operator==(const DeviceId &, const DeviceId &) = default;
};

struct DeviceInfo {
    DeviceId id;
    std::string name;               ///< "NVIDIA H100", the CPU's model name
    std::uint64_t total_bytes = 0;  ///< of its memory
    std::uint64_t free_bytes = 0;   ///< now
};

}  // namespace millm::engine
