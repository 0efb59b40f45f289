// The device's kernels against plain sums, on the host: their own sources, thread by thread.
#include "tests/core/engine/runtime/host_kernels.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace millm::engine::cuda::test {

namespace {

constexpr Type types[] = {Type::F32, Type::F16, Type::BF16};

std::size_t size_of(Type type) {
    return type == Type::F32 ? 4 : 2;
}

/// What one rounding to a type may cost, of the value's size.
double unit_of(Type type) {
    return type == Type::F32 ? 0x1p-23 : type == Type::F16 ? 0x1p-11 : 0x1p-8;
}

/// Numbers as a type holds them.
class Values {
public:
    Values(Type type, std::size_t count) : type_(type), bytes_(count * size_of(type)) {}
    static Values random(Type type, std::size_t count, unsigned seed) {
        Values values(type, count);
        std::mt19937 numbers(seed);
        std::uniform_real_distribution<float> uniform(-1, 1);
        for (std::size_t i = 0; i < count; ++i) values.set(i, uniform(numbers));
        return values;
    }
    /// Patterns that are no numbers.
    static Values none(Type type, std::size_t count) {
        Values values(type, count);
        std::ranges::fill(values.bytes_, static_cast<unsigned char>(0xFF));
        return values;
    }
    void set(std::size_t i, float value) {
        if (type_ == Type::F32) put(i, value);
        if (type_ == Type::F16) put(i, static_cast<_Float16>(value));
        if (type_ == Type::BF16) put(i, static_cast<__bf16>(value));
    }
    double operator[](std::size_t i) const {
        if (type_ == Type::F32) return get<float>(i);
        if (type_ == Type::F16) return static_cast<float>(get<_Float16>(i));
        return static_cast<float>(get<__bf16>(i));
    }
    void *data() { return bytes_.data(); }
    const void *data() const { return bytes_.data(); }
    std::size_t size() const { return bytes_.size() / size_of(type_); }

private:
    template <class T>
    void put(std::size_t i, T value) {
        std::memcpy(bytes_.data() + i * sizeof value, &value, sizeof value);
    }
    template <class T>
    T get(std::size_t i) const {
        T value;
        std::memcpy(&value, bytes_.data() + i * sizeof value, sizeof value);
        return value;
    }
    Type type_;
    std::vector<unsigned char> bytes_;
};

std::vector<float> random_floats(std::size_t count, unsigned seed) {
    std::mt19937 numbers(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> values(count);
    for (float &value : values) value = uniform(numbers);
    return values;
}

struct FourBitSample {
    std::vector<std::uint8_t> packed;
    std::vector<float> absmax, code = random_floats(16, 9);
    FourBitMatrix matrix;
    FourBitSample(std::int64_t out, std::int64_t in, unsigned seed)
        : packed(static_cast<std::size_t>(out * in + 1) / 2),
          absmax(random_floats(static_cast<std::size_t>(out * in / 32 + 1), seed)) {
        std::mt19937 numbers(seed);
        for (auto &byte : packed) byte = static_cast<std::uint8_t>(numbers());
        matrix = {packed.data(), absmax.data(), code.data(), out, in, 5};
    }
    double value(std::size_t flat) const {
        const int nibble = flat % 2 == 0 ? packed[flat / 2] >> 4 : packed[flat / 2] & 15;
        return static_cast<double>(code[static_cast<std::size_t>(nibble)]) * static_cast<double>(absmax[flat >> 5]);
    }
};

struct Int8Sample {
    std::vector<std::int8_t> codes;
    std::vector<float> scale;
    Int8Matrix matrix;
    Int8Sample(std::int64_t out, std::int64_t in, unsigned seed)
        : codes(static_cast<std::size_t>(out * in)), scale(random_floats(static_cast<std::size_t>(out), seed)) {
        std::mt19937 numbers(seed);
        for (auto &code : codes) code = static_cast<std::int8_t>(static_cast<int>(numbers() % 255) - 127);
        matrix = {codes.data(), scale.data(), out, in};
    }
    double value(std::size_t flat) const {
        return static_cast<double>(codes[flat]) * static_cast<double>(scale[flat / static_cast<std::size_t>(matrix.in)]);
    }
};

bool can(const FourBitMatrix &m, std::int64_t rows) {
    return kernels().can_multiply_four_bit(m, rows);
}
bool can(const Int8Matrix &m, std::int64_t rows) {
    return kernels().can_multiply_int8(m, rows);
}
void multiply(const Products<FourBitMatrix> &p) {
    kernels().multiply_four_bit(p, nullptr);
}
void multiply(const Products<Int8Matrix> &p) {
    kernels().multiply_int8(p, nullptr);
}

template <class Sample, class Matrix>
void check_products(Type type, std::int64_t in, std::int64_t rows) {
    constexpr std::int64_t outs[] = {40, 5};
    const Sample samples[] = {{outs[0], in, 1}, {outs[1], in, 2}};
    const Values x = Values::random(type, static_cast<std::size_t>(rows * in), 3), bias = Values::random(type, 40, 4);
    Values y[] = {Values::none(type, static_cast<std::size_t>(rows * outs[0])),
                  Values::none(type, static_cast<std::size_t>(rows * outs[1]))};
    Products<Matrix> p;
    p.type = type;
    p.count = 2;
    p.x = x.data();
    p.rows = rows;
    for (std::size_t i = 0; i < 2; ++i) p.matrices[i] = samples[i].matrix, p.y[i] = y[i].data();
    p.bias[0] = bias.data();
    REQUIRE(can(p.matrices[0], rows));
    multiply(p);
    for (std::size_t i = 0; i < 2; ++i) {
        double worst = 0;
        for (std::int64_t row = 0; row < rows; ++row) {
            for (std::int64_t column = 0; column < outs[i]; ++column) {
                double sum = i == 0 ? bias[static_cast<std::size_t>(column)] : 0, sizes = 1e-3;
                for (std::int64_t k = 0; k < in; ++k) {
                    const double product =
                        samples[i].value(static_cast<std::size_t>(column * in + k)) * x[static_cast<std::size_t>(row * in + k)];
                    sum += product;
                    sizes += std::abs(product);
                }
                // Not a number compares false.
                const double apart = std::abs(y[i][static_cast<std::size_t>(row * outs[i] + column)] - sum) / sizes;
                worst = apart <= worst ? worst : apart;
            }
        }
        CAPTURE(i);
        CHECK(worst < 2 * unit_of(type));
    }
}

}  // namespace

TEST_CASE("products of few and many rows with packed weights are those of plain sums") {
    for (const Type type : types) {
        for (const std::int64_t rows : {1, 3, 8, 9, 17, 40, 64}) {
            for (const std::int64_t in : {96, 288, 40}) {
                CAPTURE(static_cast<int>(type));
                CAPTURE(rows);
                CAPTURE(in);
                if (in % 32 != 0 && rows > 8) continue;
                check_products<FourBitSample, FourBitMatrix>(type, in, rows);
                check_products<Int8Sample, Int8Matrix>(type, in, rows);
            }
        }
    }
    CHECK_FALSE(can(FourBitSample(4, 40, 1).matrix, 9));
    CHECK_FALSE(can(FourBitSample(4, 12, 1).matrix, 1));
    CHECK_FALSE(can(Int8Sample(4, 64, 1).matrix, 65));
    check_products<Int8Sample, Int8Matrix>(Type::F16, 13, 2);
}

TEST_CASE("weights are written out as their values, rounded once") {
    for (const Type type : types) {
        for (const auto &[out, in] : {std::pair<std::int64_t, std::int64_t>{6, 64}, {3, 11}}) {
            const auto count = static_cast<std::size_t>(out * in);
            const FourBitSample four(out, in, 1);
            const Int8Sample eight(out, in, 2);
            Values a = Values::none(type, count), b = Values::none(type, count), expected(type, count);
            kernels().widen_four_bit(four.matrix, type, a.data(), nullptr);
            kernels().widen_int8(eight.matrix, type, b.data(), nullptr);
            for (std::size_t i = 0; i < count; ++i) expected.set(i, static_cast<float>(four.value(i)));
            CHECK(std::memcmp(a.data(), expected.data(), count * size_of(type)) == 0);
            for (std::size_t i = 0; i < count; ++i) expected.set(i, static_cast<float>(eight.value(i)));
            CHECK(std::memcmp(b.data(), expected.data(), count * size_of(type)) == 0);
        }
    }
}

TEST_CASE("norms of rows and of sums are those of plain sums") {
    constexpr std::int64_t rows = 4, size = 72;
    const auto count = static_cast<std::size_t>(rows * size);
    for (const Type type : types) {
        for (const bool centered : {false, true}) {
            for (const bool summed : {false, true}) {
                CAPTURE(static_cast<int>(type));
                CAPTURE(centered);
                CAPTURE(summed);
                const Values x = Values::random(type, count, 1), branch = Values::random(type, count, 2);
                const std::vector<float> weight = random_floats(2 * size, 3), bias = random_floats(2 * size, 4);
                Values sum = Values::none(type, count), out = Values::none(type, count), expected_sum(type, count);
                NormRows n;
                n.type = type;
                n.x = x.data();
                if (summed) n.branch = branch.data(), n.sum = sum.data(), n.skip_scale = 0.5F, n.branch_scale = 2;
                n.out = out.data();
                n.weight = weight.data();
                if (centered) n.bias = bias.data();
                n.rows = rows;
                n.size = size;
                n.own_rows = 2;
                n.eps = 1e-3F;
                n.centered = centered;
                kernels().norm(n, nullptr);
                double worst = 0;
                for (std::size_t row = 0; row < rows; ++row) {
                    std::vector<double> values;
                    double mean = 0, squares = 0;
                    for (std::size_t i = row * size; i < (row + 1) * size; ++i) {
                        if (summed) expected_sum.set(i, static_cast<float>(0.5 * x[i] + 2 * branch[i]));
                        values.push_back(summed ? expected_sum[i] : x[i]);
                        mean += values.back() / size;
                    }
                    for (double &value : values) {
                        if (centered) value -= mean;
                        squares += value * value / size;
                    }
                    for (std::size_t i = 0; i < size; ++i) {
                        const std::size_t own = row % 2 * size + i;
                        const double value = values[i] / std::sqrt(squares + 1e-3) * static_cast<double>(weight[own]) +
                                             (centered ? static_cast<double>(bias[own]) : 0);
                        const double apart = std::abs(out[row * size + i] - value) / (1 + std::abs(value));
                        worst = apart <= worst ? worst : apart;
                    }
                }
                CHECK(worst < 4 * unit_of(type));
                if (summed) CHECK(std::memcmp(sum.data(), expected_sum.data(), count * size_of(type)) == 0);
            }
        }
    }
}

TEST_CASE("activations of rows that lie in a wider product are those of their functions") {
    constexpr std::int64_t rows = 3, size = 20, stride = 2 * size;
    const auto function = [](Activation activation, double x) {
        const auto sigmoid = [](double value) { return 1 / (1 + std::exp(-value)); };
        switch (activation) {
            case Activation::Silu:
                return x * sigmoid(x);
            case Activation::GeluTanh:
                return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
            case Activation::GeluErf:
                return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
            case Activation::Relu:
                return std::max(x, 0.0);
            case Activation::ReluSquared:
                return x > 0 ? x * x : 0;
            default:
                return std::min(x, 7.0) * sigmoid(1.702 * std::min(x, 7.0));
        }
    };
    for (const Type type : types) {
        for (const Activation activation : {Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu,
                                            Activation::ReluSquared, Activation::ClampedSwish}) {
            Values both(type, rows * stride), out = Values::none(type, rows * size);
            const std::vector<float> numbers = random_floats(rows * stride, 5);
            for (std::size_t i = 0; i < numbers.size(); ++i) both.set(i, 9 * numbers[i]);
            ActivateRows a;
            a.type = type;
            a.activation = activation;
            a.gate = both.data();
            a.up = static_cast<const char *>(both.data()) + size * size_of(type);
            a.out = out.data();
            a.gate_stride = a.up_stride = stride;
            a.out_stride = size;
            a.rows = rows;
            a.size = size;
            kernels().activate(a, nullptr);
            double worst = 0;
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t i = 0; i < size; ++i) {
                    double up = both[row * stride + size + i];
                    if (activation == Activation::ClampedSwish) up = std::clamp(up, -7.0, 7.0) + 1;
                    const double value = function(activation, both[row * stride + i]) * up;
                    const double apart = std::abs(out[row * size + i] - value) / (1 + std::abs(value));
                    worst = apart <= worst ? worst : apart;
                }
            }
            CAPTURE(static_cast<int>(type));
            CAPTURE(static_cast<int>(activation));
            CHECK(worst < 8 * unit_of(type));
        }
    }
}

