// Attention over pages, and the way of heads into them, by the device's kernels, on the host.
#include "tests/core/engine/runtime/device_samples.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace millm::engine::cuda::test {

namespace {

struct AttendCase {
    std::int64_t heads, kv_heads, dims, value_dims;
    int planes = 2;
    std::int64_t window = 0, chunk = 0, ahead = 0;
    float cap = 0;
    bool slopes = false, sinks = false;
    std::int64_t pages_a_split = 0;
};

void check_attention(Type type, const AttendCase &c) {
    // A prompt from its beginning, a piece of one, and two single tokens.
    struct Part {
        std::int64_t position, rows;
    };
    constexpr Part parts[] = {{0, 21}, {70, 9}, {129, 1}, {0, 1}};
    std::vector<std::int64_t> lengths;
    std::int64_t rows = 0;
    std::vector<QueryTile> tiles;
    const std::int64_t group = c.heads / c.kv_heads;
    for (const Part &part : parts) {
        add_tiles(tiles, static_cast<std::int64_t>(lengths.size()), rows, part.position, part.rows, group);
        lengths.push_back(part.position + part.rows);
        rows += part.rows;
    }
    const Cache cache(type, c.kv_heads, c.dims, c.planes == 1 ? c.dims : c.value_dims, c.planes, lengths, true);
    const Values queries = Values::random(type, static_cast<std::size_t>(rows * c.heads * c.dims), 1);
    Values out = Values::none(type, static_cast<std::size_t>(rows * c.heads * c.value_dims));
    const std::vector<float> slopes = random_floats(static_cast<std::size_t>(c.heads), 2),
                             sinks = random_floats(static_cast<std::size_t>(c.heads), 3);
    Attend a;
    a.type = type;
    a.queries = queries.data();
    a.out = out.data();
    a.query_stride = c.heads * c.dims;
    a.rows = rows;
    a.heads = c.heads;
    a.kv_heads = c.kv_heads;
    a.dims = c.dims;
    a.value_dims = c.value_dims;
    a.page_value_dims = c.planes == 1 ? c.dims : c.value_dims;
    a.tiles = tiles.data();
    a.tile_count = static_cast<std::int64_t>(tiles.size());
    a.table.pages = cache.table.data();
    a.table.capacity = cache.capacity;
    a.table.planes = c.planes;
    a.window = c.window;
    a.chunk = c.chunk;
    a.ahead = c.ahead;
    a.scale = 0.3F;
    a.cap = c.cap;
    a.slopes = c.slopes ? slopes.data() : nullptr;
    a.sinks = c.sinks ? sinks.data() : nullptr;
    if (c.pages_a_split > 0)
        a.splits = (cache.capacity + c.pages_a_split - 1) / c.pages_a_split, a.pages_a_split = c.pages_a_split;
    std::vector<float> partial(static_cast<std::size_t>(attend_floats(rows, c.heads, c.value_dims, a.splits)), NAN);
    a.partial = partial.data();
    REQUIRE(kernels().can_attend(type, c.dims, c.value_dims));
    kernels().attend(a, nullptr);

    double worst = 0;
    std::int64_t row = 0;
    for (std::int64_t part = 0; part < static_cast<std::int64_t>(std::size(parts)); ++part) {
        for (std::int64_t i = 0; i < parts[part].rows; ++i, ++row) {
            const std::int64_t position = parts[part].position + i, length = lengths[static_cast<std::size_t>(part)];
            for (std::int64_t head = 0; head < c.heads; ++head) {
                const std::int64_t kv_head = head / group;
                std::vector<double> sums(static_cast<std::size_t>(c.value_dims));
                double total = c.sinks ? std::exp(static_cast<double>(sinks[static_cast<std::size_t>(head)])) : 0;
                for (std::int64_t t = 0; t < length; ++t) {
                    if (t > position + c.ahead || (c.window > 0 && t <= position - c.window)) continue;
                    if (c.chunk > 0 && t / c.chunk != position / c.chunk) continue;
                    double score = 0;
                    for (std::int64_t d = 0; d < c.dims; ++d)
                        score += queries[static_cast<std::size_t>((row * c.heads + head) * c.dims + d)] *
                                 cache.at(part, t, 0, kv_head, d);
                    score *= static_cast<double>(0.3F);
                    if (c.cap > 0) score = static_cast<double>(c.cap) * std::tanh(score / static_cast<double>(c.cap));
                    if (c.slopes)
                        score +=
                            static_cast<double>(slopes[static_cast<std::size_t>(head)]) * static_cast<double>(t - position);
                    const double weight = std::exp(score);
                    total += weight;
                    for (std::int64_t d = 0; d < c.value_dims; ++d)
                        sums[static_cast<std::size_t>(d)] += weight * cache.at(part, t, c.planes - 1, kv_head, d);
                }
                for (std::int64_t d = 0; d < c.value_dims; ++d) {
                    const double apart = std::abs(out[static_cast<std::size_t>((row * c.heads + head) * c.value_dims + d)] -
                                                  sums[static_cast<std::size_t>(d)] / total);
                    worst = apart <= worst ? worst : apart;
                }
            }
        }
    }
    // Weights are rounded, outputs too.
    CHECK(worst < (type == Type::F32 ? 1e-5 : 4 * unit_of(type)));
}

}  // namespace

