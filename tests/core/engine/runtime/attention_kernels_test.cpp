// Attention of every instruction set this machine has against softmax by hand.
#include "tests/core/engine/runtime/kernel_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace millm::engine::cpu::test {

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

TEST_CASE("a query's answer has the same bits alone and in company") {
    struct Case {
        std::int64_t dims, value_dims, group, tokens, window, chunk;
    };
    constexpr Case cases[] = {{64, 64, 2, 200, 0, 0},
                              {20, 20, 1, 130, 0, 0},
                              {80, 48, 4, 150, 37, 0},
                              {128, 128, 8, 90, 0, 64},
                              {33, 7, 3, 70, 0, 0}};
    for (const Kernels *level : all_kernels()) {
        for (const Format format : {Format::F32, Format::BF16, Format::F16}) {
            for (const Case &c : cases) {
                CAPTURE(level->name);
                CAPTURE(static_cast<int>(format));
                CAPTURE(c.dims);
                const std::int64_t pages = (c.tokens + page_tokens - 1) / page_tokens, places = pages * page_tokens;
                const Sample keys = make_sample(format, places, c.dims, 6, 1),
                             values = make_sample(format, places, c.value_dims, 6, 2);
                std::vector<const void *> key_pages, value_pages;
                for (std::int64_t page = 0; page < pages; ++page) {
                    const auto bytes = [&](const Sample &s) {
                        return s.bytes.data() +
                               static_cast<std::size_t>(page) * s.bytes.size() / static_cast<std::size_t>(pages);
                    };
                    key_pages.push_back(bytes(keys));
                    value_pages.push_back(bytes(values));
                }
                const std::vector<float> queries = random_vector(c.tokens * c.group * c.dims, 3),
                                         slopes = random_vector(c.group, 4), sinks = random_vector(c.group, 5);
                const auto size = static_cast<std::size_t>(c.tokens * c.group * c.value_dims);
                std::vector<float> together(size), alone(size);
                cpu::Attention a;
                a.format = format;
                a.keys = key_pages.data();
                a.values = value_pages.data();
                a.dims = c.dims;
                a.value_dims = a.value_stride = c.value_dims;
                a.queries = queries.data();
                a.row_stride = c.group * c.dims;
                a.out_row_stride = c.group * c.value_dims;
                a.group = c.group;
                a.window = c.window;
                a.chunk = c.chunk;
                a.scale = 0.2F;
                a.cap = c.dims == 20 ? 5.0F : 0.0F;
                a.slopes = c.dims == 33 ? slopes.data() : nullptr;
                a.sinks = c.dims == 80 ? sinks.data() : nullptr;
                a.last = c.tokens * c.group;
                a.out = together.data();
                level->attend(a);
                a.out = alone.data();
                for (std::int64_t query = 0; query < c.tokens * c.group; ++query) {
                    a.first = query;
                    a.last = query + 1;
                    level->attend(a);
                }
                CHECK(std::memcmp(together.data(), alone.data(), size * sizeof(float)) == 0);
            }
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
                        const Sample keys = make_sample(format, page_tokens, dims, 6, 1),
                                     values = make_sample(format, page_tokens, dims, 6, 2);
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

}  // namespace millm::engine::cpu::test
