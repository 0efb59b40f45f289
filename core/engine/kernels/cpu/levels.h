#pragma once

#include "core/engine/kernels/cpu/kernels.h"

namespace millm::engine::cpu {

extern const Kernels portable_kernels;
#if defined(__x86_64__)
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
#endif

}  // namespace millm::engine::cpu
