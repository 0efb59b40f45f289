#include "core/engine/generation/sequence.h"

#include <algorithm>
#include <span>

namespace millm::engine {

Sequence::Sequence(SequenceId id, SequenceRequest request, std::int64_t limit, std::span<const std::int32_t> eos,
                   const Tokenizer &tokenizer)
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
                                                                 : std::span<const std::int32_t>())) {
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
    const Result<std::int32_t> chosen = sampler_.choose(logits, history_);
    if (!chosen) {
        update.finish = FinishReason::Failed;
        update.error = chosen.error();
        return;
    }
    const std::int32_t token = *chosen;
    history_.append(token);
    update.tokens.push_back(logprobs ? describe_token(token, unmodified, request_.top_logprobs) : GeneratedToken{token, 0, {}});

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
    if (static_cast<std::int64_t>(tokens().size()) >= limit_) end(update, FinishReason::Length);
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
