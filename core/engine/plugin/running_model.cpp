#include "core/engine/plugin/running_model.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/threads.h"
#include "core/engine/plugin/counted_memory.h"
#include "core/engine/plugin/guard.h"
#include "core/engine/plugin/memory.h"

#include <algorithm>
#include <functional>

namespace millm::engine {

namespace {

constexpr const char *makes_vectors = " makes vectors of texts (embeddings); it does not continue them";

std::span<float> row_of(at::Tensor &logits, std::int64_t row) {
    return {logits.mutable_data_ptr<float>() + row * logits.size(1), static_cast<std::size_t>(logits.size(1))};
}

/// The hook of the engine's door as one of the decoder's: each sequence's rows by themselves, in float32 on the CPU.
class HookAdapter : public LayerHook {
public:
    using IdOf = std::function<SequenceId(const SequenceState *state)>;
    HookAdapter(ResidualHook &hook, IdOf id_of) : hook_(hook), id_of_(std::move(id_of)) {}

    void after_layer(std::int64_t layer, const Batch &batch, at::Tensor &hidden) override {
        if (!hook_.wants(layer)) return;
        at::Tensor values = hidden.to(at::kCPU, at::kFloat).contiguous();
        for (const BatchPart &part : batch.parts)
            hook_.after_layer({layer, id_of_(part.state), part.position(), part.rows, values.size(1),
                               values.mutable_data_ptr<float>() + part.first_row * values.size(1)});
        if (values.data_ptr() != hidden.data_ptr()) hidden = values.to(hidden.device(), hidden.scalar_type());
    }

private:
    ResidualHook &hook_;
    IdOf id_of_;
};

SequenceUpdate failed(SequenceId id, Error error) {
    SequenceUpdate update;
    update.id = id;
    update.finish = FinishReason::Failed;
    update.error = std::move(error);
    return update;
}

}  // namespace

RunningModel::RunningModel(std::unique_ptr<Decoder> decoder, Result<Pooling> pooling, ModelInfo info,
                           std::int64_t prefill_chunk, std::unique_ptr<Tokenizer> tokenizer,
                           std::unique_ptr<ChatTemplate> chat_template)
    : decoder_(std::move(decoder)),
      pooling_(std::move(pooling)),
      info_(std::move(info)),
      prefill_chunk_(std::max<std::int64_t>(1, prefill_chunk)),
      tokenizer_(std::move(tokenizer)),
      chat_template_(std::move(chat_template)),
      states_(*decoder_, prefill_chunk_) {
    std::vector<std::int32_t> ends = info_.eos_tokens;
    ends.insert(ends.end(), info_.turn_end_tokens.begin(), info_.turn_end_tokens.end());
    grammars_ = std::make_unique<GrammarCompiler>(*tokenizer_, info_.vocab, std::move(ends));
}

RunningModel::~RunningModel() {
    live_.clear();
    states_.forget();
    decoder_.reset();
    pooling_ = Error();
    grammars_.reset();
    chat_template_.reset();
    tokenizer_.reset();
    release_free_memory();  // behind all that was large
}

std::uint64_t RunningModel::live_bytes() const {
    std::uint64_t total = 0;
    for (const auto &live : live_) total += live->state.bytes();
    return total;
}

std::uint64_t RunningModel::memory_bytes() const {
    return info_.weight_bytes + (pooling_ ? pooling_->bytes() : 0) + live_bytes() + states_.kept_bytes();
}

void RunningModel::limit_context(std::int64_t tokens) {
    info_.context_length = std::clamp<std::int64_t>(tokens, 1, info_.context_length);
}

MemoryParts RunningModel::memory() const {
    MemoryParts parts;
    parts.weights = info_.weight_bytes + (pooling_ ? pooling_->bytes() : 0);
    // Pages that several sequences share are there once.
    parts.kv_cache = decoder_->pages().bytes() + states_.kept_fixed_bytes();
    for (const auto &live : live_) parts.kv_cache += live->state.fixed_bytes();
    parts.workspace = info_.text_bytes + with_slack(workspace_);
    return parts;
}

Result<void> RunningModel::reserve_states() {
    return guarded([&]() -> Result<void> { return states_.reserve(info_.context_length), Result<void>(); });
}

Result<void> RunningModel::limit_states(std::uint64_t bytes) {
    states_.set_limit(bytes);
    const std::int64_t longest = states_.longest(info_.context_length);
    if (longest < 2)
        return Error{ErrorCode::OutOfMemory,
                     "what the model remembers of one sequence takes " + std::to_string(states_.bytes_of(2)) +
                         " bytes, and there are " + std::to_string(bytes),
                     static_cast<std::int64_t>(states_.bytes_of(2)), static_cast<std::int64_t>(bytes)};
    info_.context_length = longest;
    return {};
}

StateUse RunningModel::state_use() const {
    StateUse use{states_.limit(), live_bytes(), states_.kept_bytes(), 0, 0, preempted_, {}};
    if (const RecordedPasses *recorded = decoder_->recorded(); recorded && !recorded->failure().empty())
        use.slower = "no step is recorded, since that failed: " + recorded->failure();
    for (const auto &live : live_) ++(live->running ? use.running : use.waiting);
    return use;
}

void RunningModel::set_hook(std::shared_ptr<ResidualHook> hook) {
    // What was remembered without it, or with another one, is not what this one makes.
    states_.forget();
    hook_ = std::move(hook);
}

Result<std::shared_ptr<const CompiledGrammar>> RunningModel::compile(const Grammar &grammar) const {
    return guarded([&] { return grammars_->compile(grammar); });
}

Result<void> RunningModel::check_ids(std::span<const std::int32_t> ids) const {
    for (const std::int32_t id : ids) {
        if (id < 0 || id >= info_.vocab)
            return Error{ErrorCode::InvalidArgument,
                         "token " + std::to_string(id) + " lies outside the vocabulary of " + std::to_string(info_.vocab),
                         info_.vocab, id};
    }
    const auto count = static_cast<std::int64_t>(ids.size());
    if (count > info_.context_length) {
        return Error{ErrorCode::ContextLength,
                     std::to_string(count) + " tokens do not fit a context of " + std::to_string(info_.context_length), count,
                     info_.context_length};
    }
    return {};
}

Result<void> RunningModel::check(const SequenceRequest &request) const {
    if (!info_.generates) return Error{ErrorCode::Unsupported, info_.architecture + makes_vectors};
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
        std::unique_ptr<Constraint> constraint;
        if (request.grammar) {
            auto begun = request.grammar->begin();
            if (!begun) return begun.error();
            constraint = *std::move(begun);
        }
        const SequenceId id = next_id_++;
        live_.push_back(std::unique_ptr<Live>(new Live{
            Sequence(id, std::move(request), info_.context_length, info_.eos_tokens, *tokenizer_, std::move(constraint)), {}}));
        return id;
    });
}

