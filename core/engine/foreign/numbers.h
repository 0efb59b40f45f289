#pragma once

#include "core/engine/checkpoint/dtype.h"

#include <cstddef>
#include <span>

namespace millm::engine {

/// As f32, exactly: F32, F16, BF16, F64 and I8, F8_E4M3 and F8_E5M2, and powers of two: F8_E8M0, which U8 is taken for.
void numbers_of(DType dtype, std::span<const std::byte> from, float *to);
/// Two numbers a byte of FP4 (E2M1), the first in the low half.
void fp4_numbers(std::span<const std::byte> from, float *to);

/// The 16-bit float nearest to each, ties to even; false where one is NaN or infinite there. F16 or BF16.
bool narrow(DType dtype, const float *from, std::size_t count, std::byte *to);

}  // namespace millm::engine
