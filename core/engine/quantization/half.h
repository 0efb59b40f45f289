#pragma once

#include <bit>
#include <cstdint>

namespace millm::engine {

// Free of branches, so that compilers turn loops over them into vector code; exact for every input.

/// The float32 of a half precision value's bits.
inline float float_from_half(std::uint16_t half) {
    const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7fff) << 13;
    // Moves the exponent from bias 15 to 127 by a multiplication, which also makes subnormals right.
    const std::uint32_t scaled = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f);
    const std::uint32_t special = magnitude >= 0x0f800000u ? magnitude | 0x7f800000u : scaled;
    return std::bit_cast<float>(special | static_cast<std::uint32_t>(half & 0x8000) << 16);
}

/// The bits of the half precision value nearest to `value`, ties to even; infinity from 65520 on.
inline std::uint16_t half_from_float(float value) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value), magnitude = bits & 0x7fffffffu;
    // Adding 0.5 puts a subnormal's 10 bits at the end of the mantissa, rounded by the addition.
    const std::uint32_t subnormal = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000u;
    const std::uint32_t normal = (magnitude + 0xc8000fffu + ((magnitude >> 13) & 1)) >> 13;
    std::uint32_t half = magnitude < 0x38800000u ? subnormal : normal;
    half = magnitude >= 0x477ff000u ? 0x7c00u : half;
    half = magnitude > 0x7f800000u ? 0x7e00u : half;
    return static_cast<std::uint16_t>(half | (bits >> 16 & 0x8000u));
}

inline float float_from_bfloat16(std::uint16_t bits) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

}  // namespace millm::engine
