#include "core/engine/kernels/cpu/packing.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace millm::engine::cpu {

namespace {

/// Four values of 4 bytes.
using Words = std::uint32_t __attribute__((vector_size(16)));
constexpr std::int64_t lanes = 4, word = sizeof(std::uint32_t), words_bytes = sizeof(Words);

Words load_words(const std::uint8_t *p) {
    Words words;
    std::memcpy(&words, p, sizeof words);
    return words;
}

/// Of the rows of the next tile, where this one's lie at p: the processor does not see that sixteen rows are read side by side.
void ask_for_next(const void *p, std::int64_t row_bytes) {
    __builtin_prefetch(static_cast<const char *>(p) + packed_rows * row_bytes);
}

/// Writes four rows' words column by column: to[column * stride] and the three behind it are the column's.
void store_turned(const Words (&rows)[lanes], std::uint8_t *to, std::int64_t stride) {
    const Words low = __builtin_shufflevector(rows[0], rows[1], 0, 4, 1, 5),
                high = __builtin_shufflevector(rows[0], rows[1], 2, 6, 3, 7);
    const Words low2 = __builtin_shufflevector(rows[2], rows[3], 0, 4, 1, 5),
                high2 = __builtin_shufflevector(rows[2], rows[3], 2, 6, 3, 7);
    const Words columns[] = {__builtin_shufflevector(low, low2, 0, 1, 4, 5), __builtin_shufflevector(low, low2, 2, 3, 6, 7),
                             __builtin_shufflevector(high, high2, 0, 1, 4, 5),
                             __builtin_shufflevector(high, high2, 2, 3, 6, 7)};
    for (std::int64_t i = 0; i < lanes; ++i) std::memcpy(to + i * stride, &columns[i], sizeof columns[i]);
}

/// Eight nibbles a word, the first of two in the high one, as four bytes: the first four values in the low nibbles.
Words low_nibbles_first(Words words) {
    const Words first = (words >> 4) & 0x0F0F0F0FU, second = words & 0x0F0F0F0FU;
    const Words odd = first | (first >> 12), even = second | (second >> 12);
    return (odd & 0xFFU) | ((even & 0xFFU) << 8) | ((odd & 0xFF00U) << 8) | ((even & 0xFF00U) << 16);
}

}  // namespace

void pack_halves(const void *values, std::int64_t in, std::int64_t first, std::int64_t last, std::uint16_t *tiles) {
    constexpr std::int64_t column = packed_rows * word;  // bytes of a word of all rows
    const std::int64_t row_bytes = in * static_cast<std::int64_t>(sizeof *tiles);
    const auto *from = static_cast<const std::uint8_t *>(values);
    auto *to = reinterpret_cast<std::uint8_t *>(tiles) + first * packed_rows * row_bytes;
    for (std::int64_t tile = first; tile < last; ++tile) {
        for (std::int64_t k = 0; k < row_bytes; k += words_bytes, to += lanes * column) {
            for (std::int64_t group = 0; group < packed_rows; group += lanes) {
                Words rows[lanes];
                for (std::int64_t i = 0; i < lanes; ++i) {
                    const std::uint8_t *row = from + (tile * packed_rows + group + i) * row_bytes + k;
                    ask_for_next(row, row_bytes);
                    rows[i] = load_words(row);
                }
                store_turned(rows, to + group * word, column);
            }
        }
    }
}

void pack_int8(const std::int8_t *codes, std::int64_t out, std::int64_t in, std::int64_t first, std::int64_t last,
               std::uint8_t *tiles) {
    constexpr std::uint32_t middle = 0x80808080U;
    constexpr std::int64_t column = packed_rows * word;  // bytes of a word of all rows
    std::uint8_t *to = tiles + first * packed_tile_bytes(Packed::Bytes, in);
    for (std::int64_t tile = first; tile < last; ++tile) {
        for (std::int64_t k = 0; k < in; k += words_bytes, to += lanes * column) {
            for (std::int64_t group = 0; group < packed_rows; group += lanes) {
                Words rows[lanes];
                for (std::int64_t i = 0; i < lanes; ++i) {
                    const std::int64_t row = tile * packed_rows + group + i;
                    const auto *from = reinterpret_cast<const std::uint8_t *>(codes + row * in + k);
                    ask_for_next(from, in);
                    rows[i] = (row < out ? load_words(from) : Words{}) ^ middle;
                }
                store_turned(rows, to + group * word, column);
            }
        }
    }
}