void RunningModel::cancel(SequenceId id) {
    retire(id, true);
}

void RunningModel::retire(SequenceId id, bool remembers) {
    const auto found = std::ranges::find_if(live_, [&](const auto &live) { return live->sequence.id() == id; });
    if (found == live_.end()) return;
    const std::unique_ptr<Live> gone = std::move(*found);
    live_.erase(found);
    holds_ = false;
    if (remembers && states_.limit() > 0 && !hook_ && gone->running)
        states_.keep(gone->sequence.tokens(), gone->sequence.prompt_size(), std::move(gone->state), live_bytes());
}

void RunningModel::preempt(Live &live) {
    live.state = {};
    live.running = false;
    holds_ = true;
    ++preempted_;
}

void RunningModel::admit() {
    // What the running ones hold, or will at the end of their prompts, and the page that each may ask for next.
    std::uint64_t promised = 0;
    bool any = false;
    const auto needs = [&](const Live &live) {
        return std::max(live.state.bytes(),
                        states_.bytes_of(static_cast<std::int64_t>(live.sequence.tokens().size()) + page_tokens));
    };
    for (const auto &live : live_) {
        if (!live->running) continue;
        promised += needs(*live);
        any = true;
    }
    for (const auto &live : live_) {
        if (live->running) continue;
        if (states_.limit() > 0 && any && (holds_ || promised + needs(*live) > states_.limit())) return;
        promised += needs(*live);
        live->running = any = true;
        if (states_.limit() == 0 || hook_ || live->sequence.wants_prompt_logprobs()) {
            live->state = decoder_->make_state();
            continue;
        }
        std::vector<StatePool::Known> living;
        for (const auto &other : live_)
            if (other != live && other->running)
                living.push_back({other->sequence.tokens(), other->sequence.prompt_size(), &other->state});
        live->state = states_.begin(live->sequence.tokens(), living);
        if (live->sequence.generated() == 0) live->reused = live->state.length();
    }
}

