// Every instruction set this machine has against naive loops.
#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/kernels/cpu/numbers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace millm::engine::cpu::test {

namespace {

/// A random matrix in a format, with the values it stands for.
struct Sample {
    std::vector<std::uint8_t> bytes;
    std::vector<float> scale, code, values;
    WeightMatrix matrix;
};

Sample make_sample(Format format, std::int64_t out, std::int64_t in, int block_shift, unsigned seed) {
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

std::vector<float> random_vector(std::int64_t size, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<float> result(static_cast<std::size_t>(size));
    for (float &x : result) x = normal(random);
    return result;
}

std::vector<const Kernels *> all_kernels() {
    std::vector<const Kernels *> result;
    for (const Level *level : usable_levels()) result.push_back(&level->kernels());
    return result;
}

/// x as the kernels read it.
std::vector<std::uint8_t> arranged(const Kernels &kernels, const WeightMatrix &matrix, const std::vector<float> &x,
                                   std::int64_t vectors) {
    const std::int64_t bytes = kernels.input_bytes(matrix, vectors);
    std::vector<std::uint8_t> result(bytes > 0 ? static_cast<std::size_t>(bytes) : x.size() * sizeof(float));
    if (bytes == 0) {
        std::memcpy(result.data(), x.data(), result.size());
        return result;
    }
    for (std::int64_t first = 0; first < vectors; first += input_unit)
        kernels.arrange(matrix, x.data(), vectors, first, std::min(vectors, first + input_unit), result.data());
    return result;
}

/// y [vectors, out], computed in two parts.
std::vector<float> product(const Kernels &kernels, const WeightMatrix &matrix, const std::vector<float> &x,
                           std::int64_t vectors) {
    const std::vector<std::uint8_t> input = arranged(kernels, matrix, x, vectors);
    std::vector<float> y(static_cast<std::size_t>(vectors * matrix.out), -1.0F);
    const std::int64_t middle = matrix.out / 2;
    kernels.multiply(matrix, input.data(), vectors, 0, middle, y.data(), matrix.out);
    kernels.multiply(matrix, input.data(), vectors, middle, matrix.out, y.data(), matrix.out);
    return y;
}

float rounded_to_bf16(float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, 4);
    bits += 0x7FFFU + ((bits >> 16) & 1U);
    return bf16_to_float(static_cast<std::uint16_t>(bits >> 16));
}

constexpr Format formats[] = {Format::F32, Format::BF16, Format::F16, Format::Int8, Format::FourBit};

}  // namespace

TEST_CASE("there is a portable level, and the best one is used unless another is chosen") {
    REQUIRE(usable_levels().size() >= 1);
    CHECK(std::string(usable_levels().front()->id) == "portable");
    CHECK(&level() == usable_levels().back());
    for (const Level *one : usable_levels()) {
        CHECK(choose_level(one->id));
        CHECK(&level() == one);
        CHECK(&kernels() == &one->kernels());
    }
    CHECK_FALSE(choose_level("abacus"));
    CHECK(&level() == usable_levels().back());
    for (const Level &one : levels())
        MESSAGE((std::string(one.id) + (one.usable() ? ": run" : ": not run, this processor lacks it")));
}

TEST_CASE("halves of all patterns widen as the formats say") {
    CHECK(f16_to_float(0x3C00) == 1.0F);
    CHECK(f16_to_float(0xC000) == -2.0F);
    CHECK(f16_to_float(0x7BFF) == 65504.0F);
    CHECK(f16_to_float(0x0001) == std::ldexp(1.0F, -24));
    CHECK(f16_to_float(0x0400) == std::ldexp(1.0F, -14));
    CHECK(std::isinf(f16_to_float(0x7C00)));
    CHECK(std::isnan(f16_to_float(0x7E00)));
    CHECK(std::signbit(f16_to_float(0x8000)));
    CHECK(bf16_to_float(0x3F80) == 1.0F);
    for (const Kernels *level : all_kernels()) {
        for (std::uint32_t first = 0; first < 0x10000; first += 256) {
            std::vector<std::uint16_t> halves(256);
            std::vector<float> wide(256);
            for (std::uint32_t i = 0; i < 256; ++i) halves[i] = static_cast<std::uint16_t>(first + i);
            WeightMatrix matrix{Format::F16, 1, 256, halves.data()};
            level->widen(matrix, 0, 1, wide.data());
            for (std::uint32_t i = 0; i < 256; ++i) {
                const float expected = f16_to_float(halves[i]);
                const bool same = std::isnan(expected) ? std::isnan(wide[i]) : wide[i] == expected;
                CHECK(same);
            }
        }
    }
}

