#pragma once

#include "core/engine/layers/batch.h"
#include "core/engine/layers/device_pass.h"
#include "core/engine/layers/device_runtime.h"

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace millm::engine {

/// Passes of one row a sequence, which have few layouts: one that comes again is recorded, and from then on its launches are
/// made by one call.
class RecordedPasses {
public:
    /// What a pass gives, on the device.
    struct Result {
        at::Tensor logits;  ///< [rows, vocab], of the head's type
        at::Tensor
            likeliest;  ///< [rows] int32: places of the largest, or -1; undefined where the device does not look for them
    };
    /// Launches what a pass of that context takes.
    using Work = std::function<Result(const PassContext &pass)>;
    /// The context of a pass that was uploaded.
    using Context = std::function<PassContext(const Batch &batch, std::shared_ptr<const DevicePass> device)>;

    RecordedPasses(at::Device device, Context context, Work work)
        : device_(device), context_(std::move(context)), work_(std::move(work)) {}

    /// The pass of `batch`, which `collected` is to be uploaded for. The tensors are good until the next call.
    Result run(const Batch &batch, std::shared_ptr<DevicePass> collected);
    std::size_t count() const { return recorded_.size(); }
    /// Why nothing is recorded any more; empty where it is.
    const std::string &failure() const { return failure_; }

private:
    struct Recorded {
        Batch batch;  ///< of the pass that was recorded; what the launches read of it is on the device
        std::optional<PassContext> pass;
        Result result;
        std::unique_ptr<RecordedLaunches> launches;
    };
    /// Sequences, and pages that the tables have room for.
    using Layout = std::pair<std::int64_t, std::int64_t>;

    void record(const Layout &layout, const Batch &batch, const std::shared_ptr<DevicePass> &uploaded);

    at::Device device_;
    Context context_;
    Work work_;
    std::map<Layout, int> seen_;
    std::map<Layout, std::unique_ptr<Recorded>> recorded_;
    std::string failure_;
};

}  // namespace millm::engine
