// Kernels for any machine: vectors are small arrays that the compiler maps to what it has.
#include "core/engine/kernels/cpu/levels.h"
#include "core/engine/kernels/cpu/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace millm::engine::cpu {
namespace {

struct V {
    static constexpr int width = 8;
    static constexpr int rows = 2, vectors = 2;  ///< of a block of products: what SSE2's 16 registers hold
    static constexpr bool tiles = false;
    static constexpr int tile_inputs = 5, tile_count = 1;
    static constexpr bool halves_sums = false;  ///< sum() adds one lane after the other
    static constexpr int block_queries = 1, block_vectors = 1;
    float lane[width];

    static V zero() { return set(0.0F); }
    static V set(float value) {
        V v;
        for (float &x : v.lane) x = value;
        return v;
    }
    static V load(const float *p) {
        V v;
        std::memcpy(v.lane, p, sizeof v.lane);
        return v;
    }
    void store(float *p) const { std::memcpy(p, lane, sizeof lane); }
    template <class F>
    static V map(F f) {
        V v;
        for (int i = 0; i < width; ++i) v.lane[i] = f(i);
        return v;
    }
    static V add(V a, V b) {
        return map([&](int i) { return a.lane[i] + b.lane[i]; });
    }
    static V mul(V a, V b) {
        return map([&](int i) { return a.lane[i] * b.lane[i]; });
    }
    static V div(V a, V b) {
        return map([&](int i) { return a.lane[i] / b.lane[i]; });
    }
    static V max(V a, V b) {
        return map([&](int i) { return std::max(a.lane[i], b.lane[i]); });
    }
    static V fma(V a, V b, V c) {
        return map([&](int i) { return a.lane[i] * b.lane[i] + c.lane[i]; });
    }
    static V exp(V a) {
        return map([&](int i) { return std::exp(a.lane[i]); });
    }
    float sum() const {
        float total = 0;
        for (const float x : lane) total += x;
        return total;
    }
    static V sums(const V (&v)[width]) {
        return map([&](int i) { return v[i].sum(); });
    }
    float largest() const { return *std::max_element(lane, lane + width); }

    static V bf16_of_pairs(const std::uint16_t *p, int which) {
        return map([&](int i) { return bf16_to_float(p[2 * i + which]); });
    }
    static V f16_of_pairs(const std::uint16_t *p, int which) {
        return map([&](int i) { return f16_to_float(p[2 * i + which]); });
    }
    static V from_bf16(const std::uint16_t *p) {
        return map([&](int i) { return bf16_to_float(p[i]); });
    }
    static V from_f16(const std::uint16_t *p) {
        return map([&](int i) { return f16_to_float(p[i]); });
    }
    static V from_i8(const std::int8_t *p) {
        return map([&](int i) { return static_cast<float>(p[i]); });
    }

    struct Code {
        float table[16];
    };
    static Code code(const float *table) { return scaled(table, 1.0F); }
    static Code scaled(const Code &code, float scale) { return scaled(code.table, scale); }
    static Code scaled(const float *table, float scale) {
        Code code;
        for (int i = 0; i < 16; ++i) code.table[i] = table[i] * scale;
        return code;
    }
    static constexpr int parts = 2, chunk = parts * width;
    /// High nibbles first, then low ones.
    static constexpr int place(int i) { return i < width ? 2 * i : 2 * (i - width) + 1; }
    static void look_up(const Code &code, const std::uint8_t *p, V *out) {
        out[0] = map([&](int i) { return code.table[p[i] >> 4]; });
        out[1] = map([&](int i) { return code.table[p[i] & 15]; });
    }
};

/// Eight rows of 4 weights against 4 values of an input, with multiply-adds of one rounding as the other levels have them.
struct P {
    static constexpr int inputs = 1, narrow_inputs = 1;
    static constexpr bool pairs = true;
    struct Sum {
        std::int32_t lane[V::width];
    };
    struct Weight {
        std::int16_t even[2 * V::width], odd[2 * V::width];
    };
    struct Code {
        std::uint8_t table[16];
    };
    static Code code(const std::uint8_t *table) {
        Code code;
        std::memcpy(code.table, table, sizeof code.table);
        return code;
    }
    static Weight weight(const std::uint8_t *p) {
        Weight weight;
        for (int i = 0; i < 2 * V::width; ++i) {
            weight.even[i] = p[2 * i];
            weight.odd[i] = p[2 * i + 1];
        }
        return weight;
    }
    static void look_up(const Code &code, const std::uint8_t *p, Weight &low, Weight &high) {
        for (int i = 0; i < 2 * V::width; ++i) {
            low.even[i] = code.table[p[2 * i] & 15];
            low.odd[i] = code.table[p[2 * i + 1] & 15];
            high.even[i] = code.table[p[2 * i] >> 4];
            high.odd[i] = code.table[p[2 * i + 1] >> 4];
        }
    }
    static Sum start(std::int32_t offset) {
        Sum sum;
        for (std::int32_t &lane : sum.lane) lane = offset;
        return sum;
    }
    template <bool NARROW>
    static Sum add(Sum sum, const Weight &w, const std::int8_t *x) {
        std::int16_t v[4];
        std::memcpy(v, x, sizeof v);
        for (int r = 0; r < V::width; ++r)
            sum.lane[r] += w.even[2 * r] * v[0] + w.even[2 * r + 1] * v[1] + w.odd[2 * r] * v[2] + w.odd[2 * r + 1] * v[3];
        return sum;
    }
    template <bool NARROW>
    static V to_float(Sum sum) {
        return V::map([&](int i) { return static_cast<float>(sum.lane[i]); });
    }
    static V fma(V a, V b, V c) {
        return V::map([&](int i) { return __builtin_fmaf(a.lane[i], b.lane[i], c.lane[i]); });
    }
};

// In this order: each builds on the one before.
#include "core/engine/kernels/cpu/products.inl"

#include "core/engine/kernels/cpu/packed.inl"

#include "core/engine/kernels/cpu/attention.inl"

#include "core/engine/kernels/cpu/recurrence.inl"

#include "core/engine/kernels/cpu/rows.inl"

}  // namespace

const Kernels &portable_kernels() {
    static constexpr Kernels kernels = make_kernels("portable");
    return kernels;
}

}  // namespace millm::engine::cpu
