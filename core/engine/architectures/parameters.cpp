#include "core/engine/architectures/parameters.h"

namespace millm::engine {

namespace {

/// Appends parameters in the order of the calls.
class List {
public:
    explicit List(std::int64_t hidden) : hidden_(hidden) {}

    void linear(Slot slot, std::int64_t out, std::int64_t in, bool bias = false, std::int64_t count = 0) {
        list_.push_back({slot, TensorRole::Linear, {out, in}, bias, count});
    }
    void norm(Slot slot, const NormDescription &norm, std::int64_t size, std::int64_t count = 0) {
        if (norm.exists() && norm.weight) list_.push_back({slot, TensorRole::Norm, {size}, norm.bias, count});
    }
    void norm(Slot slot, const NormDescription &description) { norm(slot, description, hidden_); }
    void add(Parameter parameter) { list_.push_back(std::move(parameter)); }

    void head_norm(Slot slot, const NormDescription &description, HeadNorm form, std::int64_t heads, std::int64_t dim) {
        if (form == HeadNorm::OwnWeight) return norm(slot, description, dim, heads);
        norm(slot, description, form == HeadNorm::AllHeads ? heads * dim : dim);
    }

    void operator()(const AttentionDescription &a) {
        const std::int64_t q = a.heads * a.head_dim, kv = a.kv_heads * a.head_dim;
        linear(Slot::Query, q, hidden_, a.bias);
        if (a.query_gate) linear(Slot::QueryGate, q, hidden_, a.bias);
        if (a.keys_of < 0) {
            linear(Slot::Key, kv, hidden_, a.bias);
            if (!a.values_from_keys) linear(Slot::Value, kv, hidden_, a.bias);
        }
        head_norm(Slot::QueryNorm, a.query_norm, a.norm_form, a.heads, a.head_dim);
        if (a.keys_of < 0) {
            head_norm(Slot::KeyNorm, a.key_norm, a.norm_form, a.kv_heads, a.head_dim);
            head_norm(Slot::ValueNorm, a.value_norm, a.norm_form, a.kv_heads, a.head_dim);
        }
        if (a.scores.sinks) add({Slot::Sinks, TensorRole::Vector, {a.heads}});
        linear(Slot::AttentionOutput, hidden_, q, a.output_bias);
    }

    void operator()(const LatentAttentionDescription &a) {
        const std::int64_t query = a.heads * (a.plain_dim + a.rope_dim);
        if (a.query_rank > 0) {
            linear(Slot::QueryDown, a.query_rank, hidden_, a.bias);
            norm(Slot::QueryDownNorm, a.norm, a.query_rank);
            linear(Slot::QueryUp, query, a.query_rank);
        } else {
            linear(Slot::Query, query, hidden_);
        }
        linear(Slot::LatentDown, a.latent + a.rope_dim, hidden_, a.bias);
        norm(Slot::LatentNorm, a.norm, a.latent);
        linear(Slot::LatentUp, a.heads * (a.plain_dim + a.value_dim), a.latent);
        linear(Slot::AttentionOutput, hidden_, a.heads * a.value_dim, a.bias);
    }

    void operator()(const ShortConvolutionDescription &c) {
        linear(Slot::ConvolutionIn, 3 * hidden_, hidden_, c.bias);
        add({Slot::Convolution, TensorRole::Vector, {hidden_, 1, c.kernel}});
        if (c.bias) add({Slot::ConvolutionBias, TensorRole::Vector, {hidden_}});
        linear(Slot::ConvolutionOut, hidden_, hidden_, c.bias);
    }

    void operator()(const GatedDeltaDescription &d) {
        linear(Slot::Query, d.keys(), hidden_);
        linear(Slot::Key, d.keys(), hidden_);
        linear(Slot::Value, d.values(), hidden_);
        const bool low = d.rank > 0;
        if (low) linear(Slot::GateDown, d.rank, hidden_);
        linear(Slot::OutputGate, d.values(), low ? d.rank : hidden_);
        linear(Slot::Strength, d.value_heads, hidden_);
        if (low) linear(Slot::StepDown, d.rank, hidden_);
        linear(Slot::Step, low ? d.keys() : d.value_heads, low ? d.rank : hidden_);
        // transformers cuts what it had joined into equal parts, whatever they were.
        const std::int64_t third = (d.convolved() + 2) / 3;
        for (const Slot slot : {Slot::QueryConvolution, Slot::KeyConvolution, Slot::ValueConvolution}) {
            const bool last = slot == Slot::ValueConvolution;
            const std::int64_t channels = last ? d.values() : d.keys(), part = last ? d.convolved() - 2 * third : third;
            add({slot, TensorRole::Vector, {channels, 1, d.kernel}, false, 0, {part, 1, d.kernel}});
        }
        add({Slot::DecayRate, TensorRole::Vector,
             low ? std::vector<std::int64_t>{1, 1, d.value_heads, 1} : std::vector{d.value_heads}});
        add({Slot::StepBias, TensorRole::Vector, {low ? d.keys() : d.value_heads}});
        norm(Slot::RecurrentNorm, d.norm, d.value_dim);
        linear(Slot::RecurrentOut, hidden_, d.values());
    }

