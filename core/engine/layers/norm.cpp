#include "core/engine/layers/norm.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_runtime.h"
#include "core/engine/layers/functions.h"

namespace millm::engine {

Norm::Norm(const NormDescription &description, std::int64_t size, at::Tensor weight, at::Tensor bias, at::TensorOptions options)
    : kind_(description.kind), weight_(std::move(weight)), bias_(std::move(bias)), eps_(description.eps) {
    if (weight_.defined()) stored_bytes_ += weight_.nbytes();
    if (bias_.defined()) stored_bytes_ += bias_.nbytes();
    // In float32: 16 bits would round the sum.
    if (weight_.defined() && description.offset != 0) weight_ = weight_.to(at::kFloat).add_(description.offset);
    if (device_runtime(options.device()) != nullptr) {
        if (weight_.defined()) wide_weight_ = weight_.to(at::kFloat);
        if (bias_.defined()) wide_bias_ = bias_.to(at::kFloat);
    }
    if (kind_ == NormKind::Rms && (!weight_.defined() || weight_.dim() == 2)) {
        own_ = std::move(weight_);
        weight_ = at::ones({size}, options);
    }
}

std::optional<Norm::Sum> Norm::on_device(const at::Tensor &x, const at::Tensor *branch, double scale) const {
    const DeviceRuntime *runtime = device_runtime(x.device());
    const auto same = [&](const at::Tensor &tensor) {
        return tensor.is_contiguous() && tensor.scalar_type() == x.scalar_type();
    };
    if (runtime == nullptr || runtime->kernels.norm == nullptr || kind_ == NormKind::None || !same(x) ||
        (branch != nullptr && !same(*branch)))
        return std::nullopt;
    Sum result{branch != nullptr ? at::empty_like(x) : at::Tensor(), at::empty_like(x)};
    if (x.numel() == 0) return result;
    cuda::NormRows rows;
    rows.type = kernel_type(x.scalar_type());
    rows.x = x.const_data_ptr();
    if (branch != nullptr) {
        rows.branch = branch->const_data_ptr();
        rows.sum = result.sum.mutable_data_ptr();
        rows.branch_scale = static_cast<float>(scale);
    }
    rows.out = result.normed.mutable_data_ptr();
    rows.size = x.size(-1);
    rows.rows = x.numel() / rows.size;
    if (wide_weight_.defined())
        rows.weight = wide_weight_.const_data_ptr<float>(), rows.own_rows = wide_weight_.numel() / rows.size;
    if (wide_bias_.defined()) rows.bias = wide_bias_.const_data_ptr<float>();
    rows.eps = static_cast<float>(eps_);
    rows.centered = kind_ == NormKind::Layer;
    runtime->kernels.norm(rows, runtime->enter(x.device()));
    runtime->check();
    return result;
}

Norm::Sum Norm::forward_sum(const at::Tensor &skip, const at::Tensor &branch, double scale) const {
    if (auto result = on_device(skip, &branch, scale)) return *std::move(result);
    at::Tensor sum = at::add(skip, branch, scale);
    at::Tensor normed = forward(sum);
    return {std::move(sum), std::move(normed)};
}

at::Tensor Norm::forward(const at::Tensor &x) const {
    if (auto result = on_device(x, nullptr, 1)) return std::move(result->normed);
    switch (kind_) {
        case NormKind::None:
            return x;
        case NormKind::Rms:
            return own_.defined() ? rms_norm(x.contiguous(), weight_, eps_).mul(own_).to(x.scalar_type())
                                  : rms_norm(x.contiguous(), weight_, eps_);
        case NormKind::Layer:
            break;
    }
    if (!weight_.defined() || weight_.dim() == 1) return at::layer_norm(x, {x.size(-1)}, weight_, bias_, eps_);
    at::Tensor normed = at::layer_norm(x, {x.size(-1)}, {}, {}, eps_) * weight_;
    return bias_.defined() ? normed.add_(bias_) : normed;
}

}  // namespace millm::engine
