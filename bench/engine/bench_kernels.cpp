// bench_kernels [OUT IN [LEVEL]]   products and attention of one thread at every instruction set of this machine: weights, or
// keys and values, read a second where inputs are few, as a share of a plain read loop too; multiplications and additions a
// second where they are many. And how much bfloat16 one thread quantizes a second.
#include "bench/engine/machine.h"
#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/quantization/kernels.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

namespace {

using namespace millm::engine::cpu;
using millm::engine::page_tokens;

constexpr std::size_t memory_bytes = std::size_t{512} << 20;  ///< of all matrices together: past every cache
constexpr std::int64_t counts[] = {1, 2, 4, 8, 16, 64, 512}, few = 16, most = 512;
constexpr std::int64_t attention_counts[] = {1, 2, 3, 4, 5, 7, 8, 16, 64};

struct Form {
    const char *name;
    Format format;
    bool bf16_inputs;
    double bytes_a_weight;  ///< scales included
    int packed_bits = 0;    ///< of packed weights; 0: as stored
    bool tiled = false, narrow = false;
};
constexpr Form forms[] = {{"f32", Format::F32, false, 4},
                          {"bf16", Format::BF16, false, 2},
                          {"bf16 x bf16", Format::BF16, true, 2},
                          {"bf16 tiled", Format::BF16, false, 2, 0, true},
                          {"bf16 tiled x", Format::BF16, true, 2, 0, true},
                          {"f16", Format::F16, false, 2},
                          {"f16 tiled", Format::F16, false, 2, 0, true},
                          {"8 bits", Format::Int8, false, 1},
                          {"4 bits", Format::FourBit, false, 0.5 + 4.0 / 64},
                          {"8 bits fast", Format::Int8, false, 1, 8},
                          {"4 bits fast", Format::FourBit, false, 0.5 + 4.0 / 64, 4},
                          {"4 bits bytes", Format::FourBit, false, 0.5 + 4.0 / 64, 4, false, true}};

/// What a cache holds of a token and head.
struct Cache {
    const char *name;
    Format format;
    std::int64_t dims;
};
constexpr Cache caches[] = {{"bf16 x 64", Format::BF16, 64},
                            {"bf16 x 128", Format::BF16, 128},
                            {"f16 x 128", Format::F16, 128},
                            {"f32 x 128", Format::F32, 128}};

/// Seconds that this thread has computed: what else runs on the machine counts less.
double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Seconds of one call of f, the best of several runs.
template <class F>
double best_time(F f) {
    double best = 1e9;
    const double begin = thread_seconds();
    for (int run = 0; run < 3 || thread_seconds() - begin < 0.15; ++run) {
        const double start = thread_seconds();
        f();
        best = std::min(best, thread_seconds() - start);
    }
    return best;
}

double read_bandwidth(const std::vector<std::uint64_t> &memory) {
    volatile std::uint64_t sink = 0;
    const double seconds = best_time([&] { sink = sink + millm::bench::read_all(memory.data(), memory.size()); });
    return static_cast<double>(memory.size() * 8) / seconds / 1e9;
}

/// Weights of any form, scales and inputs; what they hold does not matter.
struct Data {
    std::int64_t out, in;
    std::vector<std::uint64_t> memory;
    std::vector<float> scales, code, x, y;
};

/// A product of `count` inputs with the form's weights at `values`, inputs brought into its order included.
void multiply(const Kernels &kernels, const Form &form, Data &data, const std::uint8_t *values, std::int64_t count,
              std::vector<char> &arranged) {
    static constexpr std::uint8_t packed_code[16] = {1, 23, 40, 53, 66, 81, 95, 128, 138, 148, 159, 171, 184, 199, 220, 255};
    if (form.packed_bits != 0) {
        const PackedMatrix matrix{form.packed_bits == 8 ? Packed::Bytes : Packed::Nibbles,
                                  data.out,
                                  data.in,
                                  values,
                                  data.scales.data(),
                                  packed_code,
                                  form.narrow};
        kernels.arrange_packed(matrix.narrow, data.x.data(), count, data.in, 0, count, arranged.data());
        return kernels.multiply_packed(matrix, arranged.data(), count, 0, data.out, data.y.data(), data.out);
    }
    const WeightMatrix matrix{form.format,      data.out, data.in,          values,    data.scales.data(),
                              data.code.data(), 6,        form.bf16_inputs, form.tiled};
    const void *input = data.x.data();
    if (kernels.input_bytes(matrix, count) > 0) {
        kernels.arrange(matrix, data.x.data(), count, 0, count, arranged.data());
        input = arranged.data();
    }
    kernels.multiply(matrix, input, count, 0, data.out, data.y.data(), data.out);
}

void measure(const Kernels &kernels, const Form &form, Data &data, double read) {
    const double weights = static_cast<double>(data.out * data.in);
    // Scales of 4 bits lie among packed weights, and apart from others.
    const double stored_a_weight = form.packed_bits == 0 && form.format == Format::FourBit ? 0.5 : form.bytes_a_weight;
    const auto stored = static_cast<std::size_t>(stored_a_weight * weights);
    for (const std::int64_t count : counts) {
        std::vector<char> arranged(static_cast<std::size_t>(
            std::max(PackedInputs(count, data.in).bytes(), (count + input_unit) * data.in * std::int64_t{4})));
        std::size_t next = 0;
        const double seconds = best_time([&] {
            // Few inputs: another matrix each time, from memory. Many: arithmetic is what counts.
            if (count <= few) next = next + 2 * stored <= memory_bytes ? next + stored / 64 * 64 : 0;
            multiply(kernels, form, data, reinterpret_cast<const std::uint8_t *>(data.memory.data()) + next, count, arranged);
        });
        const double rate =
            (count <= few ? form.bytes_a_weight * weights : 2 * weights * static_cast<double>(count)) / seconds / 1e9;
        if (count <= few)
            std::printf(" %5.1f %3.0f%%", rate, 100 * rate / read);
        else
            std::printf(" %10.1f", rate);
    }
    std::printf("\n");
    std::fflush(stdout);
}

/// Keys and values of one head behind a long context, read by queries that share them.
void measure_attention(const Kernels &kernels, Format format, std::int64_t dims, Data &data, double read) {
    constexpr std::int64_t context = 4096;
    constexpr std::size_t pages = context / page_tokens;
    const std::int64_t size = format == Format::F32 ? 4 : 2, page_bytes = page_tokens * dims * size;
    const auto *memory = reinterpret_cast<const char *>(data.memory.data());
    const auto places = static_cast<std::int64_t>(memory_bytes) / page_bytes;
    for (const std::int64_t queries : attention_counts) {
        Attention a;
        a.format = format;
        a.dims = a.value_dims = a.value_stride = dims;
        a.queries = data.x.data();
        a.out = data.y.data();
        a.row_stride = a.out_row_stride = queries * dims;
        a.group = a.last = queries;
        a.position = context - 1;
        a.scale = 1e-3F;
        std::vector<const void *> keys(pages), values(pages);
        std::int64_t next = 0;
        const double seconds = best_time([&] {
            for (std::size_t page = 0; page < pages; ++page) {
                keys[page] = memory + next++ % places * page_bytes;
                values[page] = memory + next++ % places * page_bytes;
            }
            a.keys = keys.data();
            a.values = values.data();
            kernels.attend(a);
        });
        const double numbers = 2.0 * context * static_cast<double>(dims),
                     rate = numbers * static_cast<double>(size) / seconds / 1e9;
        if (queries <= few)
            std::printf(" %5.1f %3.0f%%", rate, 100 * rate / read);
        else
            std::printf(" %10.1f", 2 * numbers * static_cast<double>(queries) / seconds / 1e9);
    }
    std::printf("\n");
    std::fflush(stdout);
}

/// A slice at a time, as the converter does it: widened, then quantized.
void measure_quantizing(const Data &data) {
    using namespace millm::engine;
    constexpr std::size_t slice = std::size_t{1} << 18, columns = 4096, slices = 256;
    std::vector<float> values(slice), scales(slice / 64);
    std::vector<std::byte> codes(slice);
    const auto rate = [&](auto quantize) {
        const double seconds = best_time([&] {
            for (std::size_t i = 0; i < slices; ++i) {
                widen(DType::BF16, reinterpret_cast<const std::byte *>(data.memory.data()) + i * slice * 2, slice,
                      values.data());
                quantize();
            }
        });
        return static_cast<double>(slices * slice * 2) / seconds / 1e9;
    };
    const double four = rate([&] { (void)quantize_nf4(values.data(), slice, codes.data(), scales.data()); });
    const double eight = rate([&] {
        (void)quantize_int8(values.data(), slice / columns, columns, reinterpret_cast<std::int8_t *>(codes.data()),
                            scales.data());
    });
    std::printf("quantizing: %.2f GB of bf16 a second to NF4, %.2f to 8 bits\n", four, eight);
}

}  // namespace