bool pack_rounded(const float *values, std::int64_t rows, std::int64_t in, std::uint8_t *tile) {
    constexpr std::int64_t column = packed_rows * word;
    constexpr std::uint32_t endless = 0x7F800000U;
    for (std::int64_t block = 0; block < in; block += packed_block) {
        alignas(16) std::uint8_t bytes[packed_rows][packed_block];
        if (rows < packed_rows) std::memset(bytes, 128, sizeof bytes);
        for (std::int64_t row = 0; row < packed_rows; ++row, tile += sizeof(float)) {
            if (row >= rows) {
                std::memset(tile, 0, sizeof(float));
                continue;
            }
            std::uint32_t bits[packed_block], largest = 0;
            const float *from = values + row * in + block;
            std::memcpy(bits, from, sizeof bits);
            // As integers, sizes have the order of floats, and what is no number is larger than all that are.
            for (const std::uint32_t value : bits) largest = std::max(largest, value & 0x7FFFFFFFU);
            if (largest >= endless) return false;
            float most = 0;
            std::memcpy(&most, &largest, sizeof most);
            // So small that the inverse would be beyond floats, there is nothing to tell from zero.
            const bool tells = most > 1e-30F;
            const float scale = tells ? most / 127 : 0.0F, inverse = tells ? 127 / most : 0.0F;
            std::memcpy(tile, &scale, sizeof scale);
            // Adding 1.5 * 2^23 leaves whole numbers only.
            for (std::int64_t i = 0; i < packed_block; ++i) {
                const float whole = from[i] * inverse + 12582912.0F;
                std::uint32_t number = 0;
                std::memcpy(&number, &whole, sizeof number);
                bytes[row][i] = static_cast<std::uint8_t>(number + 128);
            }
        }
        for (std::int64_t k = 0; k < packed_block; k += words_bytes, tile += lanes * column) {
            for (std::int64_t group = 0; group < packed_rows; group += lanes) {
                Words turned[lanes];
                for (std::int64_t i = 0; i < lanes; ++i) turned[i] = load_words(bytes[group + i] + k);
                store_turned(turned, tile + group * word, column);
            }
        }
    }
    return true;
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
    constexpr std::int64_t column = packed_rows * word;       // bytes of a word of all rows
    const std::int64_t shared = source.block / packed_block;  // blocks with one absmax
    std::uint8_t *to = tiles + first * packed_tile_bytes(Packed::Nibbles, in);
    for (std::int64_t tile = first; tile < last; ++tile) {
        const std::int64_t rows = tile * packed_rows, end = rows + packed_rows;
        for (std::int64_t block = 0; block < in; block += packed_block) {
            for (std::int64_t row = rows; row < end; ++row, to += sizeof(float)) {
                const std::int64_t at = (row * in + block) / packed_block;
                const float scale = row < out ? source.absmax[shared == 1 ? at : at / shared] * unit : 0.0F;
                std::memcpy(to, &scale, sizeof scale);
            }
            for (std::int64_t half = 0; half < 2; ++half, to += lanes * column) {
                for (std::int64_t group = 0; group < packed_rows; group += lanes) {
                    Words turned[lanes];
                    for (std::int64_t i = 0; i < lanes; ++i) {
                        const std::int64_t row = rows + group + i;
                        const std::uint8_t *from = source.nibbles + (row * in + block) / 2 + half * words_bytes;
                        ask_for_next(from, in / 2);
                        turned[i] = row < out ? low_nibbles_first(load_words(from)) : Words{};
                    }
                    store_turned(turned, to + group * word, column);
                }
            }
        }
    }
}

}  // namespace millm::engine::cpu
