#include "core/engine/layers/experts.h"

#include "core/engine/layers/aten.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace millm::engine {

namespace {

void softmax(std::vector<float> &values) {
    const float largest = *std::ranges::max_element(values);
    float sum = 0;
    for (float &value : values) sum += value = std::exp(value - largest);
    for (float &value : values) value /= sum;
}

/// The places of the `count` largest, the largest first.
std::vector<std::int64_t> best(const std::vector<float> &values, std::int64_t count) {
    std::vector<std::int64_t> places(values.size());
    std::iota(places.begin(), places.end(), 0);
    const auto larger = [&](std::int64_t a, std::int64_t b) {
        const float left = values[static_cast<std::size_t>(a)], right = values[static_cast<std::size_t>(b)];
        return left != right ? left > right : a < b;
    };
    std::partial_sort(places.begin(), places.begin() + count, places.end(), larger);
    places.resize(static_cast<std::size_t>(count));
    return places;
}

/// Rules out the experts of all but the best groups.
void keep_groups(const RouterDescription &router, std::vector<float> &choice) {
    const std::size_t size = choice.size() / static_cast<std::size_t>(router.groups);
    std::vector<float> groups;
    for (std::size_t first = 0; first < choice.size(); first += size) {
        std::vector<float> members(choice.begin() + static_cast<std::ptrdiff_t>(first),
                                   choice.begin() + static_cast<std::ptrdiff_t>(first + size));
        std::ranges::sort(members, std::greater());
        groups.push_back(router.group_by_two_best && size > 1 ? members[0] + members[1] : members[0]);
    }
    std::vector<bool> kept(groups.size());
    for (const std::int64_t group : best(groups, router.groups_chosen)) kept[static_cast<std::size_t>(group)] = true;
    for (std::size_t i = 0; i < choice.size(); ++i)
        if (!kept[i / size]) choice[i] = -std::numeric_limits<float>::infinity();
}

/// The best of `open` and its weight among those that come near it. Logits as they are, -infinity in `open` where an expert is
/// taken.
std::pair<std::int64_t, float> nearest_best(const std::vector<float> &logits, const std::vector<float> &open, double jitter) {
    const auto best = static_cast<std::size_t>(std::ranges::max_element(open) - open.begin());
    const float most = open[best];
    float sum = 0;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const float behind = (most - logits[i]) / std::max(std::fabs(logits[i]), most);
        if (behind <= 2 * static_cast<float>(jitter)) sum += std::exp(open[i] - most);
    }
    return {static_cast<std::int64_t>(best), 1 / sum};
}

Choice sparse_mixer(const std::vector<float> &logits, double jitter) {
    std::vector<float> open = logits;
    Choice choice;
    for (int i = 0; i < 2; ++i) {
        const auto [expert, weight] = nearest_best(logits, open, jitter);
        choice.experts.push_back(expert);
        choice.weights.push_back(weight);
        open[static_cast<std::size_t>(expert)] = -std::numeric_limits<float>::infinity();
    }
    return choice;
}

}  // namespace

Choice choose_experts(const MoeDescription &moe, const float *logits, const float *correction, const float *scales) {
    const RouterDescription &router = moe.router;
    if (router.scores == RouterScores::SparseMixer) return sparse_mixer({logits, logits + moe.experts}, router.jitter);
    std::vector<float> scores(logits, logits + moe.experts);
    if (router.scores == RouterScores::Softmax) softmax(scores);
    if (router.scores == RouterScores::Sigmoid)
        for (float &score : scores) score = 1 / (1 + std::exp(-score));
    std::vector<float> choice = scores;
    if (correction != nullptr)
        for (std::size_t i = 0; i < choice.size(); ++i) choice[i] += correction[i];
    if (router.groups > 1) keep_groups(router, choice);

    Choice result;
    result.experts = best(choice, moe.chosen);
    for (const std::int64_t expert : result.experts) result.weights.push_back(scores[static_cast<std::size_t>(expert)]);
    if (router.scores == RouterScores::SoftmaxChosen) softmax(result.weights);
    if (router.normalised) {
        const float sum = std::accumulate(result.weights.begin(), result.weights.end(), 0.0F);
        for (float &weight : result.weights) weight /= sum + 1e-20F;
    }
    for (std::size_t i = 0; i < result.weights.size(); ++i) {
        result.weights[i] *= static_cast<float>(router.scale);
        if (scales != nullptr) result.weights[i] *= scales[result.experts[i]];
    }
    return result;
}

