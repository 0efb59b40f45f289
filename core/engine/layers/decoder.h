#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/attention.h"
#include "core/engine/layers/feed_forward.h"
#include "core/engine/layers/layer_hook.h"
#include "core/engine/layers/rotary.h"

#include <memory>
#include <optional>
#include <vector>

namespace millm::engine {

struct DecoderLayer {
    Norm attention_norm;
    Attention attention;
    Norm feed_forward_norm;
    FeedForward feed_forward;
};

/// A decoder-only transformer: embeddings, layers, the last norm and the head. Runs in inference mode of the caller.
class Decoder {
public:
    struct Weights {
        at::Tensor token_embedding;     ///< [vocab, hidden], as stored
        at::Tensor position_embedding;  ///< [positions, hidden] or undefined
        std::vector<DecoderLayer> layers;
        Norm final_norm;
        std::unique_ptr<Linear> head;  ///< a tied one shares the embedding's memory
    };
    Decoder(DecoderDescription description, Compute compute, Weights weights);

    const DecoderDescription &description() const { return description_; }
    const Compute &compute() const { return compute_; }
    KvCache make_cache() const;

    /// Hidden states behind the last norm, [rows, hidden]. Keys and values are written, but count only after batch.commit().
    at::Tensor forward(const Batch &batch, LayerHook *hook = nullptr) const;
    /// [rows, hidden] -> [rows, vocab], f32 on the CPU.
    at::Tensor logits(const at::Tensor &hidden) const;
    std::uint64_t weight_bytes() const;

private:
    at::Tensor embed(const Batch &batch) const;
    PassContext context(const Batch &batch) const;

    DecoderDescription description_;
    Compute compute_;
    Weights weights_;
    std::optional<RotaryEmbedding> rotary_;
};

}  // namespace millm::engine
