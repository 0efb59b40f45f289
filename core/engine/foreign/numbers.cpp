#include "core/engine/foreign/numbers.h"

#include "core/engine/quantization/half.h"
#include "core/engine/quantization/kernels.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

namespace millm::engine {
namespace {

using Table = std::array<float, 256>;

constexpr float power_of_two(int exponent) {
    float value = 1;
    for (; exponent > 0; --exponent) value *= 2;
    for (; exponent < 0; ++exponent) value /= 2;
    return value;
}

/// Sign, exponent and `fraction` bits; of E4M3 all ones is no number, and nothing is infinite.
constexpr Table float8(int fraction, int bias) {
    Table table{};
    const int steps = 1 << fraction;
    for (int code = 0; code < 128; ++code) {
        const int exponent = code >> fraction, rest = code & (steps - 1);
        float value = exponent == 0 ? power_of_two(1 - bias - fraction) * static_cast<float>(rest)
                                    : power_of_two(exponent - bias - fraction) * static_cast<float>(steps + rest);
        if (fraction == 3 && code == 127) value = std::numeric_limits<float>::quiet_NaN();
        if (fraction == 2 && exponent == 31)
            value = rest == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
        table[static_cast<std::size_t>(code)] = value;
        table[static_cast<std::size_t>(code + 128)] = -value;
    }
    return table;
}

constexpr Table e4m3 = float8(3, 7), e5m2 = float8(2, 15);
constexpr std::array<float, 16> e2m1{0, 0.5F, 1, 1.5F, 2, 3, 4, 6, -0.0F, -0.5F, -1, -1.5F, -2, -3, -4, -6};

/// 2^(code - 127); all ones is no number.
float power(std::byte code) {
    const auto exponent = std::to_integer<std::uint32_t>(code);
    if (exponent == 255) return std::numeric_limits<float>::quiet_NaN();
    return exponent == 0 ? 0x1p-127F : std::bit_cast<float>(exponent << 23);
}

}  // namespace

void numbers_of(DType dtype, std::span<const std::byte> from, float *to) {
    const auto by = [&](const Table &table) {
        for (std::size_t i = 0; i < from.size(); ++i) to[i] = table[std::to_integer<std::size_t>(from[i])];
    };
    switch (dtype) {
        case DType::F8_E4M3:
            return by(e4m3);
        case DType::F8_E5M2:
            return by(e5m2);
        case DType::F8_E8M0:
        case DType::U8:
            for (std::size_t i = 0; i < from.size(); ++i) to[i] = power(from[i]);
            return;
        case DType::I8:
            for (std::size_t i = 0; i < from.size(); ++i) to[i] = static_cast<float>(static_cast<std::int8_t>(from[i]));
            return;
        default:
            widen(dtype, from.data(), from.size() / size_of(dtype), to);
    }
}

void fp4_numbers(std::span<const std::byte> from, float *to) {
    for (const std::byte pair : from) {
        *to++ = e2m1[std::to_integer<std::size_t>(pair & std::byte{15})];
        *to++ = e2m1[std::to_integer<std::size_t>(pair >> 4)];
    }
}

bool narrow(DType dtype, const float *from, std::size_t count, std::byte *to) {
    bool finite = true;
    for (std::size_t i = 0; i < count; ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(from[i]);
        const bool half = dtype == DType::F16;
        const auto value =
            half ? half_from_float(from[i]) : static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
        // NaN's bits may have carried over into a number's.
        finite =
            finite && (bits & 0x7f800000) != 0x7f800000 && (half ? (value & 0x7c00) != 0x7c00 : (value & 0x7f80) != 0x7f80);
        std::memcpy(to + i * sizeof(value), &value, sizeof(value));
    }
    return finite;
}

}  // namespace millm::engine