TEST_CASE("attention over pages is softmax by hand") {
    constexpr AttendCase cases[] = {
        {4, 2, 64, 64},
        {14, 2, 64, 64, 2, 0, 0, 0, 0, false, false, 1},
        {20, 1, 32, 32, 2, 0, 0, 0, 0, false, true, 2},
        {2, 2, 80, 48, 2, 0, 0, 0, 0, true, false},
        {4, 4, 128, 128, 2, 33, 0, 0, 5, false, true},
        {4, 1, 64, 64, 2, 33, 0, 0, 0, false, false, 1},
        {3, 3, 16, 16, 2, 0, 50, 0, 0, false, false},
        {2, 1, 32, 32, 2, 9, 0, 8, 0, false, false},
        {2, 2, 32, 32, 2, 0, 0, 1000, 0, false, false},
        {4, 1, 96, 64, 1},
        {2, 1, 192, 192},
        {4, 2, 24, 24},
        {4, 2, 12, 20, 2, 0, 0, 0, 0, false, true},
        {2, 1, 7, 5},
    };
    int number = 0;
    for (const AttendCase &c : cases) {
        CAPTURE(number++);
        for (const Type type : types) {
            CAPTURE(static_cast<int>(type));
            if (kernels().can_attend(type, c.dims, c.value_dims)) check_attention(type, c);
        }
        CHECK(kernels().can_attend(Type::BF16, c.dims, c.value_dims));
    }
    check_attention(Type::F16, {2, 1, 256, 256});
    CHECK_FALSE(kernels().can_attend(Type::F16, 576, 512));
}

TEST_CASE("heads are normed and turned on their way into the pages") {
    constexpr std::int64_t heads = 6, kv_heads = 2, dims = 48, half = 20, rows = 5;
    constexpr std::int32_t part[rows] = {0, 0, 0, 1, 2}, position[rows] = {62, 63, 64, 0, 130};
    constexpr std::int64_t stride = (heads + 2 * kv_heads) * dims;
    for (const Type type : types) {
        for (const bool interleaved : {false, true}) {
            for (const bool normed : {false, true}) {
                CAPTURE(static_cast<int>(type));
                CAPTURE(interleaved);
                CAPTURE(normed);
                Cache cache(type, kv_heads, dims, dims, 2, {65, 1, 131}, false);
                Values all = Values::random(type, static_cast<std::size_t>(rows * stride), 1);
                const Values before = all;
                const std::vector<float> cos = random_floats(rows * half, 2), sin = random_floats(rows * half, 3),
                                         query_norm = random_floats(dims, 4), key_norm = random_floats(dims, 5);
                PrepareHeads h;
                h.type = type;
                const auto at = [&](std::int64_t head) {
                    return static_cast<char *>(all.data()) + static_cast<std::size_t>(head * dims) * size_of(type);
                };
                h.queries = at(0);
                h.keys = at(heads);
                h.values = at(heads + kv_heads);
                h.query_stride = h.key_stride = h.value_stride = stride;
                h.rows = rows;
                h.heads = heads;
                h.kv_heads = kv_heads;
                h.dims = dims;
                if (normed) h.query_norm = query_norm.data(), h.key_norm = key_norm.data(), h.query_eps = h.key_eps = 1e-3F;
                h.cos = cos.data();
                h.sin = sin.data();
                h.half = half;
                h.interleaved = interleaved;
                h.table = {cache.table.data(), part, position, cache.capacity, 2};
                kernels().prepare(h, nullptr);

                double worst = 0;
                for (std::int64_t row = 0; row < rows; ++row) {
                    for (std::int64_t head = 0; head < heads + 2 * kv_heads; ++head) {
                        const auto from = [&](std::int64_t d) {
                            return before[static_cast<std::size_t>(row * stride + head * dims + d)];
                        };
                        const bool value = head >= heads + kv_heads, query = head < heads;
                        double squares = 0;
                        for (std::int64_t d = 0; d < dims; ++d) squares += from(d) * from(d) / dims;
                        const auto scaled = [&](std::int64_t d) {
                            if (!normed || value) return from(d);
                            return from(d) / std::sqrt(squares + 1e-3) *
                                   static_cast<double>((query ? query_norm : key_norm)[static_cast<std::size_t>(d)]);
                        };
                        std::vector<double> expected;
                        for (std::int64_t d = 0; d < dims; ++d) expected.push_back(scaled(d));
                        for (std::int64_t i = 0; i < half && !value; ++i) {
                            const std::int64_t first = interleaved ? 2 * i : i, second = interleaved ? 2 * i + 1 : i + half;
                            const double c = static_cast<double>(cos[static_cast<std::size_t>(row * half + i)]),
                                         s = static_cast<double>(sin[static_cast<std::size_t>(row * half + i)]);
                            expected[static_cast<std::size_t>(first)] = scaled(first) * c - scaled(second) * s;
                            expected[static_cast<std::size_t>(second)] = scaled(second) * c + scaled(first) * s;
                        }
                        for (std::int64_t d = 0; d < dims; ++d) {
                            const double got =
                                query ? all[static_cast<std::size_t>(row * stride + head * dims + d)]
                                      : cache.at(part[row], position[row], value ? 1 : 0, (head - heads) % kv_heads, d);
                            const double apart = std::abs(got - expected[static_cast<std::size_t>(d)]);
                            worst = apart <= worst ? worst : apart;
                        }
                    }
                }
                CHECK(worst < 8 * unit_of(type));
            }
        }
    }
}

}  // namespace millm::engine::cuda::test