bool RunningModel::make_room(Live &live, std::int64_t rows) {
    if (states_.limit() == 0) return true;
    while (live_bytes() + states_.kept_bytes() + live.state.growth(rows) > states_.limit()) {
        if (states_.forget_oldest()) continue;
        const auto newest =
            std::ranges::find_if(live_.rbegin(), live_.rend(), [](const auto &other) { return other->running; });
        if (newest->get() == &live) {
            // Alone it fits: the context is no longer than that.
            const bool alone = std::ranges::count_if(live_, [](const auto &other) { return other->running; }) == 1;
            if (alone) return true;
            preempt(live);
            return false;
        }
        preempt(**newest);
    }
    return true;
}

Result<std::vector<SequenceUpdate>> RunningModel::step() {
    return guarded([&]() -> Result<std::vector<SequenceUpdate>> {
        const c10::InferenceMode inference;
        use_compute_threads();
        std::vector<SequenceUpdate> updates;
        std::vector<Piece> pieces;
        const auto take = [&](Live &live, std::int64_t rows) {
            if (!make_room(live, rows)) return;
            // Memory is reserved one by one, so that the sequence that asks for too much fails alone.
            const Result<void> room = guarded([&]() -> Result<void> { return live.state.reserve(rows), Result<void>(); });
            if (room) {
                pieces.push_back({&live, rows});
            } else {
                updates.push_back(failed(live.sequence.id(), room.error()));
            }
        };
        admit();
        for (const auto &live : live_)
            if (live->running && live->pending() == 1) take(*live, 1);
        // Prompts share what a step may take, the oldest first.
        std::int64_t budget = prefill_chunk_;
        for (const auto &live : live_) {
            const std::int64_t pending = live->pending(), done = live->state.length(), prompt = live->sequence.prompt_size();
            if (!live->running || pending == 1 || budget == 0) continue;
            std::int64_t rows = std::min(budget, pending);
            // What was chosen once passes again behind the prompt, with the angles that it had.
            if (done < prompt)
                rows = std::min(rows, prompt - done);
            else if (done + rows > decoder_->rope_limit())
                rows = 1;
            budget -= rows;
            take(*live, rows);
        }
        std::erase_if(pieces, [](const Piece &piece) { return !piece.live->running; });
        run(pieces, updates);
        for (const SequenceUpdate &update : updates)
            if (update.finish != FinishReason::None) retire(update.id, update.finish != FinishReason::Failed);
        return updates;
    });
}

