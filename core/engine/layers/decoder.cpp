#include "core/engine/layers/decoder.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_runtime.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millm::engine {

Decoder::Decoder(DecoderDescription description, Compute compute, Weights weights)
    : description_(std::move(description)),
      compute_(compute),
      weights_(std::move(weights)),
      pages_(std::make_shared<PageStore>(at::TensorOptions(compute_.cache).device(compute_.device))),
      device_layout_(device_layout(description_, compute_.cache)) {
    for (const RopeDescription &rope : description_.ropes) ropes_.emplace_back(rope);
    if (recordable())
        recorded_ = std::make_unique<RecordedPasses>(
            compute_.device, [this](const Batch &batch, auto device) { return device_context(batch, std::move(device)); },
            [this](const PassContext &pass) { return launch(pass); });
}

std::int64_t Decoder::rope_limit() const {
    std::int64_t limit = std::numeric_limits<std::int64_t>::max();
    for (const RopeDescription &rope : description_.ropes)
        if (rope.scaling == RopeScaling::LongRope || rope.scaling == RopeScaling::Dynamic)
            limit = std::min(limit, rope.original_positions);
    return limit;
}

SequenceState Decoder::make_state() const {
    return {state_shapes(description_), pages_};
}

at::Tensor Decoder::forward(const Batch &batch, LayerHook *hook) const {
    PassContext pass = context(batch);
    return pass_layers(batch, pass, hook);
}

at::Tensor Decoder::pass_layers(const Batch &batch, PassContext &pass, LayerHook *hook) const {
    at::Tensor hidden = embed(batch, pass);  // [rows, hidden]
    if (hook != nullptr) hook->after_layer(-1, batch, hidden);
    if (weights_.token_inputs) pass.token_inputs = weights_.token_inputs->make(batch.tokens, hidden);
    if (weights_.stream_ends) hidden = weights_.stream_ends->spread(hidden);  // [streams, rows, hidden]
    for (std::size_t i = 0; i < weights_.layers.size(); ++i) {
        hidden = weights_.layers[i].forward(hidden, pass);
        if (hook != nullptr) show(*hook, static_cast<std::int64_t>(i), batch, hidden);
    }
    return weights_.stream_ends ? weights_.stream_ends->collect(hidden) : hidden;
}

void Decoder::show(LayerHook &hook, std::int64_t layer, const Batch &batch, at::Tensor &hidden) const {
    if (!weights_.stream_ends) return hook.after_layer(layer, batch, hidden);
    const at::Tensor active = hidden.select(0, description_.streams.active);
    at::Tensor seen = active;
    hook.after_layer(layer, batch, seen);
    if (!seen.is_same(active)) active.copy_(seen);
}

at::Tensor Decoder::embed(const Batch &batch, const PassContext &pass) const {
    const auto rows_of = [&](const at::Tensor &table, const std::vector<std::int64_t> &places) {
        return table.index_select(0, at::tensor(places, at::kLong).to(compute_.device)).to(compute_.activations);
    };
    at::Tensor hidden = pass.device ? weights_.token_embedding.index_select(0, pass.device->tokens()).to(compute_.activations)
                                    : rows_of(weights_.token_embedding, batch.tokens);
    if (description_.embedding_scale != 1) hidden.mul_(description_.embedding_scale);
    if (weights_.input_projection) hidden = weights_.input_projection->forward(hidden);
    if (weights_.type_embedding.defined()) hidden.add_(weights_.type_embedding.select(0, 0).to(compute_.activations));
    if (weights_.position_embedding.defined()) {
        std::vector<std::int64_t> places = pass.positions;
        for (std::int64_t &place : places) place += description_.position_offset;
        hidden.add_(rows_of(weights_.position_embedding, places));
    }
    if (description_.sinusoidal_positions) hidden.add_(sinusoids(pass.positions).to(compute_.device, compute_.activations));
    return weights_.embedding_norm.forward(hidden);
}

at::Tensor Decoder::sinusoids(const std::vector<std::int64_t> &positions) const {
    const std::int64_t half = description_.hidden / 2;
    at::Tensor table = at::zeros({static_cast<std::int64_t>(positions.size()), description_.hidden}, at::kFloat);
    float *row = table.mutable_data_ptr<float>();
    for (const std::int64_t position : positions) {
        const auto place = static_cast<float>(position + description_.position_offset);
        for (std::int64_t i = 0; i < half; ++i) {
            const float angle = place * std::exp(static_cast<float>(i) * -(std::log(10000.0F) / static_cast<float>(half - 1)));
            row[i] = std::sin(angle);
            row[half + i] = std::cos(angle);
        }
        row += description_.hidden;
    }
    return table;
}

