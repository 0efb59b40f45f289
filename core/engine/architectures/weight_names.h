#pragma once

#include "core/engine/architectures/description.h"

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// The places of a decoder that hold parameters.
enum class Slot : std::uint8_t {
    None,
    // outside the layers
    TokenEmbedding,
    PositionEmbedding,
    TypeEmbedding,
    EmbeddingNorm,
    InputProjection,       ///< from the embeddings' size to the layers'
    OutputProjection,      ///< and back
    TokenInputEmbedding,   ///< the table of the layers' token inputs
    TokenInputProjection,  ///< of the embedding into them
    TokenInputNorm,
    StreamIn,   ///< from the embedding into another stream, one for each but the first
    StreamOut,  ///< and back, behind the last layer
    FinalNorm,
    HeadBias,  ///< of a head that is the embedding
    Head,
    // norms of a layer's two branches
    BeforeMixer,
    AfterMixer,
    BeforeFeed,
    AfterFeed,
    AfterDense,  ///< of a dense feed-forward with a mixture beside it
    BeforeMixture,
    AfterMixture,
    // ways around and behind the branches
    LaurelLeft,
    LaurelRight,
    LaurelNorm,
    TokenInputGate,
    TokenInputOut,
    AfterTokenInput,
    LayerScale,
    // streams
    StreamNorm,
    StreamRouter,  ///< how much each stream's coefficients count
    StreamPrediction,
    StreamCorrection,
    StreamScale,
    // attention
    Query,
    QueryGate,
    Key,
    Value,
    QueryNorm,
    KeyNorm,
    ValueNorm,
    Sinks,
    AttentionOutput,
    // latent attention
    QueryDown,
    QueryDownNorm,
    QueryUp,
    LatentDown,  ///< the keys' latent and the rotary key
    LatentNorm,
    LatentUp,  ///< each head's plain key and value
    // convolutions and recurrences
    ConvolutionIn,  ///< b, c and x
    Convolution,    ///< [channels, 1, kernel]
    ConvolutionBias,
    ConvolutionOut,
    QueryConvolution,  ///< of the gated delta rule: three tensors, or one
    KeyConvolution,
    ValueConvolution,
    GateDown,    ///< the low rank of the output's gate
    OutputGate,  ///< of a recurrence's output
    ScanValue,   ///< of a state space; its own slots, as attention may stand beside it
    ScanKey,
    ScanQuery,
    Strength,  ///< how much of a difference is written, a value head's
    ScanKeyNorm,
    ScanQueryNorm,
    StepDown,   ///< a step's low rank
    StepNorm,   ///< of it
    Step,       ///< how far a token lets a state decay, a head's or a channel's
    StepBias,   ///< added to it
    DecayRate,  ///< the logarithm of the rate that a step is multiplied by
    InputGate,  ///< of a gated recurrence: [heads, width, width] of each, and [heads, width]
    InputGateBias,
    StepGate,
    StepGateBias,
    Skip,  ///< what of the input joins a recurrence's output, a head's or a channel's
    RecurrentNorm,
    RecurrentOut,
    MixKey,  ///< of a token mixed with the one before it: its own share, a channel's, for each product
    MixValue,
    MixGate,
    Bonus,  ///< added to a token's own key where it reads the mean
    MixFeed,
    MixFeedGate,
    // feed-forward
    Gate,
    Up,
    Down,
    XieluPositive,
    XieluNegative,
    XieluBeta,
    XieluEps,
    Router,
    RouterNorm,
    RouterCorrection,
    ExpertScales,
    ExpertGate,
    ExpertUp,
    ExpertDown,
    SharedGate,
    SharedUp,
    SharedDown,
    SharedRouter,
};

/// How the outputs of slots that share a product lie in it. Slots follow each other once, or once for each …
enum class Cut : std::uint8_t {
    Blocks,         ///< once
    QueryHeads,     ///< query head (gpt_neox)
    KeyValueHeads,  ///< key-value head: its queries, its key, its value (falcon)
    Columns,        ///< output: they alternate (gpt_oss)
    Quarters,       ///< quarter of the heads (codegen)
    DeltaKeyHeads,  ///< key head of a gated delta rule
};