namespace {

struct Shape {
    std::int64_t out, in;
    int block_shift;
};
constexpr Shape shapes[] = {{7, 64, 6},  {9, 256, 6}, {5, 100, 6},  {3, 33, 6},    {1, 1, 6},    {6, 160, 6},
                            {4, 128, 5}, {4, 256, 7}, {13, 576, 6}, {70, 1184, 5}, {37, 2112, 6}};

/// Every matrix that the kernels tell apart: the formats, and bf16 with inputs of bf16 where they have it.
template <class F>
void for_all_matrices(F f) {
    for (const Kernels *level : all_kernels()) {
        for (const Shape &shape : shapes) {
            CAPTURE(level->name);
            CAPTURE(shape.in);
            for (const Format format : formats) {
                CAPTURE(static_cast<int>(format));
                Sample s = make_sample(format, shape.out, shape.in, shape.block_shift, 7);
                f(*level, s);
                if (format != Format::BF16 || !level->bf16_products) continue;
                s.matrix.bf16_inputs = true;
                f(*level, s);
            }
        }
    }
}

}  // namespace

TEST_CASE("widened rows have the stored values, in the order of arranged inputs") {
    for_all_matrices([](const Kernels &kernels, const Sample &s) {
        if (s.matrix.out == 1 || s.matrix.bf16_inputs) return;
        const auto in = static_cast<std::size_t>(s.matrix.in);
        std::vector<float> wide(s.values.size() - in), place(in);
        for (std::size_t i = 0; i < in; ++i) place[i] = static_cast<float>(i);
        const std::vector<std::uint8_t> bytes = arranged(kernels, s.matrix, place, 1);
        std::memcpy(place.data(), bytes.data(), in * sizeof(float));
        kernels.widen(s.matrix, 1, s.matrix.out, wide.data());
        for (std::size_t i = 0; i < wide.size(); ++i) {
            const std::size_t row = 1 + i / in;
            const float scale = s.matrix.format == Format::Int8 ? s.scale[row] : 1.0F;
            CHECK(wide[i] * scale == s.values[row * in + static_cast<std::size_t>(place[i % in])]);
        }
    });
}

TEST_CASE("products equal the naive ones in all formats and sizes") {
    for_all_matrices([](const Kernels &kernels, const Sample &s) {
        const auto in = static_cast<std::size_t>(s.matrix.in), out = static_cast<std::size_t>(s.matrix.out);
        for (const std::int64_t vectors : {1, 2, 3, 4, 5, 9, 16, 17, 33, 40}) {
            CAPTURE(vectors);
            std::vector<float> x = random_vector(vectors * s.matrix.in, 3);
            const std::vector<float> y = product(kernels, s.matrix, x, vectors);
            if (s.matrix.bf16_inputs)
                for (float &value : x) value = rounded_to_bf16(value);
            for (std::size_t v = 0; v < static_cast<std::size_t>(vectors); ++v) {
                for (std::size_t r = 0; r < out; ++r) {
                    double expected = 0, size = 0;
                    for (std::size_t k = 0; k < in; ++k) {
                        const double term = static_cast<double>(s.values[r * in + k]) * static_cast<double>(x[v * in + k]);
                        expected += term;
                        size += std::abs(term);
                    }
                    CHECK(std::abs(static_cast<double>(y[v * out + r]) - expected) <= 2e-6 * size + 1e-12);
                }
            }
        }
    });
}

TEST_CASE("a row's product has the same bits alone and in company") {
    for_all_matrices([](const Kernels &kernels, const Sample &s) {
        const auto in = static_cast<std::size_t>(s.matrix.in), out = static_cast<std::size_t>(s.matrix.out);
        const std::vector<float> x = random_vector(40 * s.matrix.in, 3);
        const std::vector<float> together = product(kernels, s.matrix, x, 40);
        for (const std::size_t count : {1, 2, 3, 4, 7, 13, 20}) {
            CAPTURE(count);
            const std::size_t from = 40 - count;
            const std::vector<float> some(x.begin() + static_cast<std::ptrdiff_t>(from * in), x.end());
            const std::vector<float> y = product(kernels, s.matrix, some, static_cast<std::int64_t>(count));
            CHECK(std::memcmp(y.data(), together.data() + from * out, y.size() * sizeof(float)) == 0);
        }
    });
}

