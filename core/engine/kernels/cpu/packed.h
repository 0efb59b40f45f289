#pragma once

#include "core/engine/kernels/cpu/packing.h"

#include <cstdint>

namespace millm::engine::cpu {

/// Bytes ahead of those that are multiplied which are asked for: the processor by itself does not look past a page.
inline constexpr std::int64_t packed_ahead = 8192;

/// Quantized weights [out, in] as pack_int8() or pack_four_bit() laid them out. Points into memory of its owner.
struct PackedMatrix {
    Packed form = Packed::Bytes;
    std::int64_t out = 0, in = 0;
    const std::uint8_t *tiles = nullptr;
    const float *scale = nullptr;        ///< Bytes: [packed_out(out)]; others lie among the weights
    const std::uint8_t *code = nullptr;  ///< Nibbles: [16], the integers that they stand for, plus 128
    bool narrow = false;                 ///< not ScaledBytes: inputs are arranged as narrow ones
};

/// Where inputs [vectors, in] that are rounded to integers of 16 bits lie: in groups of `lanes`, which are read together,
/// [groups][blocks][lanes] times 64 high parts and 64 low parts: value = 255 high + low. Behind them as many factors, behind
/// those as many offsets: -128 times the sum of a block's values. Narrow ones are rounded to a byte: all high parts are zero.
/// Levels that have no products of bytes keep 64 whole numbers of 16 bits in a block's place.
struct PackedInputs {
    static constexpr std::int64_t base = 255;  ///< so that neither part is -128, which no byte has the negative of
    static constexpr std::int64_t place_bytes = 2 * packed_block;
    /// Up to so many inputs there is one group of them; more make groups of input_unit, the last one filled up with zeros.
    static constexpr std::int64_t few = 4;

    std::int64_t lanes, groups, blocks;

    PackedInputs(std::int64_t vectors, std::int64_t in)
        : lanes(vectors <= few ? vectors : packed_rows), groups((vectors + lanes - 1) / lanes), blocks(in / packed_block) {}

    std::int64_t places() const { return groups * blocks * lanes; }
    std::int64_t bytes() const {
        return places() * (place_bytes + static_cast<std::int64_t>(sizeof(float) + sizeof(std::int32_t)));
    }
    /// Of an input's block, among the values (times place_bytes), factors and offsets.
    std::int64_t place(std::int64_t vector, std::int64_t block) const {
        return (vector / lanes * blocks + block) * lanes + vector % lanes;
    }
    std::int64_t factors_at() const { return places() * place_bytes; }
    std::int64_t offsets_at() const { return factors_at() + places() * static_cast<std::int64_t>(sizeof(float)); }
};

/// The same as memory to read.
struct PackedInputView {
    PackedInputs layout;
    const std::int8_t *values;
    const float *factors;
    const std::int32_t *offsets;

    PackedInputView(std::int64_t vectors, std::int64_t in, const void *memory)
        : layout(vectors, in),
          values(static_cast<const std::int8_t *>(memory)),
          factors(reinterpret_cast<const float *>(values + layout.factors_at())),
          offsets(reinterpret_cast<const std::int32_t *>(values + layout.offsets_at())) {}
};

}  // namespace millm::engine::cpu
