// The device's kernels, their own sources, compiled for the host.
#include "tests/core/engine/runtime/host_kernels.h"

#define MILLM_CUDA_ON_HOST
#include "core/engine/kernels/cuda/kernels.cu"

namespace millm::engine::cuda::test {

std::uint64_t launches() {
    return host::launches;
}

void run_on_host(unsigned blocks, unsigned threads, std::size_t shared, void (*kernel)()) {
    host::run({blocks, 1, 1}, threads, shared, kernel);
}

void meet_block() {
    __syncthreads();
}

unsigned own_thread() {
    return threadIdx.x;
}

}  // namespace millm::engine::cuda::test
