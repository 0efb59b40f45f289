#pragma once

#include "core/engine/checkpoint/dtype.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace millm::engine {

// The arithmetic of bitsandbytes' formats, bit for bit, on the CPU. Each function picks AVX2 code at run time where the
// processor has it; results do not depend on that. Pure: any thread.

/// Values that no scheme can keep.
enum class QuantizeFault : std::uint8_t { None, NotFinite, BeyondHalf };

/// Widens `count` values of type F64, F32, F16 or BF16 at `from` (any alignment) to f32.
void widen(DType dtype, const std::byte *from, std::size_t count, float *to);

/// NF4 in blocks of 64: `packed` takes (count + 1) / 2 bytes, `absmax` takes ceil(count / 64) scales. A block of zeros gets
/// code 7 throughout and scale 0. NotFinite where a value is NaN or infinite.
QuantizeFault quantize_nf4(const float *values, std::size_t count, std::byte *packed, float *absmax);

/// LLM.int8: every row of `columns` values is rounded to half precision, then scaled by its largest magnitude to -127..127.
/// `scale` takes that magnitude. BeyondHalf where a value rounds to infinity in half precision.
QuantizeFault quantize_int8(const float *values, std::size_t rows, std::size_t columns, std::int8_t *codes, float *scale);

/// What a code of LLM.int8 is worth, in its row's scales: the reference's own constant for 1/127.
inline constexpr double int8_unit = 0.007874015718698502;

/// Double quantization of the block scales: scale = dynamic_map[code] * absmax[i / 256] + offset.
struct NestedScales {
    std::vector<std::uint8_t> codes;
    std::vector<float> absmax;
    float offset = 0;
};
NestedScales quantize_scales(std::span<const float> scales);
/// The same around a given offset, which is otherwise the mean.
NestedScales quantize_scales(std::span<const float> scales, float offset);

/// scale[i] = map[codes[i]] * absmax[i / block] + offset, each step rounded to f32 as the reference does.
std::vector<float> restore_scales(std::span<const std::byte> codes, std::span<const float, 256> map,
                                  std::span<const float> absmax, std::size_t block, float offset);

}  // namespace millm::engine
