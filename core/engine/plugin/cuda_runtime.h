#pragma once

namespace millm::engine {

/// Gives CUDA's devices their kernels (layers/device_runtime.h). In the engine that is built with CUDA.
void use_cuda_kernels();

}  // namespace millm::engine
