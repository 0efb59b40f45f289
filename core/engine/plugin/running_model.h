#pragma once

#include "core/engine/generation/sequence.h"
#include "core/engine/language_model.h"
#include "core/engine/layers/decoder.h"

#include <memory>
#include <vector>

namespace millm::engine {

/// A loaded decoder and the sequences it is continuing: continuous batching, one row of the batch a sequence.
class RunningModel : public LanguageModel {
public:
    RunningModel(std::unique_ptr<Decoder> decoder, ModelInfo info, std::int64_t prefill_chunk,
                 std::unique_ptr<Tokenizer> tokenizer, std::unique_ptr<ChatTemplate> chat_template);
    ~RunningModel() override;  ///< gives the memory back to the system

    const ModelInfo &info() const override { return info_; }
    const Tokenizer &tokenizer() const override { return *tokenizer_; }
    const ChatTemplate *chat_template() const override { return chat_template_.get(); }
    std::uint64_t memory_bytes() const override;
    Result<SequenceId> add(SequenceRequest request) override;
    Result<std::vector<SequenceUpdate>> step() override;
    void cancel(SequenceId id) override;
    std::size_t live_sequences() const override { return live_.size(); }
    Result<std::vector<float>> logits(std::span<const std::int32_t> ids) override;

private:
    struct Live {
        Sequence sequence;
        KvCache cache;
        bool prefilled() const { return cache.length() >= sequence.prompt_size(); }
    };
    Result<void> check(const SequenceRequest &request) const;
    void decode(const std::vector<Live *> &batch, std::vector<SequenceUpdate> &updates);
    SequenceUpdate prefill(Live &live);

    std::unique_ptr<Decoder> decoder_;
    ModelInfo info_;
    std::int64_t prefill_chunk_;
    std::unique_ptr<Tokenizer> tokenizer_;
    std::unique_ptr<ChatTemplate> chat_template_;
    std::vector<std::unique_ptr<Live>> live_;
    SequenceId next_id_ = 1;
};

}  // namespace millm::engine