namespace {

/// Sequences in pages, of which those behind a sequence's tokens hold no numbers.
struct Cache {
    Type type;
    std::int64_t kv_heads, dims, value_dims, capacity;
    int planes;
    std::vector<std::int64_t> lengths;
    std::vector<Values> pages;
    std::vector<const void *> table;

    Cache(Type type_, std::int64_t kv_heads_, std::int64_t dims_, std::int64_t value_dims_, int planes_,
          std::vector<std::int64_t> lengths_, bool filled)
        : type(type_),
          kv_heads(kv_heads_),
          dims(dims_),
          value_dims(value_dims_),
          capacity(0),
          planes(planes_),
          lengths(std::move(lengths_)) {
        for (const std::int64_t length : lengths) capacity = std::max(capacity, (length + page_tokens - 1) / page_tokens + 1);
        unsigned seed = 100;
        for (const std::int64_t length : lengths) {
            for (std::int64_t page = 0; page < capacity; ++page) {
                for (int plane = 0; plane < planes; ++plane) {
                    const std::int64_t dim = plane == 0 ? dims : value_dims;
                    Values values = Values::none(type, static_cast<std::size_t>(kv_heads * page_tokens * dim));
                    const std::vector<float> numbers = random_floats(values.size(), ++seed);
                    for (std::int64_t head = 0; head < kv_heads; ++head)
                        for (std::int64_t t = 0; filled && t < page_tokens && page * page_tokens + t < length; ++t)
                            for (std::int64_t d = 0; d < dim; ++d) {
                                const auto place = static_cast<std::size_t>((head * page_tokens + t) * dim + d);
                                values.set(place, numbers[place]);
                            }
                    pages.push_back(std::move(values));
                }
            }
        }
        for (std::size_t i = 0; i < pages.size(); ++i) {
            const auto page = static_cast<std::int64_t>(i) / planes % capacity;
            const std::int64_t length = lengths[i / static_cast<std::size_t>(planes * capacity)];
            table.push_back(page * page_tokens < length ? pages[i].data() : nullptr);
        }
    }
    double at(std::int64_t part, std::int64_t token, int plane, std::int64_t head, std::int64_t d) const {
        const auto page = static_cast<std::size_t>((part * capacity + token / page_tokens) * planes + plane);
        return pages[page][static_cast<std::size_t>(
            (head * page_tokens + token % page_tokens) * (plane == 0 ? dims : value_dims) + d)];
    }
};

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

TEST_CASE("the likeliest token is the first of the largest, and there is none where logits are no numbers") {
    constexpr std::int64_t size = 700;
    std::vector<float> rows = random_floats(5 * size, 1);
    rows[3] = rows[660] = 2;
    rows[size + 699] = 3;
    rows[2 * size + 5] = std::numeric_limits<float>::quiet_NaN();
    rows[3 * size + 5] = std::numeric_limits<float>::infinity();
    for (std::size_t i = 4 * size; i < 5 * size; ++i) rows[i] = -std::numeric_limits<float>::infinity();
    std::int32_t places[5] = {};
    kernels().largest(rows.data(), 5, size, places, nullptr);
    CHECK(places[0] == 3);
    CHECK(places[1] == 699);
    CHECK(places[2] == -1);
    CHECK(places[3] == -1);
    CHECK(places[4] == -1);
}

TEST_CASE("the host's stand-in for a device refuses what a device cannot do") {
    CHECK_THROWS_AS(run_on_host(1, 32, std::size_t{1} << 20, [] {}), std::logic_error);
    CHECK_THROWS_AS(run_on_host(0, 32, 0, [] {}), std::logic_error);
    CHECK_THROWS_AS(run_on_host(1, 64, 0,
                                [] {
                                    if (own_thread() < 40) meet_block();
                                }),
                    std::logic_error);
    CHECK_NOTHROW(run_on_host(2, 64, 0, [] { meet_block(); }));
}

}  // namespace millm::engine::cuda::test
