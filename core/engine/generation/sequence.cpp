#include "core/engine/generation/sequence.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <span>
#include <utility>

namespace millm::engine {

namespace {

void fail(SequenceUpdate &update, const Error &error) {
    update.finish = FinishReason::Failed;
    update.error = error;
}

}  // namespace

Sequence::Sequence(SequenceId id, SequenceRequest request, std::int64_t limit, std::span<const std::int32_t> eos,
                   const Tokenizer &tokenizer, std::unique_ptr<Constraint> constraint)
    : id_(id),
      request_(std::move(request)),
      limit_(limit),
      stop_tokens_(request_.stop.stop_tokens),
      history_(std::move(request_.prompt)),
      sampler_(request_.sampling),
      stop_strings_(request_.stop.stop_strings),
      tokenizer_(tokenizer),
      stream_(tokenizer.stream(request_.skip_special_tokens, request_.continue_prompt_text
                                                                 ? std::span<const std::int32_t>(history_.tokens())
                                                                 : std::span<const std::int32_t>())),
      constraint_(std::move(constraint)) {
    if (constraint_ && request_.grammar) after_ = request_.grammar->after();
    if (!request_.stop.ignore_eos) stop_tokens_.insert(stop_tokens_.end(), eos.begin(), eos.end());
    if (request_.stop.max_new_tokens > 0) limit_ = std::min(limit_, prompt_size() + request_.stop.max_new_tokens);
    if (request_.prompt_logprobs) {
        prompt_.resize(history_.prompt_size());
        prompt_.front().id = history_.tokens().front();
    }
}

void Sequence::judge_prompt(std::int64_t position, std::span<const float> logits) {
    const auto next = static_cast<std::size_t>(position + 1);
    if (next < prompt_.size()) prompt_[next] = describe_token(history_.tokens()[next], logits, request_.top_logprobs);
}

std::vector<GeneratedToken> Sequence::take_prompt() {
    return std::move(prompt_);
}

void Sequence::choose(std::span<float> logits, SequenceUpdate &update) {
    const bool logprobs = request_.top_logprobs >= 0;
    // Logprobs tell of the distribution before the processors change it.
    std::vector<float> unmodified;
    if (logprobs) unmodified.assign(logits.begin(), logits.end());
    if (const Result<void> ruled = rule_out(logits); !ruled) return fail(update, ruled.error());
    update.mask_microseconds = std::exchange(mask_microseconds_, 0);
    const Result<std::int32_t> chosen = sampler_.choose(logits, history_);
    if (!chosen) return fail(update, chosen.error());
    accept(logprobs ? describe_token(*chosen, unmodified, request_.top_logprobs) : GeneratedToken{*chosen, 0, {}}, update);
}

bool Sequence::takes_likeliest() const {
    return sampler_.options().temperature == 0 && !changes_logits(sampler_.options()) && constraint_ == nullptr &&
           request_.top_logprobs < 0 && !wants_prompt_logprobs() &&
           (stop_tokens_.empty() || generated() >= request_.stop.min_new_tokens);
}

void Sequence::take_likeliest(std::int32_t token, SequenceUpdate &update) {
    if (token >= 0) return accept({token, 0, {}}, update);
    fail(update, logits_not_finite());
}

void Sequence::accept(GeneratedToken chosen, SequenceUpdate &update) {
    const std::int32_t token = chosen.id;
    history_.append(token);
    update.tokens.push_back(std::move(chosen));
    const bool stops = std::find(stop_tokens_.begin(), stop_tokens_.end(), token) != stop_tokens_.end();
    const bool special = request_.skip_special_tokens && tokenizer_.is_special(token);
    const bool shown = special && std::find(request_.shown_special.begin(), request_.shown_special.end(), token) !=
                                      request_.shown_special.end();
    const bool hidden = stops || special;
    if (shown && !stops) {
        update.text += stop_strings_.push(stream_->settle());
        update.text += stop_strings_.push(tokenizer_.token(token));
    } else if (!hidden) {
        update.text += stop_strings_.push(stream_->push(token));
    } else if (stop_strings_.any()) {
        // Stop strings may name what is not shown. All text before it is then certain.
        update.text += stop_strings_.push(stream_->settle());
        update.text += stop_strings_.push(tokenizer_.token(token), false);
    }
    if (!stop_strings_.found() && stops) return end(update, FinishReason::Stop);
    if (stop_strings_.found()) {
        update.stop_string = stop_strings_.which();
        update.finish = FinishReason::Stop;
        return;
    }
    if (const Result<void> followed = follow(token); !followed) return fail(update, followed.error());
    if (constraint_ && constraint_->ended()) return end(update, FinishReason::Stop);
    if (static_cast<std::int64_t>(tokens().size()) >= limit_) end(update, FinishReason::Length);
}

void Sequence::prepare() {
    const auto before = std::chrono::steady_clock::now();
    mask_ = constraint_->mask();
    prepared_ = true;
    mask_microseconds_ += std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - before).count();
}

Result<void> Sequence::rule_out(std::span<float> logits) {
    constexpr float ruled_out = -std::numeric_limits<float>::infinity();
    std::vector<std::pair<std::size_t, float>> ends;  // with their logits
    for (const std::int32_t id : stop_tokens_)
        if (id >= 0 && static_cast<std::size_t>(id) < logits.size())
            ends.emplace_back(id, logits[static_cast<std::size_t>(id)]);
    bool may_end = static_cast<std::int64_t>(tokens().size()) - prompt_size() >= request_.stop.min_new_tokens;
    if (constrained()) {
        if (!prepared_) prepare();
        prepared_ = false;
        if (!mask_) return mask_.error();
        may_end = may_end && constraint_->may_end();
        bool any = may_end && !ends.empty();
        for (std::size_t word = 0; word < mask_->size(); ++word) {
            const std::uint32_t allowed = (*mask_)[word];
            any = any || allowed != 0;
            if (allowed == ~std::uint32_t{0}) continue;
            for (std::size_t id = word * 32; id < std::min(word * 32 + 32, logits.size()); ++id)
                if ((allowed >> (id % 32) & 1) == 0) logits[id] = ruled_out;
        }
        if (!any) return Error{ErrorCode::Internal, "no token of the model goes on in the grammar"};
        if (may_end)
            for (const auto &[id, logit] : ends) logits[id] = logit;
    } else if (!may_end || constraint_) {
        // An answer that has to have a form does not end in front of it.
        for (const auto &[id, logit] : ends) logits[id] = ruled_out;
    }
    return {};
}

Result<void> Sequence::follow(std::int32_t token) {
    if (!constraint_) return {};
    if (after_.empty()) return constraint_->take(token);
    written_ += tokenizer_.is_special(token) ? tokenizer_.token(token) : tokenizer_.token_bytes(token);
    if (written_.find(after_) != std::string::npos) after_.clear();
    // No more than what may be the mark's beginning.
    else if (written_.size() > 2 * after_.size())
        written_.erase(0, written_.size() - after_.size());
    return {};
}

void Sequence::end(SequenceUpdate &update, FinishReason reason) {
    update.text += stop_strings_.push(stream_->finish());
    if (stop_strings_.found()) {
        update.stop_string = stop_strings_.which();
        reason = FinishReason::Stop;
    } else {
        update.text += stop_strings_.finish();
    }
    update.finish = reason;
}

}  // namespace millm::engine
