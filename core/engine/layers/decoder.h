#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/decoder_layer.h"
#include "core/engine/layers/device_pass.h"
#include "core/engine/layers/layer_hook.h"
#include "core/engine/layers/recorded_passes.h"
#include "core/engine/layers/rotary.h"
#include "core/engine/layers/streams.h"
#include "core/engine/layers/token_inputs.h"

#include <memory>
#include <vector>

namespace millm::engine {

/// A transformer: embeddings, layers, the last norm and the head, where there is one. Runs in inference mode of the caller.
class Decoder {
public:
    struct Weights {
        at::Tensor token_embedding;     ///< [vocab, embedding width], as stored
        at::Tensor position_embedding;  ///< [positions, hidden] or undefined
        at::Tensor type_embedding;      ///< [types, hidden] or undefined
        Norm embedding_norm;
        std::unique_ptr<Linear> input_projection, output_projection;  ///< where embeddings have another width
        std::unique_ptr<TokenInputs> token_inputs;                    ///< where layers take a vector of each token
        std::unique_ptr<StreamEnds> stream_ends;                      ///< where several streams pass the layers
        std::vector<DecoderLayer> layers;
        Norm final_norm;
        bool tied = false;               ///< the head's values are the embedding's
        std::unique_ptr<Linear> head;    ///< null where there is none
        bool head_is_embedding = false;  ///< and so is its memory
        at::Tensor head_bias;            ///< [vocab] f32 of a tied one that has a bias of its own
    };
    Decoder(DecoderDescription description, Compute compute, Weights weights);

    const DecoderDescription &description() const { return description_; }
    const Compute &compute() const { return compute_; }
    SequenceState make_state() const;
    PageStore &pages() const { return *pages_; }  ///< of all states
    /// Up to this many tokens of a prompt, angles do not depend on its length.
    std::int64_t rope_limit() const;

    /// Hidden states behind the last layer's output, [rows, hidden], not normed. What the sequences remember is written, but
    /// counts only after batch.commit().
    at::Tensor forward(const Batch &batch, LayerHook *hook = nullptr) const;
    /// forward()'s result behind the last norm, [rows, hidden].
    at::Tensor normed(const at::Tensor &hidden) const { return weights_.final_norm.forward(hidden); }
    /// Rows of forward()'s result -> [rows, vocab], f32 on the CPU. Of a decoder that has a head.
    at::Tensor logits(const at::Tensor &hidden) const { return told(head_logits(hidden)); }
    /// Whether next() takes passes of one row a sequence.
    bool has_next() const { return recorded_ != nullptr; }
    /// What comes behind single rows, computed by recorded launches where they have been recorded; told() makes logits of it.
    /// What the sequences remember counts after batch.commit(), as forward()'s.
    RecordedPasses::Result next(const Batch &batch);
    /// The head's result as logits(): f32, on the CPU.
    at::Tensor told(const at::Tensor &head_logits) const;
    const RecordedPasses *recorded() const { return recorded_.get(); }
    std::uint64_t weight_bytes() const;

private:
    at::Tensor embed(const Batch &batch, const PassContext &pass) const;
    at::Tensor pass_layers(const Batch &batch, PassContext &pass, LayerHook *hook) const;
    at::Tensor head_logits(const at::Tensor &hidden) const;  ///< [rows, vocab] as the head leaves them
    bool recordable() const;
    RecordedPasses::Result launch(const PassContext &pass) const;
    void show(LayerHook &hook, std::int64_t layer, const Batch &batch, at::Tensor &hidden) const;
    at::Tensor sinusoids(const std::vector<std::int64_t> &positions) const;
    PassContext context(const Batch &batch) const;
    /// What a pass of a device takes along, and its context once that was uploaded.
    std::shared_ptr<DevicePass> collect(const Batch &batch) const;
    PassContext device_context(const Batch &batch, std::shared_ptr<const DevicePass> device) const;
    /// Angles of all rows, [rows, half] each, on the CPU.
    Angles angles_of(const RotaryEmbedding &rope, const Batch &batch) const;

    DecoderDescription description_;
    Compute compute_;
    Weights weights_;
    std::vector<RotaryEmbedding> ropes_;
    std::shared_ptr<PageStore> pages_;
    DevicePass::Layout device_layout_;
    std::unique_ptr<RecordedPasses> recorded_;
};

}  // namespace millm::engine
