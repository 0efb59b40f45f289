// bench_kernels [OUT IN]   products of one thread at every instruction set of this machine: weights read a second where inputs
// are few (beside a plain read loop), multiplications and additions a second where they are many.
#include "core/engine/kernels/cpu/kernels.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

namespace {

using namespace millm::engine::cpu;
using Clock = std::chrono::steady_clock;

constexpr std::size_t memory_bytes = std::size_t{256} << 20;  ///< of all matrices together: past every cache

struct Form {
    const char *name;
    Format format;
    bool bf16_inputs;
    double bytes_a_weight;
};
constexpr Form forms[] = {{"f32", Format::F32, false, 4},
                          {"bf16", Format::BF16, false, 2},
                          {"bf16 x bf16", Format::BF16, true, 2},
                          {"8 bits", Format::Int8, false, 1},
                          {"4 bits", Format::FourBit, false, 0.5 + 4.0 / 64}};

/// Seconds of one call of f, the best of several runs.
template <class F>
double best_time(F f) {
    double best = 1e9;
    Clock::time_point begin = Clock::now();
    for (int run = 0; run < 3 || Clock::now() - begin < std::chrono::milliseconds(150); ++run) {
        const Clock::time_point start = Clock::now();
        f();
        best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
    }
    return best;
}

double read_bandwidth(const std::vector<std::uint64_t> &memory) {
    volatile std::uint64_t sink = 0;
    const double seconds = best_time([&] {
        std::uint64_t sums[8] = {};
        for (std::size_t i = 0; i + 8 <= memory.size(); i += 8)
            for (std::size_t j = 0; j < 8; ++j) sums[j] += memory[i + j];
        for (const std::uint64_t sum : sums) sink = sink + sum;
    });
    return static_cast<double>(memory.size() * 8) / seconds / 1e9;
}

}  // namespace

int main(int argc, char **argv) {
    const std::int64_t out = argc > 2 ? std::atoll(argv[1]) : 3328, in = argc > 2 ? std::atoll(argv[2]) : 1280;
    if (out < 1 || in < 64 || in % 64 != 0) {
        std::fprintf(stderr, "usage: bench_kernels [OUT IN]   IN a multiple of 64\n");
        return 2;
    }
    std::vector<std::uint64_t> memory(memory_bytes / 8);
    std::mt19937_64 random(1);
    for (std::uint64_t &word : memory)
        word = (random() & 0x80FF80FF80FF80FFULL) | 0x3F003F003F003F00ULL;  // of moderate size in each format
    std::vector<float> scales(static_cast<std::size_t>(out * in / 64 + out), 0.01F), code(16, 0.5F);
    constexpr std::int64_t counts[] = {1, 2, 4, 8, 16, 64, 512};
    std::vector<float> x(static_cast<std::size_t>(512 * in)), y(static_cast<std::size_t>(512 * out));
    for (float &value : x) value = static_cast<float>(static_cast<double>(random() >> 40) / 1e7);

    std::printf("one thread, matrix of %lld x %lld; a plain read loop: %.1f GB/s\n", static_cast<long long>(out),
                static_cast<long long>(in), read_bandwidth(memory));
    std::printf("%-12s %-12s", "level", "weights");
    for (const std::int64_t count : counts) std::printf(" %11lld", static_cast<long long>(count));
    std::printf("   inputs; GB/s up to 4, GFLOP/s from 8\n");
    for (const Level *level : usable_levels()) {
        const Kernels &kernels = level->kernels();
        for (const Form &form : forms) {
            if (form.bf16_inputs && !kernels.bf16_products) continue;
            WeightMatrix matrix{form.format, out, in, nullptr, scales.data(), code.data(), 6, form.bf16_inputs};
            const double bytes = form.bytes_a_weight * static_cast<double>(out * in);
            const auto stored = static_cast<std::size_t>(out * in) *
                                (form.format == Format::F32       ? 8
                                 : form.format == Format::FourBit ? 1
                                 : form.format == Format::Int8    ? 2
                                                                  : 4) /
                                2;
            std::printf("%-12s %-12s", level->id, form.name);
            for (const std::int64_t count : counts) {
                std::vector<char> arranged(static_cast<std::size_t>(kernels.input_bytes(matrix, count)));
                std::size_t next = 0;
                const double seconds = best_time([&] {
                    // Few inputs: another matrix each time, from memory. Many: arithmetic is what counts.
                    if (count <= 4) next = next + 2 * stored <= memory_bytes ? next + stored : 0;
                    matrix.values = reinterpret_cast<const char *>(memory.data()) + next;
                    const void *input = x.data();
                    if (!arranged.empty()) {
                        kernels.arrange(matrix, x.data(), count, 0, count, arranged.data());
                        input = arranged.data();
                    }
                    kernels.multiply(matrix, input, count, 0, out, y.data(), out);
                });
                std::printf(" %11.1f", (count <= 4 ? bytes : 2.0 * static_cast<double>(out * in * count)) / seconds / 1e9);
            }
            std::printf("\n");
        }
    }
    return 0;
}