TEST_CASE("attention that looks ahead equals softmax by hand") {
    constexpr std::int64_t dims = 20, tokens = 70, pages = 2, window = 9;
    for (const Kernels *level : all_kernels()) {
        for (const std::int64_t reach : {tokens, window}) {  // of a whole text, and of a window to both sides
            CAPTURE(level->name);
            CAPTURE(reach);
            const std::vector<float> keys = random_vector(pages * page_tokens * dims, 1),
                                     values = random_vector(pages * page_tokens * dims, 2),
                                     queries = random_vector(tokens * dims, 3);
            std::vector<float> out(static_cast<std::size_t>(tokens * dims));
            const auto pages_of = [&](const std::vector<float> &rows) {
                return std::vector<const void *>{rows.data(), rows.data() + page_tokens * dims};
            };
            const std::vector<const void *> key_pages = pages_of(keys), value_pages = pages_of(values);
            cpu::Attention a;
            a.keys = key_pages.data();
            a.values = value_pages.data();
            a.dims = a.value_dims = a.value_stride = a.row_stride = a.out_row_stride = dims;
            a.queries = queries.data();
            a.out = out.data();
            a.last = a.length = tokens;
            a.window = reach == window ? window : 0;
            a.ahead = reach == window ? window - 1 : tokens;
            a.scale = 0.25F;
            level->attend(a);
            const auto at = [&](const std::vector<float> &rows, std::int64_t row, std::int64_t d) {
                return static_cast<double>(rows[static_cast<std::size_t>(row * dims + d)]);
            };
            double largest = 0;
            for (std::int64_t q = 0; q < tokens; ++q) {
                std::vector<double> sums(static_cast<std::size_t>(dims));
                double total = 0;
                for (std::int64_t t = 0; t < tokens; ++t) {
                    if (std::abs(t - q) >= reach) continue;
                    double score = 0;
                    for (std::int64_t d = 0; d < dims; ++d) score += at(queries, q, d) * at(keys, t, d);
                    total += std::exp(score * 0.25);
                    for (std::int64_t d = 0; d < dims; ++d)
                        sums[static_cast<std::size_t>(d)] += std::exp(score * 0.25) * at(values, t, d);
                }
                for (std::int64_t d = 0; d < dims; ++d)
                    largest = std::max(largest, std::abs(sums[static_cast<std::size_t>(d)] / total - at(out, q, d)));
            }
            CHECK(largest < 1e-5);
        }
    }
}

TEST_CASE("attention of one token equals softmax by hand") {
    for (const Kernels *level : all_kernels()) {
        for (const Format format : {Format::F32, Format::BF16, Format::F16}) {
            for (const std::int64_t group : {1, 2, 3, 4, 7}) {
                for (const std::int64_t dims : {12, 16, 64, 80}) {
                    for (const std::int64_t tokens : {1, 5, 37}) {
                        CAPTURE(level->name);
                        CAPTURE(group);
                        CAPTURE(dims);
                        CAPTURE(tokens);
                        const Sample keys = make_sample(format, tokens, dims, 6, 1),
                                     values = make_sample(format, tokens, dims, 6, 2);
                        const std::vector<float> queries = random_vector(group * dims, 5);
                        std::vector<float> out(static_cast<std::size_t>(group * dims));
                        const void *key_page = keys.bytes.data(), *value_page = values.bytes.data();
                        cpu::Attention a;
                        a.format = format;
                        a.keys = &key_page;
                        a.values = &value_page;
                        a.dims = a.value_dims = a.value_stride = dims;
                        a.queries = queries.data();
                        a.out = out.data();
                        a.row_stride = a.out_row_stride = group * dims;
                        a.group = a.last = group;
                        a.position = tokens - 1;
                        a.scale = 0.25F;
                        level->attend(a);
                        for (std::int64_t g = 0; g < group; ++g) {
                            std::vector<double> weights;
                            double total = 0;
                            for (std::int64_t t = 0; t < tokens; ++t) {
                                double score = 0;
                                for (std::int64_t d = 0; d < dims; ++d)
                                    score += static_cast<double>(queries[static_cast<std::size_t>(g * dims + d)]) *
                                             static_cast<double>(keys.values[static_cast<std::size_t>(t * dims + d)]);
                                weights.push_back(std::exp(score * 0.25));
                                total += weights.back();
                            }
                            for (std::int64_t d = 0; d < dims; ++d) {
                                double expected = 0;
                                for (std::int64_t t = 0; t < tokens; ++t)
                                    expected += weights[static_cast<std::size_t>(t)] / total *
                                                static_cast<double>(values.values[static_cast<std::size_t>(t * dims + d)]);
                                CHECK(std::abs(static_cast<double>(out[static_cast<std::size_t>(g * dims + d)]) - expected) <
                                      2e-5);
                            }
                        }
                    }
                }
            }
        }
    }
}