enum class Storage : std::uint8_t {
    OutIn,         ///< module + ".weight", [out, in]; ".bias" beside it
    GammaBeta,     ///< a norm's module + ".gamma"; ".beta" beside it, as checkpoints from TensorFlow have them
    InOut,         ///< the same, a plain one as [in, out]: Conv1D
    Tensor,        ///< the module is the tensor's whole name
    StackedOutIn,  ///< one tensor of that whole name for all: [count, out, in]; name + "_bias" beside it
    StackedInOut,  ///< [count, in, out]
};

/// How a family spells one product or vector.
struct WeightRow {
    std::array<Slot, 5> slots{};  ///< that it holds, in the order of its outputs
    std::string_view module;      ///< "self_attn.q_proj", without layer prefix and ".weight"; '*' is an expert's number
    Cut cut = Cut::Blocks;
    Storage storage = Storage::OutIn;
};

/// How a family spells its tensors. Several rows may offer a slot: the first one that the checkpoint has wins.
struct WeightNames {
    std::string_view root;    ///< "model.": in front of all but the head; checkpoints of the bare model leave it out
    std::string_view layers;  ///< "layers.", followed by the number and a dot
    std::vector<WeightRow> outside, inside;
    std::vector<std::string_view> head = {"lm_head"};
    std::vector<std::string_view> buffers;  ///< of a layer, stored by old exporters: masks, inv_freq
};

/// `names` with rows of its own: they take the place of those rows that hold one of their slots.
WeightNames with_rows(WeightNames names, std::initializer_list<WeightRow> rows);

/// Llama's spelling, which most families share, and what they change.
const WeightNames &llama_names();

/// One product or vector that a checkpoint of the decoder has to hold.
struct WeightSpec {
    const WeightRow *row = nullptr;
    std::int64_t layer = -1;   ///< -1 outside the layers
    std::int64_t number = -1;  ///< an expert's, where each has a tensor of its own
    std::int64_t stacked = 0;  ///< experts in one tensor; 0: it is no stack
    TensorRole role = TensorRole::Unknown;
    std::string module;                ///< with root: "model.layers.0.self_attn.q_proj"
    std::vector<std::int64_t> shape;   ///< of one weight; of linears always [out, in]
    std::vector<std::int64_t> also;    ///< a vector's other shape, see Parameter
    std::vector<std::int64_t> widths;  ///< outputs of each of the row's slots
    bool bias = false;                 ///< [shape[0]]

    Slot slot() const { return row->slots[0]; }
    std::string weight_name() const;
    std::string bias_name() const;
    /// As the file has the weight where it is not quantized.
    std::vector<std::int64_t> stored_shape() const;
    bool transposed() const { return row->storage == Storage::InOut || row->storage == Storage::StackedInOut; }
};

/// Whether a checkpoint has a tensor of that name.
using HasTensor = std::function<bool(const std::string &name)>;

/// Every product and vector of the decoder, the token embedding first, then layer by layer. A tied head is not among them.
/// Where `has` is given, as that checkpoint spells them, up to the first that it lacks, which is in the family's own spelling;
/// else all in that.
std::vector<WeightSpec> weight_specs(const DecoderDescription &decoder, const HasTensor &has = {});
/// The head, tied or not.
WeightSpec head_spec(const DecoderDescription &decoder, const HasTensor &has = {});

/// What a tensor of that name is, under any of the family's spellings; Unknown to a description that describe() did not make.
struct TensorPlace {
    TensorRole role = TensorRole::Unknown;
    Storage storage = Storage::OutIn;
    Slot slot = Slot::None;  ///< the first that it holds
};
TensorPlace place_of(const DecoderDescription &decoder, std::string_view tensor_name);

}  // namespace millm::engine
