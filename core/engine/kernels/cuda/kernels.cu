// The launches: which kernel a call takes, with how many blocks of how many threads.
#include "core/engine/kernels/cuda/kernels.h"

#include "core/engine/kernels/cuda/attention.cuh"
#include "core/engine/kernels/cuda/products.cuh"
#include "core/engine/kernels/cuda/rows.cuh"

namespace millm::engine::cuda {

namespace {

/// Shared memory of a block that devices of any kind have.
constexpr std::size_t most_shared = std::size_t{64} << 10;
/// Rows that multiply_few() takes: more wait for arithmetic, which tensor cores have more of.
constexpr std::int64_t few_rows = 8;

unsigned blocks_of(std::int64_t items, std::int64_t a_block) {
    return static_cast<unsigned>((items + a_block - 1) / a_block);
}

/// Blocks of a loop over any number of items.
dim3 loop_blocks(std::int64_t items, std::int64_t a_block) {
    constexpr unsigned most = 65535;
    const std::int64_t blocks = (items + a_block - 1) / a_block;
    return {blocks < most ? static_cast<unsigned>(blocks) : most, 1, 1};
}

/// Calls `work` with a value of the type that `type` names.
template <class Work>
void with_type(Type type, const Work &work) {
    switch (type) {
        case Type::F32:
            return work(float());
        case Type::F16:
            return work(__half());
        case Type::BF16:
            return work(__nv_bfloat16());
    }
}

// ---- products ----

void widen_four_bit(const FourBitMatrix &m, Type type, void *to, void *stream) {
    const std::int64_t count = m.out * m.in;
    with_type(type, [&](auto value) {
        using T = decltype(value);
        auto *out = static_cast<T *>(to);
        if (count % 8 == 0)
            launch(widen<T, 8>, loop_blocks(count / 8, product_threads), product_threads, 0, stream, m, out);
        else
            launch(widen<T, 2>, loop_blocks((count + 1) / 2, product_threads), product_threads, 0, stream, m, out);
    });
}

void widen_int8(const Int8Matrix &m, Type type, void *to, void *stream) {
    with_type(type, [&](auto value) {
        using T = decltype(value);
        launch(static_cast<void (*)(Int8Matrix, T *)>(widen<T>), loop_blocks(m.out * m.in, product_threads), product_threads, 0,
               stream, m, static_cast<T *>(to));
    });
}

template <class Matrix>
dim3 product_blocks(const Products<Matrix> &p, std::int64_t rows_a_block) {
    unsigned blocks = 0;
    for (int i = 0; i < p.count; ++i) blocks += blocks_of(p.matrices[i].out, rows_a_block);
    return {blocks, 1, 1};
}

template <class T, int ROWS, int STEP, class Matrix>
void launch_few(const Products<Matrix> &p, void *stream) {
    launch(static_cast<void (*)(Products<Matrix>)>(multiply_few<T, ROWS, STEP>), product_blocks(p, product_warps),
           product_threads, ChunkOf<Matrix>::has_table ? table_bytes<T> : 0, stream, p);
}

/// The kernel that is made for so many rows, at most ROWS.
template <class T, int STEP, class Matrix, int ROWS = static_cast<int>(few_rows)>
void multiply_some(const Products<Matrix> &p, void *stream) {
    if (p.rows == ROWS) return launch_few<T, ROWS, STEP>(p, stream);
    if constexpr (ROWS > 1) multiply_some<T, STEP, Matrix, ROWS - 1>(p, stream);
}

template <class T, class Matrix, int TILES = static_cast<int>(most_rows) / tile_side>
void multiply_many(const Products<Matrix> &p, void *stream) {
    if (p.rows > (TILES - 1) * tile_side)
        return launch(static_cast<void (*)(Products<Matrix>)>(multiply_tiles<T, Matrix, TILES>), product_blocks(p, tile_out),
                      tile_threads, tile_bytes<T, Matrix, TILES>(), stream, p);
    if constexpr (TILES > 1) multiply_many<T, Matrix, TILES - 1>(p, stream);
}

template <int LONG, int SHORT, class Matrix>
void multiply(const Products<Matrix> &p, void *stream) {
    const bool whole = p.matrices[0].in % chunk_values == 0;
    with_type(p.type, [&](auto value) {
        using T = decltype(value);
        if (p.rows > few_rows) return multiply_many<T>(p, stream);
        if (whole) return multiply_some<T, LONG>(p, stream);
        multiply_some<T, SHORT>(p, stream);
    });
}

void multiply_four_bit(const Products<FourBitMatrix> &p, void *stream) {
    multiply<32, 8>(p, stream);
}

void multiply_int8(const Products<Int8Matrix> &p, void *stream) {
    multiply<16, 1>(p, stream);
}

// ---- rows ----

/// Threads that short rows do not leave idle.
unsigned threads_for(std::int64_t size) {
    const std::int64_t threads = (size + warp - 1) / warp * warp;
    return static_cast<unsigned>(threads < row_threads ? threads : row_threads);
}

void norm(const NormRows &n, void *stream) {
    with_type(n.type, [&](auto value) {
        launch(norm_rows<decltype(value)>, {static_cast<unsigned>(n.rows), 1, 1}, threads_for(n.size),
               row_warps * sizeof(float), stream, n);
    });
}

void activate(const ActivateRows &all, void *stream) {
    constexpr std::int64_t most = 65535;
    with_type(all.type, [&](auto value) {
        using T = decltype(value);
        for (std::int64_t row = 0; row < all.rows; row += most) {
            ActivateRows a = all;
            a.rows = all.rows - row < most ? all.rows - row : most;
            a.gate = static_cast<const T *>(all.gate) + row * all.gate_stride;
            a.up = all.up != nullptr ? static_cast<const T *>(all.up) + row * all.up_stride : nullptr;
            a.out = static_cast<T *>(all.out) + row * all.out_stride;
            launch(activate_rows<T>, {blocks_of(a.size, threads_for(a.size)), static_cast<unsigned>(a.rows), 1},
                   threads_for(a.size), 0, stream, a);
        }
    });
}

void prepare(const PrepareHeads &h, void *stream) {
    const std::int64_t heads = (h.queries != nullptr ? h.heads : 0) + (h.keys != nullptr ? 2 * h.kv_heads : 0);
    with_type(h.type, [&](auto value) {
        launch(prepare_heads<decltype(value)>, {static_cast<unsigned>(h.rows), blocks_of(heads, row_warps), 1}, row_threads, 0,
               stream, h);
    });
}

void largest(const float *rows, std::int64_t count, std::int64_t size, std::int32_t *places, void *stream) {
    launch(largest_of_rows, {static_cast<unsigned>(count), 1, 1}, row_threads,
           row_threads * (sizeof(float) + sizeof(std::int32_t)), stream, rows, size, places);
}

// ---- attention ----

/// f.operator()<KEYS>() for as many keys a tile as there is shared memory; false where there is too little for any.
template <class T, class F>
bool with_keys(std::int64_t dims, std::int64_t value_dims, F &&f) {
    if (AttendMemory<T, 64>::bytes(dims, value_dims) <= most_shared) return f.template operator()<64>(), true;
    if (AttendMemory<T, 32>::bytes(dims, value_dims) <= most_shared) return f.template operator()<32>(), true;
    return false;
}

void attend(const Attend &a, void *stream) {
    with_type(a.type, [&](auto value) {
        using T = decltype(value);
        with_keys<T>(a.dims, a.value_dims, [&]<int KEYS>() {
            launch(attend_tiles<T, KEYS>,
                   {static_cast<unsigned>(a.tile_count), static_cast<unsigned>(a.kv_heads), static_cast<unsigned>(a.splits)},
                   attend_threads, AttendMemory<T, KEYS>::bytes(a.dims, a.value_dims), stream, a);
        });
        if (a.splits > 1)
            launch(join_splits<T>, {static_cast<unsigned>(a.rows), static_cast<unsigned>(a.heads), 1}, attend_threads, 0,
                   stream, a);
    });
}

struct Nothing {
    template <int>
    void operator()() const {}
};

bool can_attend(Type type, std::int64_t dims, std::int64_t value_dims) {
    bool can = false;
    with_type(type, [&](auto value) { can = with_keys<decltype(value)>(dims, value_dims, Nothing()); });
    return can;
}

bool can_multiply_four_bit(const FourBitMatrix &m, std::int64_t rows) {
    return rows <= few_rows ? m.in % 8 == 0 : rows <= most_rows && m.in % chunk_values == 0;
}

bool can_multiply_int8(const Int8Matrix &m, std::int64_t rows) {
    return rows <= few_rows || (rows <= most_rows && m.in % chunk_values == 0);
}

}  // namespace

const Kernels &kernels() {
    static constexpr Kernels all{
        widen_four_bit, widen_int8, multiply_four_bit,     multiply_int8,    norm, activate, prepare, attend,
        largest,        can_attend, can_multiply_four_bit, can_multiply_int8};
    return all;
}

}  // namespace millm::engine::cuda
