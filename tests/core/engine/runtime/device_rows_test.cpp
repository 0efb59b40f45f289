// What the device's kernels do to rows, on the host, thread by thread; and what the host's stand-in for a device refuses.
#include "tests/core/engine/runtime/device_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <vector>

namespace millm::engine::cuda::test {

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
