#include "core/engine/plugin/cuda_runtime.h"

#include "core/engine/layers/device_runtime.h"
#include "core/engine/layers/parallel.h"

#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <memory>

namespace millm::engine {

namespace {

void *enter(at::Device device) {
    c10::cuda::set_device(device.index());
    return c10::cuda::getCurrentCUDAStream(device.index()).stream();
}

void check() {
    C10_CUDA_KERNEL_LAUNCH_CHECK();
}

/// The way of weights to a device: two page-locked buffers, of which one is filled while the other is copied.
class Uploader {
public:
    explicit Uploader(at::Device device)
        : device_(device), stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {
        for (Buffer &buffer : buffers_) C10_CUDA_CHECK(cudaHostAlloc(&buffer.memory, buffer_bytes, cudaHostAllocDefault));
    }
    ~Uploader() {
        cudaStreamSynchronize(stream_.stream());
        for (Buffer &buffer : buffers_) cudaFreeHost(buffer.memory);
    }
    Uploader(const Uploader &) = delete;
    Uploader &operator=(const Uploader &) = delete;

    at::Device device() const { return device_; }

    void copy(std::span<const std::byte> from, void *to) {
        const c10::cuda::CUDAStream current = c10::cuda::getCurrentCUDAStream(device_.index());
        // The memory may have been another tensor's, which launches of before still read.
        at::cuda::CUDAEvent before, behind;
        before.record(current);
        before.block(stream_);
        for (std::size_t first = 0; first < from.size(); first += buffer_bytes) {
            Buffer &buffer = buffers_[next_++ % buffers_.size()];
            buffer.copied.synchronize();
            const auto part = from.subspan(first, std::min(buffer_bytes, from.size() - first));
            copy_in_parallel(part, buffer.memory);
            C10_CUDA_CHECK(cudaMemcpyAsync(static_cast<std::byte *>(to) + first, buffer.memory, part.size(),
                                           cudaMemcpyHostToDevice, stream_.stream()));
            buffer.copied.record(stream_);
        }
        behind.record(stream_);
        behind.block(current);
    }

private:
    static constexpr std::size_t buffer_bytes = std::size_t{64} << 20;
    struct Buffer {
        void *memory = nullptr;
        at::cuda::CUDAEvent copied;
    };
    at::Device device_;
    c10::cuda::CUDAStream stream_;
    std::array<Buffer, 2> buffers_;
    std::size_t next_ = 0;
};

std::unique_ptr<Uploader> uploader;  ///< while a model is loaded; the engine does one thing at a time

void upload(at::Device device, std::span<const std::byte> from, void *to) {
    const c10::cuda::CUDAGuard guard(device);
    if (!uploader || uploader->device() != device) uploader = std::make_unique<Uploader>(device);
    uploader->copy(from, to);
}

void end_uploads() {
    uploader.reset();
}

class CudaGraph : public RecordedLaunches {
public:
    CudaGraph(at::Device device, const std::function<void()> &work) : device_(device) {
        const c10::cuda::CUDAGuard guard(device);
        // A stream of its own: the default one cannot be captured.
        const c10::cuda::CUDAStream side = c10::cuda::getStreamFromPool(false, device.index()),
                                    current = c10::cuda::getCurrentCUDAStream(device.index());
        at::cuda::CUDAEvent before, behind;
        before.record(current);
        before.block(side);
        {
            const c10::cuda::CUDAStreamGuard on_side(side);
            // Once as it is: libraries take memory at their first call in a stream, which a capture does not allow.
            work();
            side.synchronize();
            // All take their memory from one pool: what one gives is read before another runs.
            static const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
            graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
            try {
                work();
            } catch (...) {
                abandon();
                throw;
            }
            graph_.capture_end();
        }
        behind.record(side);
        behind.block(current);
    }
    void replay() override {
        const c10::cuda::CUDAGuard guard(device_);
        graph_.replay();
    }

private:
    void abandon() {
        try {
            graph_.capture_end();
        } catch (const std::exception &) {
            // What ended it is told instead.
        }
    }

    at::Device device_;
    at::cuda::CUDAGraph graph_;
};

std::unique_ptr<RecordedLaunches> record(at::Device device, std::function<void()> work) {
    return std::make_unique<CudaGraph>(device, work);
}

}  // namespace

void use_cuda_kernels() {
    set_device_runtime(at::kCUDA, DeviceRuntime{cuda::kernels(), enter, check, upload, end_uploads, record});
}

}  // namespace millm::engine
