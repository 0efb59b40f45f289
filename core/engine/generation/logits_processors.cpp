#include "core/engine/generation/logits_processors.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

namespace millm::engine {

namespace {

constexpr float ruled_out = -std::numeric_limits<float>::infinity();

std::vector<double> probabilities(std::span<const float> logits) {
    const double total = log_sum_exp(logits);
    std::vector<double> result(logits.size());
    std::transform(logits.begin(), logits.end(), result.begin(),
                   [&](float logit) { return std::exp(static_cast<double>(logit) - total); });
    return result;
}

void logit_bias(std::span<float> logits, const SamplingOptions &options, const TokenHistory &) {
    for (const auto &[id, bias] : options.logit_bias) {
        if (id >= 0 && static_cast<std::size_t>(id) < logits.size()) logits[static_cast<std::size_t>(id)] += bias;
    }
}

void repetition_penalty(std::span<float> logits, const SamplingOptions &options, const TokenHistory &history) {
    const auto penalty = static_cast<float>(options.repetition_penalty);
    for (const auto &[id, count] : history.counts()) {
        if (static_cast<std::size_t>(id) >= logits.size()) continue;
        float &logit = logits[static_cast<std::size_t>(id)];
        logit = logit < 0 ? logit * penalty : logit / penalty;
    }
}

void openai_penalties(std::span<float> logits, const SamplingOptions &options, const TokenHistory &history) {
    for (const auto &[id, count] : history.counts()) {
        if (count.generated == 0 || static_cast<std::size_t>(id) >= logits.size()) continue;
        logits[static_cast<std::size_t>(id)] -=
            static_cast<float>(options.presence_penalty + options.frequency_penalty * static_cast<double>(count.generated));
    }
}

void no_repeat_ngram(std::span<float> logits, const SamplingOptions &options, const TokenHistory &history) {
    const std::vector<std::int32_t> &tokens = history.tokens();
    const auto n = static_cast<std::size_t>(options.no_repeat_ngram);
    if (tokens.size() + 1 < n) return;
    const auto tail = tokens.end() - static_cast<std::ptrdiff_t>(n - 1);
    for (auto begin = tokens.begin(); begin + static_cast<std::ptrdiff_t>(n - 1) < tokens.end(); ++begin) {
        if (!std::equal(tail, tokens.end(), begin)) continue;
        const auto id = static_cast<std::size_t>(*(begin + static_cast<std::ptrdiff_t>(n - 1)));
        if (id < logits.size()) logits[id] = ruled_out;
    }
}

void temperature(std::span<float> logits, const SamplingOptions &options, const TokenHistory &) {
    const auto divisor = static_cast<float>(options.temperature);
    // Where the largest would leave the range of floats, all are moved so that it becomes 0: the same distribution.
    const float most = *std::max_element(logits.begin(), logits.end());
    const float moved = std::isfinite(most) && !std::isfinite(most / divisor) ? most : 0;
    for (float &logit : logits) logit = (logit - moved) / divisor;
}

void top_k(std::span<float> logits, const SamplingOptions &options, const TokenHistory &) {
    const auto k = static_cast<std::size_t>(options.top_k);
    if (k >= logits.size()) return;
    std::vector<float> order(logits.begin(), logits.end());
    std::nth_element(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k - 1), order.end(), std::greater<>());
    const float threshold = order[k - 1];  // equals stay, as in the reference
    for (float &logit : logits)
        if (logit < threshold) logit = ruled_out;
}

/// Rules out all but the front of `order` whose probabilities reach `mass`; at least one stays.
void keep_mass(std::span<float> logits, const std::vector<double> &probability, double mass,
               const std::function<bool(std::size_t, std::size_t)> &before) {
    std::vector<std::size_t> order;
    for (std::size_t id = 0; id < logits.size(); ++id)
        if (logits[id] != ruled_out) order.push_back(id);
    // Most of the mass lies on few tokens: sort only as many as turn out to be needed.
    double reached = 0;
    std::size_t kept = 0;
    for (std::size_t sorted = 0; kept < order.size() && reached < mass;) {
        const std::size_t next = std::min(order.size(), std::max<std::size_t>(256, 4 * sorted));
        std::partial_sort(order.begin() + static_cast<std::ptrdiff_t>(sorted),
                          order.begin() + static_cast<std::ptrdiff_t>(next), order.end(), before);
        for (sorted = next; kept < sorted && reached < mass; ++kept) reached += probability[order[kept]];
    }
    kept = std::max<std::size_t>(kept, 1);
    for (std::size_t i = kept; i < order.size(); ++i) logits[order[i]] = ruled_out;
}

void top_p(std::span<float> logits, const SamplingOptions &options, const TokenHistory &) {
    // Equals have an order of their own, so that the same logits always keep the same tokens.
    keep_mass(logits, probabilities(logits), options.top_p,
              [&](std::size_t a, std::size_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a > b; });
}

void min_p(std::span<float> logits, const SamplingOptions &options, const TokenHistory &) {
    const float most = *std::max_element(logits.begin(), logits.end());
    const double threshold = static_cast<double>(most) + std::log(options.min_p);
    for (float &logit : logits)
        if (static_cast<double>(logit) < threshold) logit = ruled_out;
}

void typical_p(std::span<float> logits, const SamplingOptions &options, const TokenHistory &) {
    const std::vector<double> probability = probabilities(logits);
    double entropy = 0;
    for (const double p : probability)
        if (p > 0) entropy -= p * std::log(p);
    // How far a token's information lies from what is to be expected; in f32 like the reference, where equals are equal.
    std::vector<float> surprise(logits.size());
    for (std::size_t id = 0; id < logits.size(); ++id)
        surprise[id] = static_cast<float>(std::abs(-std::log(probability[id]) - entropy));
    std::size_t last = 0;
    double reached = 0;
    std::vector<std::size_t> order(logits.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return surprise[a] < surprise[b]; });
    while (last + 1 < order.size() && (reached += probability[order[last]]) < options.typical_p) ++last;
    const float threshold = surprise[order[last]];
    for (std::size_t id = 0; id < logits.size(); ++id)
        if (surprise[id] > threshold) logits[id] = ruled_out;
}

