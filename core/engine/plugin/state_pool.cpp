#include "core/engine/plugin/state_pool.h"

#include "core/engine/layers/aten.h"

#include <algorithm>
#include <optional>

namespace millm::engine {

namespace {

constexpr std::size_t most_kept = 64;  ///< each new prompt is compared with all of them
/// Shorter beginnings are computed as fast as they are looked up and forked.
constexpr std::int64_t least_reused = page_tokens / 2;

}  // namespace

StatePool::StatePool(const Decoder &decoder, std::int64_t chunk)
    : decoder_(decoder),
      shapes_(state_shapes(decoder.description())),
      chunk_(chunk),
      element_size_(c10::elementSize(decoder.compute().cache)) {}

void StatePool::set_limit(std::uint64_t bytes) {
    limit_ = bytes;
    forget();
}

std::uint64_t StatePool::bytes_of(std::int64_t tokens) const {
    std::uint64_t total = 0;
    for (const StateShape &shape : shapes_) total += shape.bytes(tokens, chunk_, element_size_);
    return total;
}

void StatePool::reserve(std::int64_t tokens) {
    for (const StateShape &shape : shapes_) {
        if (shape.planes.empty()) continue;
        const std::uint64_t page = static_cast<std::uint64_t>(page_tokens) * shape.bytes_per_token(element_size_),
                            pages = (shape.bytes(tokens, chunk_, element_size_) - shape.fixed_bytes()) / page;
        decoder_.pages().reserve(shape.planes, static_cast<std::int64_t>(pages));
    }
}

std::int64_t StatePool::longest(std::int64_t tokens) const {
    if (limit_ == 0 || bytes_of(tokens) <= limit_) return tokens;
    std::int64_t fits = 0, too_many = tokens;
    while (too_many - fits > 1) {
        const std::int64_t middle = fits + (too_many - fits) / 2;
        (bytes_of(middle) <= limit_ ? fits : too_many) = middle;
    }
    return fits;
}

std::uint64_t StatePool::kept_fixed_bytes() const {
    std::uint64_t total = 0;
    for (const Kept &kept : kept_) total += kept.state.fixed_bytes();
    return total;
}

std::int64_t StatePool::usable(std::span<const std::int32_t> prompt, const Known &known) const {
    // Where angles depend on a prompt's length, keys do as well.
    const std::int64_t alike = decoder_.rope_limit();
    if (known.prompt > alike || static_cast<std::int64_t>(prompt.size()) > alike) return 0;
    const std::int64_t length = known.state->length();
    const auto end = known.tokens.begin() + length;
    const auto common = std::mismatch(known.tokens.begin(), end, prompt.begin(), prompt.end()).first - known.tokens.begin();
    // The last token has to pass the layers: what follows it is asked of it.
    const std::int64_t usable = std::min<std::int64_t>(common, static_cast<std::int64_t>(prompt.size()) - 1);
    return usable == length || known.state->can_truncate(usable) ? usable : 0;
}

SequenceState StatePool::begin(std::span<const std::int32_t> prompt, std::span<const Known> living) {
    std::int64_t best = least_reused - 1;
    const SequenceState *from = nullptr;
    const auto consider = [&](const Known &known) {
        const std::int64_t found = usable(prompt, known);
        if (found <= best) return false;
        best = found;
        from = known.state;
        return true;
    };
    auto used = kept_.end();
    for (auto kept = kept_.begin(); kept != kept_.end(); ++kept)
        if (consider({kept->tokens, kept->prompt, &kept->state})) used = kept;
    for (const Known &known : living)
        if (consider(known)) used = kept_.end();
    if (from == nullptr) return decoder_.make_state();
    SequenceState state = *from;
    if (!state.truncate(best)) return decoder_.make_state();
    if (used != kept_.end()) kept_.splice(kept_.begin(), kept_, used);
    return state;
}

void StatePool::keep(std::vector<std::int32_t> tokens, std::int64_t prompt, SequenceState state, std::uint64_t living_bytes) {
    const std::uint64_t bytes = state.bytes();
    if (living_bytes + bytes > limit_ || state.length() < least_reused) return;
    // One that this one goes on from is of no more use.
    for (auto kept = kept_.begin(); kept != kept_.end();) {
        const auto next = std::next(kept);
        const auto length = static_cast<std::size_t>(kept->state.length());
        if (length <= tokens.size() &&
            std::equal(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(length), kept->tokens.begin()) &&
            state.can_truncate(kept->state.length())) {
            kept_bytes_ -= kept->state.bytes();
            kept_.erase(kept);
        }
        kept = next;
    }
    while ((living_bytes + kept_bytes_ + bytes > limit_ || kept_.size() >= most_kept) && forget_oldest()) {
    }
    kept_bytes_ += bytes;
    kept_.push_front({std::move(tokens), prompt, std::move(state)});
}

bool StatePool::forget_oldest() {
    if (kept_.empty()) return false;
    kept_bytes_ -= kept_.back().state.bytes();
    kept_.pop_back();
    return true;
}

void StatePool::forget() {
    kept_.clear();
    kept_bytes_ = 0;
}

}  // namespace millm::engine
