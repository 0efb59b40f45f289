#pragma once

#include "core/engine/foreign/format.h"
#include "core/engine/result.h"

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millm::engine {

// A transformer of one stack of layers as values that compose: what a family's file makes of a repository's config.json. Most
// are decoders; an encoder is one whose attention looks both ways and that has no head. Torch-free, so that memory is estimated
// and a repository judged without loading libtorch.

enum class NormKind : std::uint8_t { None, Rms, Layer };

/// A norm over the last dimension. NormKind::None: there is no norm here.
struct NormDescription {
    NormKind kind = NormKind::None;
    double eps = 1e-6;
    bool weight = true, bias = false;
    double offset = 0;  ///< added to the stored weight: 1 where checkpoints store the difference from one (gemma)

    bool exists() const { return kind != NormKind::None; }
};

enum class Activation : std::uint8_t {
    Silu,
    GeluTanh,
    GeluErf,
    Relu,
    ReluSquared,
    ClampedSwish,  ///< gpt_oss: min(x, 7) sigmoid(1.702 x), times (clamp(up, -7, 7) + 1)
    Xielu,         ///< apertus: with two learned values a layer
};

enum class RopeScaling : std::uint8_t { None, Linear, Dynamic, Llama3, Yarn, LongRope, Proportional };

/// Rotary embedding. Frequencies follow transformers' modeling_rope_utils of the same kind name.
struct RopeDescription {
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    std::int64_t dims = 0;     ///< rotated dimensions of a head: head_dim, or its first part
    bool interleaved = false;  ///< pairs are (2i, 2i + 1) instead of (i, i + dims / 2)
    double factor = 1.0;
    double low_freq_factor = 1.0;          ///< llama3
    double high_freq_factor = 4.0;         ///< llama3
    std::int64_t original_positions = 0;   ///< llama3, dynamic, yarn, longrope: positions the base was trained for
    double attention_factor = 1.0;         ///< yarn, longrope: sines and cosines are multiplied by it
    double beta_fast = 32, beta_slow = 1;  ///< yarn
    bool truncate = true;                  ///< yarn: the correction range is rounded to whole dimensions
    double alpha = 0;                      ///< dynamic: the base is widened by it once and for all (hunyuan); 0: by the length
    double score_factor = 1;               ///< yarn: what scores are multiplied by, twice (deepseek)
    double query_scale_rate = 0;           ///< yarn: see QueryScale (ministral3)
    bool backwards = false;                ///< turns the other way round (nanochat)
    double turning = 1;                    ///< proportional: the share of the pairs that turn, the first ones; the others stand
    std::vector<double> short_factors, long_factors;  ///< longrope: [dims / 2]
};

/// How scores are made and which tokens a query sees; the same for every kind of attention.
struct ScoreDescription {
    double scale = 0;           ///< of query times key; 0: 1 / sqrt(size of a head's key)
    double cap = 0;             ///< cap * tanh(score / cap); 0: none
    std::int64_t window = 0;    ///< tokens a query sees, itself included; 0: all before it
    std::int64_t chunk = 0;     ///< it sees its own chunk of so many tokens only (llama4); 0: no chunks
    bool both_ways = false;     ///< it sees what follows it as well, as far as what is before it: encoders
    bool sinks = false;         ///< a learned logit a head joins the softmax (gpt_oss)
    std::vector<float> slopes;  ///< alibi: [heads], times (key's position - query's); empty: none
};

/// query *= 1 + rate * log(1 + floor((position + offset) / floor)); rate 0: not scaled (llama4, ministral3).
struct QueryScale {
    double rate = 0;
    std::int64_t floor = 0, offset = 0;
};

enum class HeadNorm : std::uint8_t {
    Shared,     ///< over each head, all with one weight [head_dim]
    OwnWeight,  ///< over each head, with weights of its own [heads, head_dim]
    AllHeads,   ///< one norm over all heads [heads * head_dim]
};

struct AttentionDescription {
    std::int64_t heads = 0, kv_heads = 0, head_dim = 0;
    bool bias = false, output_bias = false;  ///< of query, key and value; of the output
    bool query_gate = false;                 ///< output *= sigmoid(gate); the gate is stored with the query (qwen3_next)
    double clip = 0;                         ///< query, key and value are clamped to +-clip; 0: not
    bool clip_behind_norm = false;           ///< query and key behind their norms (olmoe)
    bool values_from_keys = false;           ///< values are the key's product, before its norm (gemma4)
    NormDescription query_norm, key_norm, value_norm;
    HeadNorm norm_form = HeadNorm::Shared;
    bool norm_behind_rope = false;
    int rope = -1;  ///< index into DecoderDescription::ropes; -1: none
    ScoreDescription scores;
    QueryScale query_scale;
    std::int64_t keys_of = -1;  ///< the layer whose keys and values it reads; -1: its own (gemma3n, gemma4)
};

/// Attention over a compressed latent (deepseek): keys and values are kept as one vector of `latent` and a rotary key.
struct LatentAttentionDescription {
    std::int64_t heads = 0;
    std::int64_t query_rank = 0;  ///< 0: the query is projected at once
    std::int64_t latent = 0, plain_dim = 0, rope_dim = 0, value_dim = 0;
    bool bias = false;
    NormDescription norm;  ///< of the query's and the keys' latents
    int rope = -1;
    ScoreDescription scores;
};

/// out(c * conv(b * x)) where b, c and x are products of the input: a convolution over the last `kernel` tokens, each channel
/// by itself (lfm2).
struct ShortConvolutionDescription {
    std::int64_t kernel = 0;
    bool bias = false;
};

/// A matrix a head that each token decays, corrects by the difference between its value and what the matrix recalls for its
/// key, and reads with its query (qwen3_next, olmo_hybrid, kimi_linear).
struct GatedDeltaDescription {
    std::int64_t key_heads = 0, value_heads = 0, key_dim = 0, value_dim = 0;
    std::int64_t kernel = 0;                   ///< of the convolution over query, key and value in front of it
    Activation activation = Activation::Silu;  ///< of its results
    NormDescription norm;                      ///< of each head's output, [value_dim]
    double strength = 1;                       ///< sigmoid of the token's times this is how much of the difference is written
    std::int64_t rank = 0;  ///< kimi_linear: decays are a key's own, their steps and the gate products of so low a rank; else 0
    bool sigmoid_gate = false;  ///< the output is multiplied by sigmoid of a gate, else by its silu

    std::int64_t keys() const { return key_heads * key_dim; }
    std::int64_t values() const { return value_heads * value_dim; }
    std::int64_t convolved() const { return 2 * keys() + values(); }
};

/// Mamba's: each channel keeps `state` values. A step that the token chooses for the channel makes them decay, at learned
/// rates, and weighs what is written.
struct SelectiveScanDescription {
    std::int64_t channels = 0, state = 0, kernel = 0;
    std::int64_t rank = 0;  ///< of the product that makes a step
    bool bias = false;      ///< of the products into it and out of it
    bool convolution_bias = true;
    Activation activation = Activation::Silu;  ///< of the convolution's results
    NormDescription norm;                      ///< of a step's low rank, of keys and of queries
};

/// Mamba 2: a matrix [state, head_dim] a head that a token makes decay by one factor. Groups of heads share keys and queries.
struct StateSpaceDescription {
    std::int64_t heads = 0, head_dim = 0, groups = 1, state = 0, kernel = 0;
    bool bias = false, output_bias = false, convolution_bias = true;
    Activation activation = Activation::Silu;
    double least_step = 0, most_step = std::numeric_limits<double>::infinity();
    NormDescription norm;  ///< of the outputs of all heads, in `norm_groups` parts
    std::int64_t norm_groups = 1;
    bool gate_behind_norm = false;                ///< norm(y) * silu(gate), not norm(y * silu(gate))
    std::array<double, 5> scales{1, 1, 1, 1, 1};  ///< of gate, value, key, query and step (falcon_h1)

    std::int64_t channels() const { return heads * head_dim; }
    std::int64_t keys() const { return groups * state; }
    std::int64_t convolved() const { return channels() + 2 * keys(); }
};

/// Griffin's: a value a channel, which decays by a gate of the token's (recurrent_gemma). The gates are products in blocks.
struct GatedRecurrenceDescription {
    std::int64_t channels = 0, heads = 0, kernel = 0;
    Activation activation = Activation::GeluTanh;
};

/// A matrix a head that decays by a factor of its own (minimax).
struct LinearAttentionDescription {
    std::int64_t heads = 0, head_dim = 0;
    Activation activation = Activation::Silu;  ///< of query, key and value
    std::vector<float> decays;                 ///< [heads], factors
    NormDescription norm;                      ///< of all heads together
};

/// A mean of all tokens' values, each weighed by e^key and less with every token since, channel by channel (rwkv). Keys, values
/// and the output's gate are products of the token mixed with the one before it.
struct WeightedMeanDescription {
    std::int64_t channels = 0;
};

/// Attention and a state space read the same input; what they give is added (falcon_h1).
struct ParallelMixersDescription {
    AttentionDescription attention;
    StateSpaceDescription space;
    double attention_in = 1, attention_out = 1, space_in = 1, space_out = 1;  ///< what goes in and what comes out is scaled
};

/// The layer is its feed-forward alone.
struct NoMixerDescription {};

using MixerDescription =
    std::variant<AttentionDescription, LatentAttentionDescription, ShortConvolutionDescription, GatedDeltaDescription,
                 SelectiveScanDescription, StateSpaceDescription, GatedRecurrenceDescription, LinearAttentionDescription,
                 WeightedMeanDescription, ParallelMixersDescription, NoMixerDescription>;

struct DenseDescription {
    std::int64_t size = 0;  ///< 0: there is none
    Activation activation = Activation::Silu;
    bool gated = true;  ///< down(act(gate(x)) * up(x)), else down(act(up(x)))
    bool bias = false;
    double gate_scale = 1, scale = 1;  ///< of the gate in front of the activation, of the result (falcon_h1)
    /// The share of a token's gates that are silent, as if they were spread normally: gate = relu(gate - mean - quantile *
    /// deviation) comes before the activation (gemma3n). 0: all speak.
    double sparsity = 0;
};

enum class RouterScores : std::uint8_t {
    Softmax,        ///< over all experts, then the best are chosen
    SoftmaxChosen,  ///< over the chosen ones' logits
    Sigmoid,
    SparseMixer,  ///< the two best, one after the other, each against those that come near it (phimoe)
};

struct RouterDescription {
    RouterScores scores = RouterScores::Softmax;
    NormDescription norm;          ///< of what the router reads
    double logit_scale = 1;        ///< of its product
    bool bias = false;             ///< of the router's product
    bool correction_bias = false;  ///< added for choosing only, a stored vector
    bool normalised = true;        ///< the chosen weights are divided by their sum
    std::int64_t groups = 1, groups_chosen = 1;
    bool group_by_two_best = false;  ///< a group counts as the sum of its two best (deepseek_v3), else as its best
    double scale = 1;                ///< of the chosen weights
    bool expert_scales = false;      ///< a stored factor of each expert's weight, behind all else (gemma4)
    double jitter = 0.01;            ///< sparse mixer: half the share by which an expert may fall behind the best
};

/// A mixture of experts: the router's choice of them, and what all tokens share.
struct MoeDescription {
    std::int64_t experts = 0, chosen = 0;
    DenseDescription expert;
    DenseDescription shared;    ///< size 0: none
    bool shared_gate = false;   ///< shared *= sigmoid(a product of x) (qwen2_moe)
    bool weigh_inputs = false;  ///< the expert's input is multiplied by its weight, not its output (llama4)
    RouterDescription router;
};

/// after_dense(dense(before_dense(x))) + after_mixture(mixture(before_mixture(x))), where the router reads x itself (gemma4).
struct DenseAndMoeDescription {
    DenseDescription dense;
    MoeDescription mixture;
    NormDescription before_dense, after_dense, before_mixture, after_mixture;
};

/// sigmoid(gate(x)) * down(relu(up(x))^2), where each product reads the token mixed with the one before it (rwkv).
struct ChannelMixDescription {
    std::int64_t size = 0;
};

using FeedForwardDescription = std::variant<DenseDescription, MoeDescription, DenseAndMoeDescription, ChannelMixDescription>;

/// What passes by and what a branch gives are multiplied by these before they are added.
struct BranchScales {
    double skip = 1, branch = 1;
};

/// x + after(branch(before(x))), once for the mixer and once for the feed-forward.
struct ResidualDescription {
    NormDescription before_mixer, after_mixer, before_feed, after_feed;
    bool parallel = false;        ///< both branches read the layer's input; without before_feed they share a norm
    bool norm_sum = false;        ///< the after norms take the sum (opt's older form)
    bool skip_from_norm = false;  ///< the sum starts at before(x) (bloom's option, minimax)
    BranchScales mixer_scales, feed_scales;
};

/// A way around the mixer through few dimensions: with y = before_mixer(x), what leaves the mixer's sum is
/// (x + mixed + y + norm(right(left(y)))) / sqrt(2) (gemma3n).
struct LaurelDescription {
    std::int64_t rank = 0;  ///< 0: there is none
    NormDescription norm;
};

/// What a layer takes of the token itself, behind its feed-forward: x + norm(project(act(gate(x)) * input)), where the input is
/// the layer's part of DecoderDescription::token_inputs (gemma3n, gemma4).
struct TokenInputDescription {
    bool exists = false;
    Activation activation = Activation::GeluTanh;
    NormDescription norm;
};

struct LayerDescription {
    MixerDescription mixer;
    FeedForwardDescription feed;
    ResidualDescription residual;
    LaurelDescription laurel{};
    TokenInputDescription token_input{};
    bool scaled = false;  ///< what leaves the layer is multiplied by a stored number (gemma4)
};

/// A vector a layer for each token: (table[token] * sqrt(size) + norm(projection(x) / sqrt(hidden))) / sqrt(2), where x is the
/// token's embedding as the layers get it.
struct TokenInputsDescription {
    std::int64_t size = 0;  ///< of each layer's vector; 0: there are none
    std::int64_t rows = 0;  ///< tokens that the table knows, [rows, layers * size]; others have the first row
    NormDescription norm;   ///< of each layer's part of the projection
};

/// Several streams of hidden states pass the layers, which compute with one of them: each layer predicts all of them from each
/// other, and corrects them by what came of the one (AltUp, gemma3n).
struct StreamsDescription {
    std::int64_t count = 1;  ///< 1: nothing of this
    std::int64_t active = 0;
    bool scaled = false;   ///< what the layer's token input reads is multiplied by a stored vector
    NormDescription norm;  ///< in front of the product whose tanh weighs the coefficients
};

struct WeightNames;
class WeightIndex;

struct DecoderDescription {
    std::string model_type;    ///< config.json's, "llama"
    std::string architecture;  ///< config.json's architectures[0], "LlamaForCausalLM"
    std::int64_t vocab = 0, hidden = 0;
    std::int64_t max_positions = 0;  ///< context length
    std::vector<LayerDescription> layers;
    std::vector<RopeDescription> ropes;

    std::int64_t embedding_size = 0;    ///< of the token table where it is not `hidden`, projected into it and back (opt)
    double embedding_scale = 1;         ///< embeddings are multiplied by it
    NormDescription embedding_norm;     ///< behind the embeddings (bloom)
    std::int64_t type_rows = 0;         ///< rows of a table of token types, of which every token has the first (bert); 0: none
    std::int64_t position_rows = 0;     ///< rows of a learned table of positions; 0: none
    std::int64_t position_offset = 0;   ///< the row of position 0 in it (opt)
    bool sinusoidal_positions = false;  ///< a table that is computed: sines, then cosines (xglm)
    TokenInputsDescription token_inputs;
    StreamsDescription streams;
    NormDescription final_norm;
    bool has_head = true;          ///< false: it makes vectors of texts, each in one pass, and no logits
    bool tied_embeddings = false;  ///< lm_head is the token embedding, where the checkpoint has none of its own
    bool head_bias = false;
    double logit_scale = 1;  ///< logits are multiplied by it
    double logit_cap = 0;    ///< then cap * tanh(logit / cap); 0: none

    const WeightNames *names = nullptr;  ///< how its family spells the tensors; set by describe()
    /// What those names hold, made by describe() of the layers as they are then: what changes them makes it anew.
    std::shared_ptr<const WeightIndex> index;
    std::vector<std::int32_t> eos_tokens, bos_tokens;
    std::string torch_dtype;    ///< config's dtype/torch_dtype: "bfloat16", "" where it says none
    std::string quantization;   ///< "" or the quant_method of an already quantized repository
    ForeignFormat foreign;      ///< how such a one is packed, where it is by another program than bitsandbytes
    bool has_auto_map = false;  ///< the repository brings Python code of its own

    std::int64_t depth() const { return static_cast<std::int64_t>(layers.size()); }
    std::int64_t embedding_width() const { return embedding_size > 0 ? embedding_size : hidden; }
};

/// What a stored tensor is to the decoder.
enum class TensorRole : std::uint8_t {
    Linear,     ///< quantized by a scheme
    Router,     ///< a linear layer that stays as it is
    Embedding,  ///< token or position table
    Head,       ///< lm_head
    Norm,
    Bias,
    Vector,     ///< a parameter that is no matrix: sinks, a router's correction
    Buffer,     ///< masks, inv_freq of old exporters: ignored without a word
    Companion,  ///< of an already quantized linear: absmax, quant_map, quant_state, SCB
    Unknown,    ///< not part of this architecture: ignored
};

/// Reads a config.json (old and new spelling). Unsupported with a sentence where no row of the table fits;
/// InvalidFile where a field is missing or absurd, naming it.
Result<DecoderDescription> describe(std::string_view config_json);

/// The role of a tensor by its name in the checkpoint, under any of the family's spellings. Of a description by describe().
TensorRole role_of(const DecoderDescription &decoder, std::string_view tensor_name);

/// Every model_type that the table has a row for, for messages and documents.
std::vector<std::string_view> supported_model_types();

}  // namespace millm::engine