Angles Decoder::angles_of(const RotaryEmbedding &rope, const Batch &batch) const {
    Angles angles{at::empty({batch.rows(), rope.half()}, at::kFloat), at::empty({batch.rows(), rope.half()}, at::kFloat),
                  rope.interleaved()};
    float *cos = angles.cos.mutable_data_ptr<float>(), *sin = angles.sin.mutable_data_ptr<float>();
    for (const BatchPart &part : batch.parts)
        for (std::int64_t row = 0; row < part.rows; ++row, cos += rope.half(), sin += rope.half())
            rope.angles(part.position() + row, part.rope_length, cos, sin);
    return angles;
}

PassContext Decoder::context(const Batch &batch) const {
    if (device_runtime(compute_.device) != nullptr) {
        auto device = collect(batch);
        device->upload(compute_.device);
        return device_context(batch, std::move(device));
    }
    PassContext pass{batch, batch.positions(), {}, {}, {}};
    for (const RotaryEmbedding &rope : ropes_) pass.ropes.push_back(angles_of(rope, batch));
    return pass;
}

std::shared_ptr<DevicePass> Decoder::collect(const Batch &batch) const {
    auto device = std::make_shared<DevicePass>(batch, device_layout_);
    for (const RotaryEmbedding &rope : ropes_) {
        const Angles angles = angles_of(rope, batch);
        device->add_angles(angles.cos, angles.sin);
    }
    return device;
}

PassContext Decoder::device_context(const Batch &batch, std::shared_ptr<const DevicePass> device) const {
    PassContext pass{batch, batch.positions(), {}, {}, {}};
    for (std::size_t i = 0; i < ropes_.size(); ++i) {
        auto [cos, sin] = device->angles(i);
        pass.ropes.push_back({std::move(cos), std::move(sin), ropes_[i].interleaved()});
    }
    pass.device = std::move(device);
    return pass;
}

bool Decoder::recordable() const {
    const DeviceRuntime *runtime = device_runtime(compute_.device);
    const DecoderDescription &d = description_;
    return runtime != nullptr && runtime->record != nullptr && d.has_head && !weights_.token_inputs && !weights_.stream_ends &&
           !weights_.position_embedding.defined() && !d.sinusoidal_positions && compute_.cache == compute_.activations &&
           std::ranges::all_of(weights_.layers, [](const DecoderLayer &layer) { return layer.recordable(); });
}

RecordedPasses::Result Decoder::next(const Batch &batch) {
    return recorded_->run(batch, collect(batch));
}

RecordedPasses::Result Decoder::launch(const PassContext &pass) const {
    PassContext own = pass;
    RecordedPasses::Result result{head_logits(pass_layers(pass.batch, own, nullptr)).contiguous(), {}};
    const DeviceRuntime &runtime = *device_runtime(compute_.device);
    if (runtime.kernels.largest == nullptr || weights_.head_bias.defined() || description_.logit_scale <= 0) return result;
    const at::Tensor wide = result.logits.to(at::kFloat);
    result.likeliest = at::empty({wide.size(0)}, wide.options().dtype(at::kInt));
    runtime.kernels.largest(wide.const_data_ptr<float>(), wide.size(0), wide.size(1),
                            result.likeliest.mutable_data_ptr<std::int32_t>(), runtime.enter(compute_.device));
    runtime.check();
    return result;
}

at::Tensor Decoder::head_logits(const at::Tensor &hidden) const {
    at::Tensor last = normed(hidden);
    if (weights_.output_projection) last = weights_.output_projection->forward(last);
    return weights_.head->forward(last.contiguous());
}

at::Tensor Decoder::told(const at::Tensor &head_logits) const {
    at::Tensor logits = head_logits.to(at::kCPU, at::kFloat);
    if (weights_.head_bias.defined()) logits.add_(weights_.head_bias.to(at::kCPU));
    if (description_.logit_scale != 1) logits.mul_(description_.logit_scale);
    if (description_.logit_cap > 0) logits.div_(description_.logit_cap).tanh_().mul_(description_.logit_cap);
    return logits;
}

std::uint64_t Decoder::weight_bytes() const {
    std::uint64_t total = weights_.token_embedding.nbytes() + weights_.embedding_norm.bytes() + weights_.final_norm.bytes();
    for (const at::Tensor *table : {&weights_.position_embedding, &weights_.type_embedding})
        if (table->defined()) total += table->nbytes();
    for (const auto *projection : {&weights_.input_projection, &weights_.output_projection})
        if (*projection) total += (*projection)->bytes();
    if (weights_.head && !weights_.head_is_embedding) total += weights_.head->bytes();
    if (weights_.head_bias.defined()) total += weights_.head_bias.nbytes();
    if (weights_.token_inputs) total += weights_.token_inputs->bytes();
    if (weights_.stream_ends) total += weights_.stream_ends->bytes();
    for (const DecoderLayer &layer : weights_.layers) total += layer.bytes();
    return total;
}

}  // namespace millm::engine
