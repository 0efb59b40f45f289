#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/architectures/state_shape.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace millm::engine::cuda {

/// Types of activations, of keys and values, and of written-out weights.
enum class Type : std::uint8_t { F32, F16, BF16 };

// All pointers are the device's, and all values lie in row-major order, rows as far apart as a stride says (in values).

/// bitsandbytes' 4-bit blocks over a flattened [out, in] matrix.
struct FourBitMatrix {
    const std::uint8_t *packed = nullptr;  ///< the first of two values in the high nibble
    const float *absmax = nullptr;         ///< one a block
    const float *code = nullptr;           ///< [16]
    std::int64_t out = 0, in = 0;
    int block_shift = 6;  ///< log2 of the block: 5 and more
};

struct Int8Matrix {
    const std::int8_t *codes = nullptr;  ///< [out, in]
    const float *scale = nullptr;        ///< [out], already divided by 127
    std::int64_t out = 0, in = 0;
};

/// Up to so many matrices of the same inputs are multiplied in one launch.
inline constexpr int most_products = 4;

/// y[i] [rows, out] = x [rows, in] W[i]^T + bias[i], all of `type`; sums are in f32.
template <class Matrix>
struct Products {
    Type type = Type::F16;
    int count = 1;
    Matrix matrices[most_products];
    const void *bias[most_products] = {};  ///< [out] of `type`, or null
    void *y[most_products] = {};
    const void *x = nullptr;  ///< rows lie side by side, aligned to 16 bytes
    std::int64_t rows = 0;
};

/// Rows that Products take at most. More are multiplied with a matrix that is written out.
inline constexpr std::int64_t most_rows = 64;

/// A norm of rows: of x, or of skip_scale * x + branch_scale * branch, which then is written to `sum` as well. The result is
/// rounded once, at the end; what is normed is the sum as it is written.
struct NormRows {
    Type type = Type::F16;
    const void *x = nullptr, *branch = nullptr;
    void *sum = nullptr, *out = nullptr;  ///< [rows, size] each, side by side
    float skip_scale = 1, branch_scale = 1;
    const float *weight = nullptr, *bias = nullptr;  ///< [own_rows, size] or null; row r takes row r % own_rows of them
    std::int64_t rows = 0, size = 0, own_rows = 1;
    float eps = 0;
    bool centered = false;  ///< a layer norm: less the mean
};

/// out = activation(gate) * up, rows of `size` values; `up` may be null. `out` may be `gate`.
struct ActivateRows {
    Type type = Type::F16;
    Activation activation = Activation::Silu;
    const void *gate = nullptr, *up = nullptr;
    void *out = nullptr;
    std::int64_t gate_stride = 0, up_stride = 0, out_stride = 0, rows = 0, size = 0;
};

/// Where the keys and values of a pass lie and what of them each row sees. Tables are the device's, so that a captured graph of
/// launches goes on with what they hold later.
struct PageTable {
    const void *const *pages = nullptr;  ///< [parts, capacity, planes]: a page's first byte, [heads, page_tokens, dim]
    const std::int32_t *part = nullptr, *position = nullptr;  ///< [rows]: the sequence of each row, and its place in it
    std::int64_t capacity = 0;                                ///< pages of a sequence that the table has room for
    int planes = 2;                                           ///< keys and values, or keys that are values too
};

/// Heads of queries, keys and values on their way into the attention: an RMS norm of each head where it has one, the rotation
/// where there is one. Queries are changed where they lie; keys and values are written to their pages.
struct PrepareHeads {
    Type type = Type::F16;
    void *queries = nullptr;                        ///< rows of `heads` heads, or null
    const void *keys = nullptr, *values = nullptr;  ///< rows of `kv_heads` heads, or null
    std::int64_t query_stride = 0, key_stride = 0, value_stride = 0;
    std::int64_t rows = 0, heads = 0, kv_heads = 0, dims = 0;
    const float *query_norm = nullptr, *key_norm = nullptr;  ///< [dims] or null
    float query_eps = 0, key_eps = 0;
    const float *cos = nullptr, *sin = nullptr;  ///< [rows, half] or null
    std::int64_t half = 0;                       ///< 2 * half values of a head turn
    bool interleaved = false;                    ///< pairs (2i, 2i + 1) instead of (i, i + half)
    PageTable table;
};

