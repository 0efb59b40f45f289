// Recurrences of every instruction set this machine has against those by hand.
#include "tests/core/engine/runtime/kernel_samples.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace millm::engine::cpu::test {

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

}  // namespace millm::engine::cpu::test
