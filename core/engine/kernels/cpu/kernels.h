#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/architectures/state_shape.h"
#include "core/engine/kernels/cpu/packed.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace millm::engine::cpu {

/// How a matrix's values lie in memory.
enum class Format : std::uint8_t { F32, BF16, F16, Int8, FourBit };

/// A weight [out, in], row-major. Points into memory of its owner.
struct WeightMatrix {
    Format format = Format::F32;
    std::int64_t out = 0, in = 0;
    const void *values = nullptr;  ///< FourBit: nibbles of the flattened matrix, the first of two in the high one
    const float *scale = nullptr;  ///< Int8: [out], already divided by 127; FourBit: one a block of the flattened matrix
    const float *code = nullptr;   ///< FourBit: [16]
    int block_shift = 6;           ///< FourBit: log2 of the block
    /// BF16 only, at levels with bf16 products: inputs are rounded to bf16 as well.
    bool bf16_inputs = false;
    /// BF16 and F16: values lie as pack_halves() leaves them. multiply() takes rows from a multiple of packed_rows to another
    /// then.
    bool tiled = false;
};

/// Queries over the keys and values of one key-value head, which lie in pages. Query i is head i % group of row i / group, and
/// sees its own position, what is before it, and `ahead` tokens behind it.
struct Attention {
    Format format = Format::F32;          ///< of keys and values: F32, BF16 or F16
    const void *const *keys = nullptr;    ///< a pointer a page: [page_tokens, dims]
    const void *const *values = nullptr;  ///< [page_tokens, value_stride], of which value_dims are read
    std::int64_t first_token = 0;         ///< position of the first page's first token: a multiple of page_tokens
    std::int64_t dims = 0, value_dims = 0, value_stride = 0;
    const float *queries = nullptr;  ///< [rows, row_stride], of row 0: [group, dims], not scaled
    float *out = nullptr;            ///< [rows, out_row_stride], of row 0: [group, value_dims]
    std::int64_t row_stride = 0, out_row_stride = 0;
    std::int64_t group = 1;
    std::int64_t first = 0, last = 0;  ///< the queries that are answered
    std::int64_t position = 0;         ///< of row 0
    std::int64_t window = 0;           ///< tokens that a query sees, itself included; 0: all
    std::int64_t chunk = 0;            ///< it sees tokens of its own chunk only; 0: there are none
    std::int64_t ahead = 0;            ///< tokens that follow a query's own and that it sees, as far as there are so many
    std::int64_t length = 0;           ///< tokens that there are; read where `ahead` is not 0
    float scale = 1;
    float cap = 0;                  ///< cap * tanh(score / cap); 0: none
    const float *slopes = nullptr;  ///< [group], times (key's position - query's), or null
    const float *sinks = nullptr;   ///< [group], a logit that joins each softmax and has no value, or null
};

/// What a recurrent matrix is multiplied by before a token is written.
enum class Decay : std::uint8_t {
    Head,     ///< one factor
    Key,      ///< one a key: a row of the matrix
    Element,  ///< exp(decay[column] * rates[key][column])
};

/// A matrix [keys, columns] that each token decays, writes key x value into, and reads with its query. Where there is a
/// strength, what is written is the value less what the decayed matrix recalls for the key, times the strength: the delta rule.
struct Recurrence {
    std::int64_t tokens = 0, keys = 0, columns = 0;
    std::int64_t first = 0, last = 0;              ///< the columns that are computed
    float *state = nullptr;                        ///< [keys, columns], of before the tokens, then of behind them
    const float *key = nullptr, *query = nullptr;  ///< [keys] a token
    const float *value = nullptr;                  ///< [columns] a token
    const float *decay = nullptr;                  ///< a token: [1], [keys] or [columns], as `form` says
    const float *rates = nullptr;                  ///< Decay::Element: [keys, columns]
    const float *strength = nullptr;               ///< [1] a token, or null
    float *out = nullptr;                          ///< [columns] a token
    std::int64_t key_stride = 0, query_stride = 0, value_stride = 0, decay_stride = 0, strength_stride = 0, out_stride = 0;
    Decay form = Decay::Head;
};