/// Queries that share what a block reads: the tile of a tensor core.
inline constexpr int queries_of_tile = 16;

/// Queries [first, first + count) of one sequence and key-value head, counted over the rows and within them over the group's
/// heads.
struct QueryTile {
    std::int32_t part = 0, first_row = 0, position = 0,
                 length = 0;  ///< of the part: its first row, that one's position, tokens in all
    std::int32_t first = 0, count = 0;
};

/// The tiles of a part of `rows` rows from `first_row` on, the first of them at `position`.
inline void add_tiles(std::vector<QueryTile> &tiles, std::int64_t part, std::int64_t first_row, std::int64_t position,
                      std::int64_t rows, std::int64_t group) {
    for (std::int64_t first = 0; first < rows * group; first += queries_of_tile) {
        const auto narrow = [](std::int64_t value) { return static_cast<std::int32_t>(value); };
        tiles.push_back({narrow(part), narrow(first_row), narrow(position), narrow(position + rows), narrow(first),
                         narrow(std::min<std::int64_t>(queries_of_tile, rows * group - first))});
    }
}

/// Softmax of queries over the keys that they see, times the values.
struct Attend {
    Type type = Type::F16;          ///< of queries, keys, values and the output
    const void *queries = nullptr;  ///< [rows, query_stride]: [heads, dims], rows aligned to 16 bytes
    void *out = nullptr;            ///< [rows, heads, value_dims]
    std::int64_t query_stride = 0, rows = 0, heads = 0, kv_heads = 0, dims = 0, value_dims = 0;
    std::int64_t page_value_dims = 0;  ///< of values in a page
    const QueryTile *tiles = nullptr;
    std::int64_t tile_count = 0;
    PageTable table;
    std::int64_t window = 0, chunk = 0;  ///< tokens that a query sees, itself included, and of its own chunk only; 0: all
    std::int64_t ahead = 0;              ///< tokens behind its own that it sees
    float scale = 1, cap = 0;            ///< cap * tanh(score / cap)
    const float *slopes = nullptr, *sinks = nullptr;  ///< [heads] or null
    /// Each block reads so many pages; where there are more, parts of a softmax are joined by a second launch.
    std::int64_t splits = 1, pages_a_split = 0;
    float *partial = nullptr;  ///< attend_floats() where there are splits
};

/// Of workspace.
constexpr std::int64_t attend_floats(std::int64_t rows, std::int64_t heads, std::int64_t value_dims, std::int64_t splits) {
    return splits > 1 ? splits * rows * heads * (value_dims + 2) : 0;
}

/// The launches of one build of the kernels. `stream` is a cudaStream_t.
struct Kernels {
    void (*widen_four_bit)(const FourBitMatrix &matrix, Type type, void *to,
                           void *stream);  ///< the matrix written out, [out, in]
    void (*widen_int8)(const Int8Matrix &matrix, Type type, void *to, void *stream);
    void (*multiply_four_bit)(const Products<FourBitMatrix> &products, void *stream);
    void (*multiply_int8)(const Products<Int8Matrix> &products, void *stream);
    void (*norm)(const NormRows &norm, void *stream);
    void (*activate)(const ActivateRows &rows, void *stream);
    void (*prepare)(const PrepareHeads &heads, void *stream);
    void (*attend)(const Attend &attend, void *stream);
    /// The place of each row's largest value; where several are, the first. Rows that hold what is no number give -1.
    void (*largest)(const float *rows, std::int64_t count, std::int64_t size, std::int32_t *places, void *stream);
    /// Whether attend() takes heads of these sizes, and the products this number of rows.
    bool (*can_attend)(Type type, std::int64_t dims, std::int64_t value_dims);
    bool (*can_multiply_four_bit)(const FourBitMatrix &matrix, std::int64_t rows);
    bool (*can_multiply_int8)(const Int8Matrix &matrix, std::int64_t rows);
};

/// Those of this build: the device's, or in a test the host's.
const Kernels &kernels();

}  // namespace millm::engine::cuda
