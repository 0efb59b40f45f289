#include "core/engine/kernels/cpu/packing.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace millm::engine::cpu {

namespace {

constexpr std::int64_t word = sizeof(std::uint32_t);

std::uint32_t load_word(const void *p) {
    std::uint32_t value = 0;
    std::memcpy(&value, p, sizeof value);
    return value;
}

/// Eight nibbles, the first of two in the high one, as four bytes: the first four values in the low nibbles.
std::uint32_t low_nibbles_first(const std::uint8_t *p) {
    const std::uint32_t a = p[0], b = p[1], c = p[2], d = p[3];
    const std::uint32_t first = (a >> 4) | (c & 0xF0U), second = (a & 15U) | ((c & 15U) << 4);
    const std::uint32_t third = (b >> 4) | (d & 0xF0U), fourth = (b & 15U) | ((d & 15U) << 4);
    return first | (second << 8) | (third << 16) | (fourth << 24);
}

}  // namespace

void pack_int8(const std::int8_t *codes, std::int64_t out, std::int64_t in, std::int64_t first, std::int64_t last,
               std::uint8_t *tiles) {
    constexpr std::uint32_t middle = 0x80808080U;
    std::uint8_t *to = tiles + first * packed_tile_bytes(8, in);
    for (std::int64_t tile = first; tile < last; ++tile) {
        for (std::int64_t k = 0; k < in; k += word) {
            for (std::int64_t row = tile * packed_rows; row < (tile + 1) * packed_rows; ++row, to += word) {
                const std::uint32_t values = row < out ? load_word(codes + row * in + k) ^ middle : middle;
                std::memcpy(to, &values, sizeof values);
            }
        }
    }
}

IntegerCode integer_code(std::span<const float, 16> code) {
    float largest = 0;
    for (const float value : code) largest = std::max(largest, std::abs(value));
    IntegerCode best;
    if (!(largest > 0)) {
        std::fill(std::begin(best.values), std::end(best.values), std::uint8_t{128});
        return best;
    }
    double least = 0;
    // The largest value is `steps` units.
    for (int steps = 127; steps >= 64; --steps) {
        const double unit = static_cast<double>(largest) / steps;
        double error = 0;
        IntegerCode tried;
        tried.unit = static_cast<float>(unit);
        for (std::size_t i = 0; i < code.size(); ++i) {
            const double value = static_cast<double>(code[i]), rounded = std::nearbyint(value / unit);
            error += (rounded * unit - value) * (rounded * unit - value);
            tried.values[i] = static_cast<std::uint8_t>(static_cast<int>(rounded) + 128);
        }
        if (best.unit != 0 && error >= least) continue;
        least = error;
        best = tried;
    }
    return best;
}

void pack_four_bit(const FourBitSource &source, std::int64_t out, std::int64_t in, float unit, std::int64_t first,
                   std::int64_t last, std::uint8_t *tiles) {
    std::uint8_t *to = tiles + first * packed_tile_bytes(4, in);
    for (std::int64_t tile = first; tile < last; ++tile) {
        const std::int64_t rows = tile * packed_rows, end = rows + packed_rows;
        for (std::int64_t block = 0; block < in; block += packed_block) {
            for (std::int64_t row = rows; row < end; ++row, to += sizeof(float)) {
                const float scale = row < out ? source.absmax[(row * in + block) / source.block] * unit : 0.0F;
                std::memcpy(to, &scale, sizeof scale);
            }
            for (std::int64_t k = block; k < block + packed_block; k += 2 * word) {
                for (std::int64_t row = rows; row < end; ++row, to += word) {
                    const std::uint32_t values = row < out ? low_nibbles_first(source.nibbles + (row * in + k) / 2) : 0;
                    std::memcpy(to, &values, sizeof values);
                }
            }
        }
    }
}

}  // namespace millm::engine::cpu