namespace {

/// One head's recurrence of some tokens, and what it needs.
struct RecurrenceSample {
    std::vector<float> state, key, query, value, decay, rates, strength, out;

    RecurrenceSample(Decay form, std::int64_t tokens, std::int64_t keys, std::int64_t columns)
        : state(random_vector(keys * columns, 1)),
          key(random_vector(tokens * keys, 2)),
          query(random_vector(tokens * keys, 3)),
          value(random_vector(tokens * columns, 4)),
          decay(random_vector(tokens * (form == Decay::Head  ? 1
                                        : form == Decay::Key ? keys
                                                             : columns),
                              5)),
          rates(random_vector(keys * columns, 6)),
          strength(random_vector(tokens, 7)),
          out(static_cast<std::size_t>(tokens * columns)) {
        for (float &step : decay) step = std::abs(step);
        for (float &rate : rates) rate = -3 * std::abs(rate);
    }

    Recurrence over(Decay form, std::int64_t tokens, std::int64_t keys, std::int64_t columns, bool delta) {
        Recurrence r;
        r.tokens = tokens;
        r.keys = r.key_stride = r.query_stride = keys;
        r.columns = r.last = r.value_stride = r.out_stride = columns;
        r.state = state.data();
        r.key = key.data();
        r.query = query.data();
        r.value = value.data();
        r.decay = decay.data();
        r.decay_stride = form == Decay::Head ? 1 : form == Decay::Key ? keys : columns;
        if (form == Decay::Element) r.rates = rates.data();
        if (delta) {
            r.strength = strength.data();
            r.strength_stride = 1;
        }
        r.out = out.data();
        r.form = form;
        return r;
    }
};

/// The same by hand, in double: the outputs.
std::vector<double> recur_by_hand(const Recurrence &r) {
    std::vector<double> state(r.state, r.state + r.keys * r.columns), outputs;
    for (std::int64_t t = 0; t < r.tokens; ++t) {
        for (std::int64_t c = 0; c < r.columns; ++c) {
            const auto at = [&](std::int64_t k) -> double & { return state[static_cast<std::size_t>(k * r.columns + c)]; };
            double recalled = 0, read = 0;
            for (std::int64_t k = 0; k < r.keys; ++k) {
                const float *decay = r.decay + t * r.decay_stride;
                const double factor =
                    r.form == Decay::Head ? static_cast<double>(decay[0])
                    : r.form == Decay::Key
                        ? static_cast<double>(decay[k])
                        : std::exp(static_cast<double>(decay[c]) * static_cast<double>(r.rates[k * r.columns + c]));
                at(k) *= factor;
                recalled += at(k) * static_cast<double>(r.key[t * r.key_stride + k]);
            }
            double value = static_cast<double>(r.value[t * r.value_stride + c]);
            if (r.strength != nullptr) value = (value - recalled) * static_cast<double>(r.strength[t * r.strength_stride]);
            for (std::int64_t k = 0; k < r.keys; ++k) {
                at(k) += value * static_cast<double>(r.key[t * r.key_stride + k]);
                read += at(k) * static_cast<double>(r.query[t * r.query_stride + k]);
            }
            outputs.push_back(read);
        }
    }
    return outputs;
}

}  // namespace

