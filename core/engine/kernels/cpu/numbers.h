#pragma once

#include <cstdint>
#include <cstring>

namespace millm::engine::cpu {

inline float float_from_bits(std::uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

inline float bf16_to_float(std::uint16_t half) {
    return float_from_bits(static_cast<std::uint32_t>(half) << 16);
}

inline float f16_to_float(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
    const std::uint32_t exponent = (half >> 10) & 31U, fraction = half & 1023U;
    if (exponent == 31) return float_from_bits(sign | 0x7F800000U | (fraction << 13));
    if (exponent != 0) return float_from_bits(sign | ((exponent + 112) << 23) | (fraction << 13));
    const float tiny = static_cast<float>(fraction) * 5.9604644775390625e-8F;  // 2^-24
    return sign != 0 ? -tiny : tiny;
}

}  // namespace millm::engine::cpu
