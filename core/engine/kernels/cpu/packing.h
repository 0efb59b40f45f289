#pragma once

#include <cstdint>
#include <span>

namespace millm::engine::cpu {

// Packed weights lie in tiles of 16 rows, in the order in which products read them. A tile is a sequence of blocks of 64 values
// a row. A block of bytes is 16 vectors of 64 bytes: lane r of vector j has values 4j to 4j + 3 of row r, plus 128. A block of
// nibbles is 8 vectors: the low nibbles of vector j are the values 8j to 8j + 3 of each row, the high ones 8j + 4 to 8j + 7.
// Where blocks have scales, those of the 16 rows stand before it as f32. Rows that fill up the last tile are zeros.

/// What a tile is made of.
enum class Packed : std::uint8_t {
    Bytes,        ///< 8 bits a value, a scale a row, which lies elsewhere
    ScaledBytes,  ///< 8 bits, a scale a block
    Nibbles,      ///< 4 bits, a scale a block
};

/// Rows of a tile, and values of a row that share a scale of the inputs.
inline constexpr std::int64_t packed_rows = 16, packed_block = 64;

/// Rows that tiles hold.
constexpr std::int64_t packed_out(std::int64_t out) {
    return (out + packed_rows - 1) / packed_rows * packed_rows;
}

/// Whether a plain matrix of 16 bits a value can lie in tiles: a tile is a sequence of vectors of 64 bytes then, whose lane r
/// has values 2j and 2j + 1 of row r.
constexpr bool can_tile(std::int64_t out, std::int64_t in) {
    return in > 0 && out % packed_rows == 0 && in % 8 == 0;
}

/// Tiles [first, last) of values [out, in], any alignment, into `tiles`.
void pack_halves(const void *values, std::int64_t in, std::int64_t first, std::int64_t last, std::uint16_t *tiles);

/// Whether rows of `in` values, in blocks of `block` with a scale each where they have 4 bits, can be packed.
constexpr bool can_pack(std::int64_t in, std::int64_t block = packed_block) {
    return in > 0 && in % packed_block == 0 && block % packed_block == 0;
}

/// Bytes of a tile of rows of `in` values.
constexpr std::int64_t packed_tile_bytes(Packed form, std::int64_t in) {
    const std::int64_t scales = form == Packed::Bytes ? 0 : in / packed_block * static_cast<std::int64_t>(sizeof(float));
    return packed_rows * (scales + (form == Packed::Nibbles ? in / 2 : in));
}

/// Bytes of all tiles.
constexpr std::int64_t packed_bytes(Packed form, std::int64_t out, std::int64_t in) {
    return packed_out(out) / packed_rows * packed_tile_bytes(form, in);
}

/// Tiles [first, last) of codes [out, in] into `tiles`.
void pack_int8(const std::int8_t *codes, std::int64_t out, std::int64_t in, std::int64_t first, std::int64_t last,
               std::uint8_t *tiles);

/// The tile of up to 16 rows of values [rows, in], each block rounded to bytes in units of a 127th of its largest magnitude.
/// False where one is no finite number: then the tile is of no use.
bool pack_rounded(const float *values, std::int64_t rows, std::int64_t in, std::uint8_t *tile);

/// A table of 16 code values as integers of 8 bits.
struct IntegerCode {
    std::uint8_t values[16] = {};  ///< plus 128
    float unit = 0;                ///< what one of them is worth: code is nearly (values - 128) * unit
};

/// The integers nearest to the code values, for the unit among those up to a 127th of the largest that fits best.
IntegerCode integer_code(std::span<const float, 16> code);

/// 4-bit weights as bitsandbytes stores them, a scale for each `block` values of the flattened matrix.
struct FourBitSource {
    const std::uint8_t *nibbles = nullptr;  ///< the first of two in the high one
    const float *absmax = nullptr;
    std::int64_t block = packed_block;
};

/// Tiles [first, last) of them into `tiles`; scales are absmax times `unit`.
void pack_four_bit(const FourBitSource &source, std::int64_t out, std::int64_t in, float unit, std::int64_t first,
                   std::int64_t last, std::uint8_t *tiles);

}  // namespace millm::engine::cpu