TEST_CASE("a recurrence equals the one by hand, and a column has the same bits however they are cut") {
    for (const Kernels *level : all_kernels()) {
        for (const Decay form : {Decay::Head, Decay::Key, Decay::Element}) {
            for (const bool delta : {false, true}) {
                for (const std::int64_t columns : {1, 8, 19, 64, 67}) {
                    CAPTURE(level->name);
                    CAPTURE(static_cast<int>(form));
                    CAPTURE(delta);
                    CAPTURE(columns);
                    constexpr std::int64_t tokens = 5, keys = 6;
                    RecurrenceSample whole(form, tokens, keys, columns), cut = whole;
                    Recurrence all = whole.over(form, tokens, keys, columns, delta);
                    const std::vector<double> expected = recur_by_hand(all);
                    level->recur(all);
                    for (std::size_t i = 0; i < expected.size(); ++i)
                        CHECK(static_cast<double>(whole.out[i]) == doctest::Approx(expected[i]).epsilon(1e-5).scale(10));

                    Recurrence part = cut.over(form, tokens, keys, columns, delta);
                    for (const std::int64_t end : {columns / 3, columns}) {
                        part.last = end;
                        level->recur(part);
                        part.first = end;
                    }
                    CHECK(std::memcmp(cut.out.data(), whole.out.data(), whole.out.size() * sizeof(float)) == 0);
                    CHECK(std::memcmp(cut.state.data(), whole.state.data(), whole.state.size() * sizeof(float)) == 0);
                }
            }
        }
    }
}

TEST_CASE("norm, rotation and gate equal their formulas") {
    for (const Kernels *level : all_kernels()) {
        for (const std::int64_t size : {1, 8, 48, 67}) {
            CAPTURE(level->name);
            CAPTURE(size);
            const std::vector<float> x = random_vector(size, 1), weight = random_vector(size, 2);
            std::vector<float> out(x.size());
            level->rms_norm(x.data(), weight.data(), 1e-5F, size, out.data());
            double square = 0;
            for (const float v : x) square += static_cast<double>(v) * static_cast<double>(v);
            for (std::size_t i = 0; i < x.size(); ++i)
                CHECK(static_cast<double>(out[i]) ==
                      doctest::Approx(static_cast<double>(x[i]) / std::sqrt(square / static_cast<double>(size) + 1e-5) *
                                      static_cast<double>(weight[i]))
                          .epsilon(1e-5));

            const auto cdf = [](double v) { return (1 + std::erf(v / std::sqrt(2.0))) / 2; };
            const auto tanh_cdf = [](double v) {
                return (1 + std::tanh(std::sqrt(2 / 3.141592653589793) * (v + 0.044715 * v * v * v))) / 2;
            };
            const std::vector<float> up = random_vector(size, 4);
            for (const Activation activation :
                 {Activation::Silu, Activation::GeluTanh, Activation::GeluErf, Activation::Relu}) {
                CAPTURE(static_cast<int>(activation));
                std::vector<float> before = random_vector(size, 3), plain, gated;
                before[0] = -100.0F;
                for (float &value : before) value *= 2;
                plain = gated = before;
                level->activate(activation, plain.data(), nullptr, size);
                level->activate(activation, gated.data(), up.data(), size);
                for (std::size_t i = 0; i < before.size(); ++i) {
                    const auto v = static_cast<double>(before[i]);
                    const double expected = activation == Activation::Silu       ? v / (1 + std::exp(-v))
                                            : activation == Activation::GeluTanh ? v * tanh_cdf(v)
                                            : activation == Activation::GeluErf  ? v * cdf(v)
                                                                                 : std::max(v, 0.0);
                    CHECK(std::abs(static_cast<double>(plain[i]) - expected) < 1e-6);
                    CHECK(gated[i] == plain[i] * up[i]);
                    // The same bits wherever a value stands.
                    float alone = before[i];
                    level->activate(activation, &alone, nullptr, 1);
                    CHECK(alone == plain[i]);
                }
            }

            std::vector<float> pair = random_vector(2 * size, 5), angle = random_vector(size, 6), cos, sin;
            for (const float a : angle) cos.push_back(std::cos(a)), sin.push_back(std::sin(a));
            const std::vector<float> old = pair;
            level->rotate(pair.data(), cos.data(), sin.data(), size, false);
            for (std::size_t i = 0; i < angle.size(); ++i) {
                const std::size_t j = i + angle.size();
                CHECK(pair[i] == doctest::Approx(old[i] * cos[i] - old[j] * sin[i]).epsilon(1e-5));
                CHECK(pair[j] == doctest::Approx(old[j] * cos[i] + old[i] * sin[i]).epsilon(1e-5));
            }
        }
    }
}

}  // namespace millm::engine::cpu::test
