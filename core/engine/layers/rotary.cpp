#include "core/engine/layers/rotary.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace millm::engine {

namespace {

/// Yarn: dimensions that turn fast keep their frequency, those that turn slowly are stretched, between them it blends.
void blend_for_yarn(const RopeDescription &rope, std::vector<float> &frequencies) {
    const auto dims = static_cast<double>(rope.dims), original = static_cast<double>(rope.original_positions);
    // The dimension that turns so many times within the trained context.
    const auto dimension = [&](double turns) {
        return dims * std::log(original / (turns * 2 * std::numbers::pi)) / (2 * std::log(rope.theta));
    };
    double low = dimension(rope.beta_fast), high = dimension(rope.beta_slow);
    if (rope.truncate) low = std::floor(low), high = std::ceil(high);
    low = std::max(low, 0.0);
    high = std::min(high, dims - 1);
    if (low == high) high += 0.001;
    for (std::size_t i = 0; i < frequencies.size(); ++i) {
        const auto ramp = static_cast<float>(std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0));
        frequencies[i] = frequencies[i] / static_cast<float>(rope.factor) * ramp + frequencies[i] * (1 - ramp);
    }
}

}  // namespace

RotaryEmbedding::RotaryEmbedding(const RopeDescription &rope) : rope_(rope), frequencies_(frequencies_for(rope.theta)) {
    if (rope.scaling == RopeScaling::Yarn) blend_for_yarn(rope, frequencies_);
    if (rope.scaling == RopeScaling::LongRope) {
        stretched_ = frequencies_;
        for (std::size_t i = 0; i < frequencies_.size(); ++i) {
            frequencies_[i] /= static_cast<float>(rope.short_factors[i]);
            stretched_[i] /= static_cast<float>(rope.long_factors[i]);
        }
    }
    if (rope.scaling == RopeScaling::Linear || rope.scaling == RopeScaling::Proportional) {
        for (float &frequency : frequencies_) frequency /= static_cast<float>(rope.factor);
    }
    if (rope.scaling == RopeScaling::Proportional) {
        const auto turning = static_cast<std::size_t>(rope.turning * static_cast<double>(rope.dims) / 2);
        std::fill(frequencies_.begin() + static_cast<std::ptrdiff_t>(std::min(turning, frequencies_.size())),
                  frequencies_.end(), 0.0F);
    }
    if (rope.scaling == RopeScaling::Llama3) {
        // Waves shorter than the trained context keep their frequency, much longer ones are slowed, between them it blends.
        const auto original = static_cast<float>(rope.original_positions), factor = static_cast<float>(rope.factor);
        const auto low = static_cast<float>(rope.low_freq_factor), high = static_cast<float>(rope.high_freq_factor);
        for (float &frequency : frequencies_) {
            const float wave = 2 * std::numbers::pi_v<float> / frequency;
            if (wave < original / high) continue;
            if (wave > original / low) {
                frequency /= factor;
            } else {
                const float smooth = (original / wave - low) / (high - low);
                frequency = (1 - smooth) * frequency / factor + smooth * frequency;
            }
        }
    }
}

std::vector<float> RotaryEmbedding::frequencies_for(double theta) const {
    std::vector<float> result(static_cast<std::size_t>(rope_.dims / 2));
    for (std::size_t i = 0; i < result.size(); ++i) {
        const float exponent = static_cast<float>(2 * i) / static_cast<float>(rope_.dims);
        result[i] = 1.0F / std::pow(static_cast<float>(theta), exponent);
    }
    return result;
}

void RotaryEmbedding::angles(std::int64_t position, std::int64_t length, float *cos, float *sin) const {
    const std::vector<float> *frequencies = &frequencies_;
    if (rope_.scaling == RopeScaling::Dynamic && length > rope_.original_positions) {
        if (stretched_length_ != length) {
            const double stretch =
                rope_.factor * static_cast<double>(length) / static_cast<double>(rope_.original_positions) - (rope_.factor - 1);
            const double power = static_cast<double>(rope_.dims) / static_cast<double>(rope_.dims - 2);
            stretched_ = frequencies_for(rope_.theta * std::pow(stretch, power));
            stretched_length_ = length;
        }
        frequencies = &stretched_;
    }
    if (rope_.scaling == RopeScaling::LongRope && length > rope_.original_positions) frequencies = &stretched_;
    const auto factor = static_cast<float>(rope_.attention_factor);
    for (std::size_t i = 0; i < frequencies->size(); ++i) {
        const float angle = static_cast<float>(position) * (*frequencies)[i];
        cos[i] = std::cos(angle) * factor;
        sin[i] = std::sin(angle) * (rope_.backwards ? -factor : factor);
    }
}

}  // namespace millm::engine