    void convolution(std::int64_t channels, std::int64_t kernel, bool bias) {
        add({Slot::Convolution, TensorRole::Vector, {channels, 1, kernel}});
        if (bias) add({Slot::ConvolutionBias, TensorRole::Vector, {channels}});
    }

    void operator()(const SelectiveScanDescription &s) {
        linear(Slot::ScanValue, s.channels, hidden_, s.bias);
        linear(Slot::OutputGate, s.channels, hidden_, s.bias);
        convolution(s.channels, s.kernel, s.convolution_bias);
        linear(Slot::StepDown, s.rank, s.channels);
        linear(Slot::ScanKey, s.state, s.channels);
        linear(Slot::ScanQuery, s.state, s.channels);
        norm(Slot::StepNorm, s.norm, s.rank);
        norm(Slot::ScanKeyNorm, s.norm, s.state);
        norm(Slot::ScanQueryNorm, s.norm, s.state);
        linear(Slot::Step, s.channels, s.rank, true);
        add({Slot::DecayRate, TensorRole::Vector, {s.channels, s.state}});
        add({Slot::Skip, TensorRole::Vector, {s.channels}});
        linear(Slot::RecurrentOut, hidden_, s.channels, s.bias);
    }

    void operator()(const StateSpaceDescription &s) {
        linear(Slot::OutputGate, s.channels(), hidden_, s.bias);
        linear(Slot::ScanValue, s.channels(), hidden_, s.bias);
        linear(Slot::ScanKey, s.keys(), hidden_, s.bias);
        linear(Slot::ScanQuery, s.keys(), hidden_, s.bias);
        linear(Slot::Step, s.heads, hidden_, s.bias);
        convolution(s.convolved(), s.kernel, s.convolution_bias);
        for (const Slot slot : {Slot::StepBias, Slot::DecayRate, Slot::Skip}) add({slot, TensorRole::Vector, {s.heads}});
        norm(Slot::RecurrentNorm, s.norm, s.channels());
        linear(Slot::RecurrentOut, hidden_, s.channels(), s.output_bias);
    }

    void operator()(const GatedRecurrenceDescription &r) {
        linear(Slot::OutputGate, r.channels, hidden_, true);
        linear(Slot::ScanValue, r.channels, hidden_, true);
        convolution(r.channels, r.kernel, true);
        const std::int64_t width = r.channels / r.heads;
        for (const Slot slot : {Slot::InputGate, Slot::StepGate}) add({slot, TensorRole::Vector, {r.heads, width, width}});
        for (const Slot slot : {Slot::InputGateBias, Slot::StepGateBias}) add({slot, TensorRole::Vector, {r.heads, width}});
        add({Slot::DecayRate, TensorRole::Vector, {r.channels}});
        linear(Slot::RecurrentOut, hidden_, r.channels, true);
    }

    void operator()(const LinearAttentionDescription &a) {
        const std::int64_t size = a.heads * a.head_dim;
        for (const Slot slot : {Slot::Query, Slot::Key, Slot::Value, Slot::OutputGate}) linear(slot, size, hidden_);
        norm(Slot::RecurrentNorm, a.norm, size);
        linear(Slot::RecurrentOut, hidden_, size);
    }

    void shares(std::initializer_list<Slot> slots) {
        for (const Slot slot : slots) add({slot, TensorRole::Vector, {1, 1, hidden_}});
    }

    void operator()(const WeightedMeanDescription &m) {
        shares({Slot::MixKey, Slot::MixValue, Slot::MixGate});
        for (const Slot slot : {Slot::DecayRate, Slot::Bonus}) add({slot, TensorRole::Vector, {m.channels}});
        for (const Slot slot : {Slot::Key, Slot::Value, Slot::OutputGate}) linear(slot, m.channels, hidden_);
        linear(Slot::RecurrentOut, hidden_, m.channels);
    }

    void operator()(const ParallelMixersDescription &p) {
        (*this)(p.attention);
        (*this)(p.space);
    }

    void operator()(const NoMixerDescription &) {}

    void dense(const DenseDescription &d, Slot gate, Slot up, Slot down, std::int64_t count = 0) {
        if (d.size == 0) return;
        if (d.gated) linear(gate, d.size, hidden_, d.bias, count);
        linear(up, d.size, hidden_, d.bias, count);
        if (d.activation == Activation::Xielu) {
            for (const Slot slot : {Slot::XieluPositive, Slot::XieluNegative, Slot::XieluBeta, Slot::XieluEps})
                add({slot, TensorRole::Vector, {1}});
        }
        linear(down, hidden_, d.size, d.bias, count);
    }

    void operator()(const DenseDescription &d) { dense(d, Slot::Gate, Slot::Up, Slot::Down); }

