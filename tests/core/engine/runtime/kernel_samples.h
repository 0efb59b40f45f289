#pragma once

// What tests of the CPU's kernels compute with.
#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/kernels/cpu/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace millm::engine::cpu::test {

/// A random matrix in a format, with the values it stands for.
struct Sample {
    std::vector<std::uint8_t> bytes;
    std::vector<float> scale, code, values;
    WeightMatrix matrix;
};

inline Sample make_sample(Format format, std::int64_t out, std::int64_t in, int block_shift, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    Sample s;
    const auto count = static_cast<std::size_t>(out * in);
    s.values.resize(count);
    const auto put = [&](std::size_t index, auto value) {
        std::memcpy(s.bytes.data() + index * sizeof value, &value, sizeof value);
    };
    switch (format) {
        case Format::F32:
            s.bytes.resize(count * 4);
            for (std::size_t i = 0; i < count; ++i) put(i, s.values[i] = uniform(random));
            break;
        case Format::BF16:
        case Format::F16:
            s.bytes.resize(count * 2);
            for (std::size_t i = 0; i < count; ++i) {
                // Any finite pattern of moderate size: exponents around one, small ones of f16 too.
                auto half = static_cast<std::uint16_t>(random() & 0xFFFFU);
                half = format == Format::BF16 ? static_cast<std::uint16_t>((half & 0x80FFU) | 0x3F00U)
                                              : static_cast<std::uint16_t>(half & 0xBFFFU);
                put(i, half);
                s.values[i] = format == Format::BF16 ? bf16_to_float(half) : f16_to_float(half);
            }
            break;
        case Format::Int8:
            s.bytes.resize(count);
            for (std::int64_t r = 0; r < out; ++r) s.scale.push_back(0.01F + std::abs(uniform(random)));
            for (std::size_t i = 0; i < count; ++i) {
                const auto value = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
                put(i, value);
                s.values[i] = static_cast<float>(value) * s.scale[i / static_cast<std::size_t>(in)];
            }
            break;
        case Format::FourBit: {
            s.bytes.resize((count + 1) / 2);
            for (auto &byte : s.bytes) byte = static_cast<std::uint8_t>(random());
            for (int i = 0; i < 16; ++i) s.code.push_back(uniform(random));
            for (std::size_t b = 0; b <= count >> block_shift; ++b) s.scale.push_back(0.01F + std::abs(uniform(random)));
            for (std::size_t i = 0; i < count; ++i) {
                const int nibble = i % 2 == 0 ? s.bytes[i / 2] >> 4 : s.bytes[i / 2] & 15;
                s.values[i] = s.code[static_cast<std::size_t>(nibble)] * s.scale[i >> block_shift];
            }
            break;
        }
    }
    s.matrix = {format,
                out,
                in,
                s.bytes.data(),
                s.scale.empty() ? nullptr : s.scale.data(),
                s.code.empty() ? nullptr : s.code.data(),
                block_shift};
    return s;
}

/// Lays values of 16 bits out in tiles, in two parts.
inline void tile(Sample &s) {
    const std::vector<std::uint8_t> rows = s.bytes;
    // Rows may begin anywhere in a file.
    std::vector<std::uint8_t> shifted(rows.size() + 1);
    std::copy(rows.begin(), rows.end(), shifted.begin() + 1);
    const std::int64_t tiles = s.matrix.out / packed_rows;
    auto *to = reinterpret_cast<std::uint16_t *>(s.bytes.data());
    pack_halves(shifted.data() + 1, s.matrix.in, tiles / 2, tiles, to);
    pack_halves(shifted.data() + 1, s.matrix.in, 0, tiles / 2, to);
    s.matrix.tiled = true;
}

/// Spread normally.
inline std::vector<float> random_vector(std::int64_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> result(static_cast<std::size_t>(size));
    for (float &x : result) x = normal(random);
    return result;
}

/// Of every instruction set that this machine has.
inline std::vector<const Kernels *> all_kernels() {
    std::vector<const Kernels *> result;
    for (const Level *level : usable_levels()) result.push_back(&level->kernels());
    return result;
}

}  // namespace millm::engine::cpu::test