void RunningModel::run(const std::vector<Piece> &pieces, std::vector<SequenceUpdate> &updates) {
    if (pieces.empty()) return;
    // Grammars say what may come while the layers find out what is likely.
    std::vector<Sequence *> asked;
    for (const Piece &piece : pieces)
        if (Sequence &sequence = piece.live->sequence; sequence.constrained() && piece.completes()) asked.push_back(&sequence);
    if (!asked.empty() && !masks_) masks_ = std::make_unique<MaskThread>();
    MaskThread::Work masks = asked.empty() ? MaskThread::Work() : masks_->prepare(std::move(asked));
    Batch batch;
    std::vector<std::int64_t> judged;  // rows whose logits are needed
    for (const Piece &piece : pieces) {
        Live &live = *piece.live;
        const std::int64_t done = live.state.length(), first = batch.rows();
        if (!live.queued) live.queued = std::chrono::duration<double>(std::chrono::steady_clock::now() - live.added).count();
        batch.add(live.state, live.sequence.tokens().data() + done, piece.rows,
                  std::max(done + piece.rows, live.sequence.prompt_size()));
        if (live.sequence.wants_prompt_logprobs()) {
            for (std::int64_t row = 0; row < piece.rows; ++row) judged.push_back(first + row);
        } else if (piece.completes()) {
            judged.push_back(batch.rows() - 1);
        }
    }
    const CountedPeak peak;
    Result<Outcome> outcome = guarded([&]() -> Result<Outcome> { return compute(pieces, batch, judged); });
    masks.wait();
    note_workspace(peak.bytes(), batch);
    if (!outcome && pieces.size() > 1) {
        // The pass did not fit: each sequence alone, so that only what cannot go on fails.
        for (const Piece &piece : pieces) run({piece}, updates);
        return;
    }
    if (!outcome) {
        updates.push_back(failed(pieces.front().live->sequence.id(), outcome.error()));
        return;
    }
    batch.commit();
    std::int64_t row = 0;
    for (const Piece &piece : pieces) updates.push_back(judge(piece, *outcome, row));
}

RunningModel::Outcome RunningModel::compute(const std::vector<Piece> &pieces, const Batch &batch,
                                            const std::vector<std::int64_t> &judged) {
    const bool single = std::ranges::all_of(pieces, [](const Piece &piece) { return piece.rows == 1 && piece.completes(); });
    if (single && decoder_->has_next() && !hook_) {
        const RecordedPasses::Result next = decoder_->next(batch);
        const bool largest =
            std::ranges::all_of(pieces, [](const Piece &piece) { return piece.live->sequence.takes_likeliest(); });
        if (largest && next.likeliest.defined()) return {{}, next.likeliest.to(at::kCPU)};
        return {decoder_->told(next.logits), {}};
    }
    const at::Tensor hidden = forward(batch);  // [rows, hidden]
    if (judged.empty()) return {};
    const bool all = static_cast<std::int64_t>(judged.size()) == batch.rows();
    return {decoder_->logits(all ? hidden : hidden.index_select(0, at::tensor(judged, at::kLong).to(hidden.device()))), {}};
}

SequenceUpdate RunningModel::judge(const Piece &piece, Outcome &outcome, std::int64_t &row) {
    Sequence &sequence = piece.live->sequence;
    const std::int64_t done = piece.live->state.length() - piece.rows, prompt = sequence.prompt_size();
    SequenceUpdate update;
    update.id = sequence.id();
    update.prompt_tokens_done = std::min(done + piece.rows, prompt);
    update.prompt_tokens_reused = piece.live->reused;
    update.queue_seconds = piece.live->queued.value_or(0);
    const bool judges_prompt = sequence.wants_prompt_logprobs(), complete = piece.live->pending() == 0;
    if (judges_prompt)
        for (std::int64_t i = 0; i < piece.rows; ++i) sequence.judge_prompt(done + i, row_of(outcome.logits, row + i));
    if (complete) {
        if (judges_prompt) update.prompt = sequence.take_prompt();
        if (outcome.likeliest.defined())
            sequence.take_likeliest(outcome.likeliest.const_data_ptr<std::int32_t>()[row], update);
        else
            sequence.choose(row_of(outcome.logits, judges_prompt ? row + piece.rows - 1 : row), update);
    }
    row += judges_prompt ? piece.rows : complete ? 1 : 0;
    return update;
}

void RunningModel::note_workspace(std::uint64_t taken, const Batch &batch) {
    // The recurrent states that the pass wrote count as states.
    std::uint64_t written = 0;
    for (const BatchPart &part : batch.parts) written += part.state->fixed_bytes() / 2;
    workspace_ = std::max(workspace_, taken - std::min(taken, written));
}

