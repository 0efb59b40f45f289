#include "core/engine/generation/sampler.h"

#include "core/engine/decimal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

namespace millm::engine {

namespace {

std::uint64_t seed_of(const SamplingOptions &options) {
    if (options.seed) return *options.seed;
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace

Sampler::Sampler(SamplingOptions options) : options_(std::move(options)), random_(seed_of(options_)) {
    // Below what a float holds, nothing but the likeliest token is left.
    if (options_.temperature < static_cast<double>(std::numeric_limits<float>::min())) options_.temperature = 0;
}

Result<std::int32_t> Sampler::choose(std::span<float> logits, const TokenHistory &history) {
    process_logits(logits, options_, history);
    const auto most = std::max_element(logits.begin(), logits.end());
    if (!std::isfinite(*most)) return logits_not_finite();
    if (options_.temperature == 0) return static_cast<std::int32_t>(most - logits.begin());

    // By the cumulative sum in the order of ids, in f64: the same on every machine for the same logits.
    double total = 0;
    for (const float logit : logits) total += std::exp(static_cast<double>(logit) - static_cast<double>(*most));
    double left = static_cast<double>(random_() >> 11) * 0x1.0p-53 * total;
    auto last = static_cast<std::int32_t>(most - logits.begin());
    for (std::size_t id = 0; id < logits.size(); ++id) {
        const double weight = std::exp(static_cast<double>(logits[id]) - static_cast<double>(*most));
        if (weight == 0) continue;
        last = static_cast<std::int32_t>(id);
        left -= weight;
        if (left < 0) break;
    }
    return last;
}

Error logits_not_finite() {
    return {ErrorCode::Internal, "the model computed logits that are not finite numbers"};
}

Result<void> check_sampling(const SamplingOptions &o, std::int64_t vocab) {
    const auto outside = [](const char *name, double value, const char *range) {
        return Error{ErrorCode::InvalidArgument, std::string(name) + " is " + decimal_text(value) + ", outside " + range};
    };
    if (!(o.temperature >= 0) || !std::isfinite(o.temperature)) return outside("temperature", o.temperature, "0 and more");
    if (!(o.top_p > 0 && o.top_p <= 1)) return outside("top_p", o.top_p, "(0, 1]");
    if (o.top_k < 0) return outside("top_k", static_cast<double>(o.top_k), "0 and more");
    if (!(o.min_p >= 0 && o.min_p <= 1)) return outside("min_p", o.min_p, "[0, 1]");
    if (!(o.typical_p > 0 && o.typical_p <= 1)) return outside("typical_p", o.typical_p, "(0, 1]");
    if (!(o.repetition_penalty > 0) || !std::isfinite(o.repetition_penalty))
        return outside("repetition_penalty", o.repetition_penalty, "positive numbers");
    if (!std::isfinite(o.frequency_penalty)) return outside("frequency_penalty", o.frequency_penalty, "finite numbers");
    if (!std::isfinite(o.presence_penalty)) return outside("presence_penalty", o.presence_penalty, "finite numbers");
    if (o.no_repeat_ngram < 0) return outside("no_repeat_ngram", static_cast<double>(o.no_repeat_ngram), "0 and more");
    for (const auto &[id, bias] : o.logit_bias) {
        if (id < 0 || id >= vocab) {
            return Error{
                ErrorCode::InvalidArgument,
                "logit_bias names token " + std::to_string(id) + ", outside the vocabulary of " + std::to_string(vocab), vocab,
                id};
        }
        if (std::isnan(bias)) return outside("logit_bias", static_cast<double>(bias), "numbers");
    }
    return {};
}

GeneratedToken describe_token(std::int32_t id, std::span<const float> logits, int top) {
    GeneratedToken token;
    token.id = id;
    const double total = log_sum_exp(logits);
    const auto logprob = [&](std::int32_t of) {
        return static_cast<float>(static_cast<double>(logits[static_cast<std::size_t>(of)]) - total);
    };
    token.logprob = logprob(id);
    if (top <= 0) return token;
    std::vector<std::int32_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(static_cast<std::size_t>(top), order.size()));
    std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](std::int32_t a, std::int32_t b) {
        const float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
        return x != y ? x > y : a < b;
    });
    for (auto it = order.begin(); it != order.begin() + count; ++it) token.top.push_back({*it, logprob(*it)});
    return token;
}

}  // namespace millm::engine
