#include "core/engine/plugin/running_model.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/threads.h"
#include "core/engine/plugin/guard.h"
#include "core/engine/plugin/memory.h"

#include <algorithm>

namespace millm::engine {

namespace {

std::span<float> row_of(at::Tensor &logits, std::int64_t row) {
    return {logits.mutable_data_ptr<float>() + row * logits.size(1), static_cast<std::size_t>(logits.size(1))};
}

SequenceUpdate failed(SequenceId id, Error error) {
    SequenceUpdate update;
    update.id = id;
    update.finish = FinishReason::Failed;
    update.error = std::move(error);
    return update;
}

}  // namespace

RunningModel::RunningModel(std::unique_ptr<Decoder> decoder, ModelInfo info, std::int64_t prefill_chunk,
                           std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<ChatTemplate> chat_template)
    : decoder_(std::move(decoder)),
      info_(std::move(info)),
      prefill_chunk_(std::max<std::int64_t>(1, prefill_chunk)),
      tokenizer_(std::move(tokenizer)),
      chat_template_(std::move(chat_template)) {}

RunningModel::~RunningModel() {
    live_.clear();
    decoder_.reset();
    release_free_memory();
}

std::uint64_t RunningModel::memory_bytes() const {
    std::uint64_t total = info_.weight_bytes;
    for (const auto &live : live_) total += live->cache.bytes();
    return total;
}

Result<void> RunningModel::check(const SequenceRequest &request) const {
    if (request.prompt.empty()) return Error{ErrorCode::InvalidArgument, "the prompt has no tokens"};
    for (const std::int32_t id : request.prompt) {
        if (id < 0 || id >= info_.vocab) {
            return Error{
                ErrorCode::InvalidArgument,
                "the prompt holds token " + std::to_string(id) + ", outside the vocabulary of " + std::to_string(info_.vocab),
                info_.vocab, id};
        }
    }
    const auto tokens = static_cast<std::int64_t>(request.prompt.size());
    if (tokens >= info_.context_length) {
        return Error{ErrorCode::ContextLength,
                     "the prompt has " + std::to_string(tokens) +
                         " tokens, which leaves no room for an answer in a context of " + std::to_string(info_.context_length),
                     tokens, info_.context_length};
    }
    if (request.stop.max_new_tokens < 0)
        return Error{ErrorCode::InvalidArgument, "max_new_tokens is negative", 0, request.stop.max_new_tokens};
    for (const std::string &stop : request.stop.stop_strings) {
        if (stop.empty()) return Error{ErrorCode::InvalidArgument, "a stop string is empty"};
    }
    return check_sampling(request.sampling, info_.vocab);
}

Result<SequenceId> RunningModel::add(SequenceRequest request) {
    return guarded([&]() -> Result<SequenceId> {
        const Result<void> checked = check(request);
        if (!checked) return checked.error();
        const SequenceId id = next_id_++;
        live_.push_back(std::unique_ptr<Live>(new Live{
            Sequence(id, std::move(request), info_.context_length, info_.eos_tokens, *tokenizer_), decoder_->make_cache()}));
        return id;
    });
}

void RunningModel::cancel(SequenceId id) {
    std::erase_if(live_, [&](const auto &live) { return live->sequence.id() == id; });
}

Result<std::vector<SequenceUpdate>> RunningModel::step() {
    return guarded([&]() -> Result<std::vector<SequenceUpdate>> {
        const c10::InferenceMode inference;
        use_compute_threads();
        std::vector<SequenceUpdate> updates;
        std::vector<Live *> decoding, prefilling;
        for (const auto &live : live_) (live->prefilled() ? decoding : prefilling).push_back(live.get());
        if (!decoding.empty()) decode(decoding, updates);
        for (Live *live : prefilling) {
            const SequenceId id = live->sequence.id();
            Result<SequenceUpdate> update = guarded([&]() -> Result<SequenceUpdate> { return prefill(*live); });
            updates.push_back(update ? std::move(*update) : failed(id, update.error()));
        }
        for (const SequenceUpdate &update : updates)
            if (update.finish != FinishReason::None) cancel(update.id);
        return updates;
    });
}

void RunningModel::decode(const std::vector<Live *> &batch, std::vector<SequenceUpdate> &updates) {
    // Memory is reserved one by one, so that the sequence that asks for too much fails alone.
    std::vector<Live *> ready;
    Batch rows;
    for (Live *live : batch) {
        const std::int64_t length = live->cache.length();
        const Result<void> room = guarded([&]() -> Result<void> { return live->cache.reserve(length + 1), Result<void>(); });
        if (!room) {
            updates.push_back(failed(live->sequence.id(), room.error()));
            continue;
        }
        rows.add(live->cache, &live->sequence.tokens().back(), 1, length + 1);
        ready.push_back(live);
    }
    if (ready.empty()) return;
    const auto forward = [&]() -> Result<at::Tensor> { return decoder_->logits(decoder_->forward(rows)); };
    Result<at::Tensor> logits = guarded(forward);
    if (!logits && ready.size() > 1) {
        // The batch did not fit: each sequence alone, so that only what cannot go on fails.
        for (Live *live : ready) decode({live}, updates);
        return;
    }
    if (logits) rows.commit();
    for (std::size_t i = 0; i < ready.size(); ++i) {
        SequenceUpdate update;
        update.id = ready[i]->sequence.id();
        update.prompt_tokens_done = ready[i]->sequence.prompt_size();
        if (logits) {
            ready[i]->sequence.choose(row_of(*logits, static_cast<std::int64_t>(i)), update);
        } else {
            update = failed(update.id, logits.error());
        }
        updates.push_back(std::move(update));
    }
}

SequenceUpdate RunningModel::prefill(Live &live) {
    Sequence &sequence = live.sequence;
    const std::int64_t done = live.cache.length(), count = std::min(prefill_chunk_, sequence.prompt_size() - done);
    live.cache.reserve(done + count);
    Batch rows;
    rows.add(live.cache, sequence.tokens().data() + done, count, sequence.prompt_size());
    const at::Tensor hidden = decoder_->forward(rows);  // [count, hidden]

    SequenceUpdate update;
    update.id = sequence.id();
    update.prompt_tokens_done = done + count;
    const bool complete = done + count == sequence.prompt_size();
    if (!complete && !sequence.wants_prompt_logprobs()) {
        rows.commit();
        return update;
    }
    // Only the last row is needed, unless the prompt's own tokens are judged too.
    at::Tensor logits = decoder_->logits(sequence.wants_prompt_logprobs() ? hidden : hidden.narrow(0, count - 1, 1));
    rows.commit();
    if (sequence.wants_prompt_logprobs()) {
        for (std::int64_t row = 0; row < count; ++row) sequence.judge_prompt(done + row, row_of(logits, row));
    }
    if (complete) {
        update.prompt = sequence.take_prompt();
        sequence.choose(row_of(logits, logits.size(0) - 1), update);
    }
    return update;
}

Result<std::vector<float>> RunningModel::logits(std::span<const std::int32_t> ids) {
    return guarded([&]() -> Result<std::vector<float>> {
        const c10::InferenceMode inference;
        const auto count = static_cast<std::int64_t>(ids.size());
        if (count > info_.context_length) {
            return Error{ErrorCode::ContextLength,
                         std::to_string(count) + " tokens do not fit a context of " + std::to_string(info_.context_length),
                         count, info_.context_length};
        }
        for (const std::int32_t id : ids) {
            if (id < 0 || id >= info_.vocab) {
                return Error{ErrorCode::InvalidArgument,
                             "token " + std::to_string(id) + " lies outside the vocabulary of " + std::to_string(info_.vocab),
                             info_.vocab, id};
            }
        }
        use_compute_threads();
        std::vector<float> result(static_cast<std::size_t>(count * info_.vocab));
        KvCache cache = decoder_->make_cache();
        for (std::int64_t first = 0; first < count; first += prefill_chunk_) {
            const std::int64_t rows = std::min(prefill_chunk_, count - first);
            cache.reserve(first + rows);
            Batch batch;
            batch.add(cache, ids.data() + first, rows, count);
            const at::Tensor logits = decoder_->logits(decoder_->forward(batch)).contiguous();
            batch.commit();
            std::copy_n(logits.const_data_ptr<float>(), rows * info_.vocab, result.begin() + first * info_.vocab);
        }
        return result;
    });
}

}  // namespace millm::engine