int main(int argc, char **argv) {
    const std::int64_t out = argc > 2 ? std::atoll(argv[1]) : 3328, in = argc > 2 ? std::atoll(argv[2]) : 1280;
    if (out < 16 || out % packed_rows != 0 || in < 64 || in % 64 != 0) {
        std::fprintf(stderr, "usage: bench_kernels [OUT IN [LEVEL]]   OUT a multiple of 16, IN of 64\n");
        return 2;
    }
    Data data{out, in, std::vector<std::uint64_t>(memory_bytes / 8), {}, {}, {}, {}};
    std::mt19937_64 random(1);
    for (std::uint64_t &word : data.memory)
        word = (random() & 0x80FF80FF80FF80FFULL) | 0x3F003F003F003F00ULL;  // of moderate size in each format
    data.scales.assign(static_cast<std::size_t>(out * in / 64 + out), 0.01F);
    data.code.assign(16, 0.5F);
    data.x.resize(static_cast<std::size_t>(most * in));
    data.y.resize(static_cast<std::size_t>(most * out));
    for (float &value : data.x) value = static_cast<float>(static_cast<double>(random() >> 40) / 1e7);

    const double read = read_bandwidth(data.memory);
    std::printf("one thread, matrix of %lld x %lld; a plain read loop: %.1f GB/s\n", static_cast<long long>(out),
                static_cast<long long>(in), read);
    measure_quantizing(data);
    std::printf("%-12s %-12s", "level", "weights");
    for (const std::int64_t count : counts) std::printf(" %10lld", static_cast<long long>(count));
    std::printf("   inputs; GB/s and share of the read loop up to %lld, else GFLOP/s\n", static_cast<long long>(few));
    for (const Level *level : usable_levels()) {
        if (argc > 3 && std::strcmp(level->id, argv[3]) != 0) continue;
        for (const Form &form : forms) {
            if (form.bf16_inputs && !level->kernels().bf16_products) continue;
            std::printf("%-12s %-12s", level->id, form.name);
            measure(level->kernels(), form, data, read);
        }
    }
    std::printf("\n%-12s %-12s", "level", "attention");
    for (const std::int64_t count : attention_counts) std::printf(" %10lld", static_cast<long long>(count));
    std::printf("   queries of a head's keys; GB/s and share of the read loop up to %lld, else GFLOP/s\n",
                static_cast<long long>(few));
    for (const Level *level : usable_levels()) {
        if (argc > 3 && std::strcmp(level->id, argv[3]) != 0) continue;
        for (const Cache &cache : caches) {
            std::printf("%-12s %-12s", level->id, cache.name);
            measure_attention(level->kernels(), cache.format, cache.dims, data, read);
        }
    }
    return 0;
}