Experts::Experts(const MoeDescription &description, std::int64_t hidden, WeightSource &weights)
    : description_(description),
      router_norm_(weights.norm(Slot::RouterNorm, description.router.norm, hidden)),
      router_(weights.linear(Slot::Router)) {
    if (description.router.correction_bias) correction_ = weights.vector(Slot::RouterCorrection).to(at::kCPU);
    if (description.router.expert_scales) scales_ = weights.vector(Slot::ExpertScales).to(at::kCPU);
    for (std::int64_t number = 0; number < description.experts; ++number)
        experts_.push_back(std::make_unique<FeedForward>(
            description.expert, weights, FeedSlots{Slot::ExpertGate, Slot::ExpertUp, Slot::ExpertDown}, number));
    if (description.shared.size == 0) return;
    shared_ = std::make_unique<FeedForward>(description.shared, weights,
                                            FeedSlots{Slot::SharedGate, Slot::SharedUp, Slot::SharedDown});
    if (description.shared_gate) shared_router_ = weights.linear(Slot::SharedRouter);
}

at::Tensor Experts::forward(const at::Tensor &x, const at::Tensor &asked) const {
    const std::int64_t rows = x.size(0);
    at::Tensor logits = router_->forward(router_norm_.forward(asked)).to(at::kCPU, at::kFloat).contiguous();
    if (description_.router.logit_scale != 1) logits.mul_(description_.router.logit_scale);
    const auto values_of = [](const at::Tensor &values) { return values.defined() ? values.const_data_ptr<float>() : nullptr; };
    struct Assigned {
        std::vector<std::int64_t> rows;
        std::vector<float> weights;
    };
    std::vector<Assigned> assigned(experts_.size());
    for (std::int64_t row = 0; row < rows; ++row) {
        const Choice choice = choose_experts(description_, logits.const_data_ptr<float>() + row * description_.experts,
                                             values_of(correction_), values_of(scales_));
        for (std::size_t i = 0; i < choice.experts.size(); ++i) {
            Assigned &expert = assigned[static_cast<std::size_t>(choice.experts[i])];
            expert.rows.push_back(row);
            expert.weights.push_back(choice.weights[i]);
        }
    }
    at::Tensor out = at::zeros_like(x);
    // In the experts' order: a row's sum does not depend on which rows are beside it.
    for (std::size_t i = 0; i < assigned.size(); ++i) {
        const Assigned &expert = assigned[i];
        if (expert.rows.empty()) continue;
        const at::Tensor places = at::tensor(expert.rows, at::kLong).to(x.device());
        const at::Tensor weights = at::tensor(expert.weights, at::kFloat).to(x.device(), x.scalar_type()).unsqueeze(1);
        at::Tensor own = x.index_select(0, places);
        if (description_.weigh_inputs) own.mul_(weights);
        own = experts_[i]->forward(own);
        if (!description_.weigh_inputs) own.mul_(weights);
        out.index_add_(0, places, own);
    }
    if (!shared_) return out;
    at::Tensor shared = shared_->forward(x);
    if (shared_router_) shared.mul_(shared_router_->forward(x).sigmoid_());
    return out.add_(shared);
}

std::uint64_t Experts::bytes() const {
    std::uint64_t total = router_norm_.bytes() + router_->bytes();
    for (const at::Tensor *values : {&correction_, &scales_})
        if (values->defined()) total += values->nbytes();
    for (const auto &expert : experts_) total += expert->bytes();
    if (shared_) total += shared_->bytes();
    if (shared_router_) total += shared_router_->bytes();
    return total;
}

}  // namespace millm::engine
