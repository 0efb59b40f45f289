#pragma once

#include "core/engine/layers/device_runtime.h"

#include <cstring>
#include <functional>
#include <memory>
#include <utility>

namespace millm::engine::test {

/// On the host, launches are made again by whoever makes them: by what their memory holds then, if nothing else is looked at.
class HostLaunches : public RecordedLaunches {
public:
    explicit HostLaunches(std::function<void()> work) : work_(std::move(work)) {}
    void replay() override { work_(); }

private:
    std::function<void()> work_;
};

/// The device's kernels on the host.
inline DeviceRuntime host_runtime() {
    return {cuda::kernels(),
            [](at::Device) -> void * { return nullptr; },
            [] {},
            [](at::Device, std::span<const std::byte> from, void *to) { std::memcpy(to, from.data(), from.size()); },
            nullptr,
            [](at::Device, std::function<void()> work) -> std::unique_ptr<RecordedLaunches> {
                work();
                return std::make_unique<HostLaunches>(std::move(work));
            }};
}

}  // namespace millm::engine::test