at::Tensor RunningModel::forward(const Batch &batch) {
    if (!hook_) return decoder_->forward(batch);
    HookAdapter adapter(*hook_, [this](const SequenceState *state) {
        const auto found = std::ranges::find_if(live_, [&](const auto &live) { return &live->state == state; });
        return found == live_.end() ? SequenceId{0} : (*found)->sequence.id();
    });
    return decoder_->forward(batch, &adapter);
}

void RunningModel::pass(std::span<const std::int32_t> ids, const std::function<void(std::int64_t, const at::Tensor &)> &take) {
    const auto count = static_cast<std::int64_t>(ids.size());
    SequenceState state = decoder_->make_state();
    for (std::int64_t first = 0; first < count; first += prefill_chunk_) {
        const std::int64_t rows = std::min(prefill_chunk_, count - first);
        state.reserve(rows);
        Batch batch;
        batch.add(state, ids.data() + first, rows, count);
        const CountedPeak peak;
        take(first, forward(batch));
        note_workspace(peak.bytes(), batch);
        batch.commit();
    }
}

Result<std::vector<float>> RunningModel::logits(std::span<const std::int32_t> ids) {
    return guarded([&]() -> Result<std::vector<float>> {
        const c10::InferenceMode inference;
        if (!info_.generates) return Error{ErrorCode::Unsupported, info_.architecture + makes_vectors};
        if (const Result<void> checked = check_ids(ids); !checked) return checked.error();
        use_compute_threads();
        std::vector<float> result(ids.size() * static_cast<std::size_t>(info_.vocab));
        pass(ids, [&](std::int64_t first, const at::Tensor &hidden) {
            const at::Tensor logits = decoder_->logits(hidden).contiguous();
            std::copy_n(logits.const_data_ptr<float>(), logits.numel(), result.begin() + first * info_.vocab);
        });
        return result;
    });
}

at::Tensor RunningModel::pass_together(std::span<const std::vector<std::int32_t>> texts) {
    std::vector<SequenceState> states;
    for (std::size_t i = 0; i < texts.size(); ++i) states.push_back(decoder_->make_state());
    Batch batch;
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto rows = static_cast<std::int64_t>(texts[i].size());
        states[i].reserve(rows);
        batch.add(states[i], texts[i].data(), rows, rows);
    }
    const CountedPeak peak;
    at::Tensor normed = decoder_->normed(forward(batch));
    note_workspace(peak.bytes(), batch);
    return normed;
}

Result<std::vector<std::vector<float>>> RunningModel::embed(std::span<const std::vector<std::int32_t>> texts) {
    return guarded([&]() -> Result<std::vector<std::vector<float>>> {
        const c10::InferenceMode inference;
        if (!pooling_) return pooling_.error();
        for (const auto &text : texts) {
            if (text.empty()) return Error{ErrorCode::InvalidArgument, "the text has no tokens"};
            if (const Result<void> checked = check_ids(text); !checked) return checked.error();
        }
        use_compute_threads();
        std::vector<std::vector<float>> vectors;
        const auto add = [&](const at::Tensor &tokens) {
            const at::Tensor vector = pooling_->forward(tokens).contiguous();
            const auto *values = vector.const_data_ptr<float>();
            vectors.emplace_back(values, values + vector.numel());
        };
        const auto length = [&](std::size_t text) { return static_cast<std::int64_t>(texts[text].size()); };
        for (std::size_t first = 0; first < texts.size();) {
            // Short texts share a pass. What looks both ways has to be in one; other long texts go in pieces.
            if (info_.generates && length(first) > prefill_chunk_) {
                std::vector<at::Tensor> pieces;
                pass(texts[first], [&](std::int64_t, const at::Tensor &hidden) { pieces.push_back(decoder_->normed(hidden)); });
                add(at::cat(pieces));
                ++first;
                continue;
            }
            std::size_t end = first;
            std::int64_t rows = 0;
            do rows += length(end++);
            while (end < texts.size() && rows + length(end) <= prefill_chunk_);
            const at::Tensor tokens = pass_together(texts.subspan(first, end - first));
            for (std::int64_t row = 0; first < end; row += length(first++)) add(tokens.narrow(0, row, length(first)));
        }
        return vectors;
    });
}

}  // namespace millm::engine
