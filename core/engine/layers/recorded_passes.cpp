#include "core/engine/layers/recorded_passes.h"

#include "core/engine/layers/aten.h"

#include <exception>

namespace millm::engine {

namespace {

/// A layout is worth recording when it comes so often, and so many are kept: each keeps the memory of its activations.
constexpr int often = 3;
constexpr std::size_t most_recorded = 32;

}  // namespace

RecordedPasses::Result RecordedPasses::run(const Batch &batch, std::shared_ptr<DevicePass> collected) {
    const Layout layout{batch.rows(), collected->capacity()};
    if (const auto found = recorded_.find(layout); found != recorded_.end()) {
        Recorded &recorded = *found->second;
        const at::Tensor &memory = recorded.pass->device->memory();
        if (memory.size(0) == collected->bytes()) {
            collected->upload(device_, memory);
            recorded.launches->replay();
            return recorded.result;
        }
    }
    collected->upload(device_);
    const PassContext pass = context_(batch, collected);
    Result result = work_(pass);
    if (failure_.empty() && recorded_.size() < most_recorded && !recorded_.contains(layout) && ++seen_[layout] >= often)
        record(layout, batch, collected);
    return result;
}

void RecordedPasses::record(const Layout &layout, const Batch &batch, const std::shared_ptr<DevicePass> &uploaded) {
    const DeviceRuntime &runtime = *device_runtime(device_);
    auto recorded = std::make_unique<Recorded>();
    recorded->batch = batch;
    recorded->pass.emplace(context_(recorded->batch, uploaded));
    recorded->pass->recorded = true;
    try {
        // The same once more: keys and values are written over by themselves.
        recorded->launches = runtime.record(device_, [this, pass = recorded.get()] { pass->result = work_(*pass->pass); });
        recorded_.emplace(layout, std::move(recorded));
    } catch (const std::exception &error) {
        failure_ = error.what();
        failure_ = failure_.substr(0, failure_.find('\n'));
    }
}

}  // namespace millm::engine