/// The kernels of one instruction set. All take plain pointers, run on the calling thread and work on the rows they are
/// told, so that the caller cuts the work into threads. Sums are in f32, and a row's result has the same bits whatever
/// other rows or inputs it is computed beside (docs/numerics.md).
struct Kernels {
    const char *name;    ///< "AVX-512", as descriptions show it
    bool bf16_products;  ///< whether WeightMatrix::bf16_inputs may be set
    bool rounds_inputs;  ///< and whether that is faster than exact products of tiled weights
    bool tiles;          ///< whether weights of 16 bits are best tiled; those that meet rounded inputs:
    bool tiles_rounded;
    /// Bytes of `vectors` inputs as multiply() reads them; 0 where it reads them as they are.
    std::int64_t (*input_bytes)(const WeightMatrix &w, std::int64_t vectors);
    /// Brings inputs [first, last) of x [vectors, in] into that form. `first` is a multiple of input_unit; so is `last`, or
    /// it is the end.
    void (*arrange)(const WeightMatrix &w, const float *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                    void *to);
    /// y[v * y_stride + r] = x[v] . w[r] for rows r in [first, last) and all inputs, arranged where input_bytes() says so.
    void (*multiply)(const WeightMatrix &w, const void *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                     float *y, std::int64_t y_stride);
    /// Rows [first, last) as f32 into out [last - first, in]: in the order of arranged inputs, 8-bit ones without the scale.
    void (*widen)(const WeightMatrix &w, std::int64_t first, std::int64_t last, float *out);
    /// Rounds inputs [first, last) of x [vectors, in] to integers, as PackedInputs lays them out; cut as for arrange().
    void (*arrange_packed)(bool narrow, const float *x, std::int64_t vectors, std::int64_t in, std::int64_t first,
                           std::int64_t last, void *to);
    /// multiply() with them, for rows from a multiple of packed_rows to another, or to the end. Has the same bits at every
    /// level.
    void (*multiply_packed)(const PackedMatrix &w, const void *x, std::int64_t vectors, std::int64_t first, std::int64_t last,
                            float *y, std::int64_t y_stride);
    void (*attend)(const Attention &attention);
    void (*recur)(const Recurrence &recurrence);
    /// out = x / rms(x) * weight over one row.
    void (*rms_norm)(const float *x, const float *weight, float eps, std::int64_t size, float *out);
    /// Rotates the first 2 * half values of a head in place: pairs (i, i + half), or (2i, 2i + 1).
    void (*rotate)(float *x, const float *cos, const float *sin, std::int64_t half, bool interleaved);
    /// x = activation(x), times `up` where that is not null.
    void (*activate)(Activation activation, float *x, const float *up, std::int64_t size);
};

/// Inputs are arranged in groups of so many, and rows are best cut at multiples of it.
inline constexpr std::int64_t input_unit = 16;
static_assert(input_unit == packed_rows);

/// Memory of the calling thread, good until its next call. Not in the levels' files, which must not instantiate templates.
float *scratch(std::int64_t floats);

/// An instruction set that kernels are written for.
struct Level {
    const char *id;      ///< "avx512", the value of MILLM_CPU_LEVEL
    const char *aten;    ///< libtorch's own kernels of the same kind: ATEN_CPU_CAPABILITY
    const char *onednn;  ///< and oneDNN's: ONEDNN_MAX_CPU_ISA
    bool (*usable)();    ///< on this machine, under this system
    const Kernels &(*kernels)();
};

/// All of them, from the plainest to the best.
std::span<const Level> levels();
/// Those that this machine runs, in the same order.
std::span<const Level *const> usable_levels();
/// The one in use: the best, unless choose_level() said otherwise.
const Level &level();
const Kernels &kernels();
/// Uses the level of that id; false, and nothing changes, where there is none or this machine lacks it.
bool choose_level(std::string_view id);
/// "portable, avx2": ids for messages.
std::string usable_level_names();

}  // namespace millm::engine::cpu