    void operator()(const MoeDescription &m) {
        norm(Slot::RouterNorm, m.router.norm);
        add({Slot::Router, TensorRole::Router, {m.experts, hidden_}, m.router.bias});
        if (m.router.correction_bias) add({Slot::RouterCorrection, TensorRole::Vector, {m.experts}});
        if (m.router.expert_scales) add({Slot::ExpertScales, TensorRole::Vector, {m.experts}});
        dense(m.expert, Slot::ExpertGate, Slot::ExpertUp, Slot::ExpertDown, m.experts);
        dense(m.shared, Slot::SharedGate, Slot::SharedUp, Slot::SharedDown);
        if (m.shared_gate) linear(Slot::SharedRouter, 1, hidden_);
    }

    void operator()(const DenseAndMoeDescription &both) {
        norm(Slot::BeforeFeed, both.before_dense);
        (*this)(both.dense);
        norm(Slot::AfterDense, both.after_dense);
        norm(Slot::BeforeMixture, both.before_mixture);
        (*this)(both.mixture);
        norm(Slot::AfterMixture, both.after_mixture);
    }

    void operator()(const ChannelMixDescription &m) {
        shares({Slot::MixFeed, Slot::MixFeedGate});
        linear(Slot::Up, m.size, hidden_);
        linear(Slot::Gate, hidden_, hidden_);
        linear(Slot::Down, hidden_, m.size);
    }

    void streams(const StreamsDescription &s) {
        if (s.count == 1) return;
        norm(Slot::StreamNorm, s.norm);
        linear(Slot::StreamRouter, s.count, hidden_);
        linear(Slot::StreamPrediction, s.count * s.count, s.count);
        linear(Slot::StreamCorrection, s.count, s.count);
        if (s.scaled) add({Slot::StreamScale, TensorRole::Vector, {hidden_}});
    }

    void laurel(const LaurelDescription &l) {
        if (l.rank == 0) return;
        linear(Slot::LaurelLeft, l.rank, hidden_);
        linear(Slot::LaurelRight, hidden_, l.rank);
        norm(Slot::LaurelNorm, l.norm);
    }

    void token_input(const TokenInputDescription &t, std::int64_t size) {
        if (!t.exists) return;
        linear(Slot::TokenInputGate, size, hidden_);
        linear(Slot::TokenInputOut, hidden_, size);
        norm(Slot::AfterTokenInput, t.norm);
    }

    std::vector<Parameter> take() { return std::move(list_); }

private:
    std::int64_t hidden_;
    std::vector<Parameter> list_;
};

}  // namespace

std::vector<Parameter> outer_parameters(const DecoderDescription &d) {
    List list(d.hidden);
    list.add({Slot::TokenEmbedding, TensorRole::Embedding, {d.vocab, d.embedding_width()}});
    if (d.type_rows > 0) list.add({Slot::TypeEmbedding, TensorRole::Embedding, {d.type_rows, d.hidden}});
    if (d.position_rows > 0) list.add({Slot::PositionEmbedding, TensorRole::Embedding, {d.position_rows, d.hidden}});
    list.norm(Slot::EmbeddingNorm, d.embedding_norm);
    if (d.embedding_size > 0) list.linear(Slot::InputProjection, d.hidden, d.embedding_size);
    if (d.token_inputs.size > 0) {
        const std::int64_t width = d.depth() * d.token_inputs.size;
        list.add({Slot::TokenInputEmbedding, TensorRole::Embedding, {d.token_inputs.rows, width}});
        list.linear(Slot::TokenInputProjection, width, d.hidden);
        list.norm(Slot::TokenInputNorm, d.token_inputs.norm, d.token_inputs.size);
    }
    if (d.streams.count > 1) {
        list.linear(Slot::StreamIn, d.hidden, d.hidden, false, d.streams.count - 1);
        list.linear(Slot::StreamOut, d.hidden, d.hidden, false, d.streams.count - 1);
    }
    list.norm(Slot::FinalNorm, d.final_norm);
    if (d.embedding_size > 0) list.linear(Slot::OutputProjection, d.embedding_size, d.hidden);
    return list.take();
}

std::vector<Parameter> layer_parameters(const DecoderDescription &d, std::int64_t layer) {
    const LayerDescription &description = d.layers[static_cast<std::size_t>(layer)];
    const ResidualDescription &residual = description.residual;
    List list(d.hidden);
    list.streams(d.streams);
    list.norm(Slot::BeforeMixer, residual.before_mixer);
    list.laurel(description.laurel);
    std::visit(list, description.mixer);
    list.norm(Slot::AfterMixer, residual.after_mixer);
    list.norm(Slot::BeforeFeed, residual.before_feed);
    std::visit(list, description.feed);
    list.norm(Slot::AfterFeed, residual.after_feed);
    list.token_input(description.token_input, d.token_inputs.size);
    if (description.scaled) list.add({Slot::LayerScale, TensorRole::Vector, {1}});
    return list.take();
}

}  // namespace millm::engine