struct Processor {
    bool (*wanted)(const SamplingOptions &);
    void (*apply)(std::span<float>, const SamplingOptions &, const TokenHistory &);
};

// In transformers' order; append a row where a new one belongs.
const Processor processors[] = {
    {[](const SamplingOptions &o) { return !o.logit_bias.empty(); }, logit_bias},
    {[](const SamplingOptions &o) { return o.repetition_penalty != 1.0; }, repetition_penalty},
    {[](const SamplingOptions &o) { return o.frequency_penalty != 0 || o.presence_penalty != 0; }, openai_penalties},
    {[](const SamplingOptions &o) { return o.no_repeat_ngram > 0; }, no_repeat_ngram},
    {[](const SamplingOptions &o) { return o.temperature != 0 && o.temperature != 1.0; }, temperature},
    {[](const SamplingOptions &o) { return o.temperature != 0 && o.top_k > 0; }, top_k},
    {[](const SamplingOptions &o) { return o.temperature != 0 && o.top_p < 1.0; }, top_p},
    {[](const SamplingOptions &o) { return o.temperature != 0 && o.min_p > 0; }, min_p},
    {[](const SamplingOptions &o) { return o.temperature != 0 && o.typical_p < 1.0; }, typical_p},
};

}  // namespace

TokenHistory::TokenHistory(std::vector<std::int32_t> prompt) : tokens_(std::move(prompt)), prompt_size_(tokens_.size()) {
    for (const std::int32_t id : tokens_) ++counts_[id].anywhere;
}

void TokenHistory::append(std::int32_t id) {
    tokens_.push_back(id);
    Count &count = counts_[id];
    ++count.anywhere;
    ++count.generated;
}

double log_sum_exp(std::span<const float> logits) {
    const double most = *std::max_element(logits.begin(), logits.end());
    double total = 0;
    for (const float logit : logits) total += std::exp(static_cast<double>(logit) - most);
    return most + std::log(total);
}

bool changes_logits(const SamplingOptions &options) {
    return std::any_of(std::begin(processors), std::end(processors), [&](const Processor &p) { return p.wanted(options); });
}

void process_logits(std::span<float> logits, const SamplingOptions &options, const TokenHistory &history) {
    for (const Processor &processor : processors)
        if (processor.wanted(options)) processor.apply(logits, options, history);
}

}  // namespace millm::engine
