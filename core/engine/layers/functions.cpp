#include "core/engine/layers/functions.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_runtime.h"
#include "core/engine/layers/parallel.h"

namespace millm::engine {

namespace {

// Values, or rows, that are worth a thread of their own.
constexpr std::int64_t norm_grain = 16, rotate_grain = 16, activate_grain = 1 << 13;

bool is_plain_f32(const at::Tensor &x) {
    return x.is_cpu() && x.scalar_type() == at::kFloat && x.is_contiguous();
}

}  // namespace

at::Tensor rms_norm(const at::Tensor &x, const at::Tensor &weight, double eps) {
    if (is_plain_f32(x)) {
        at::Tensor out = at::empty_like(x);
        const std::int64_t size = x.size(-1), rows = x.numel() / size;
        const float *from = x.const_data_ptr<float>(), *scale = weight.const_data_ptr<float>();
        float *to = out.mutable_data_ptr<float>();
        parallel_rows(Loop::Norm, rows, norm_grain, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t r = first; r < last; ++r)
                cpu::kernels().rms_norm(from + r * size, scale, static_cast<float>(eps), size, to + r * size);
        });
        return out;
    }
    const at::Tensor wide = x.to(at::kFloat);
    // A weight in float32 would make the result that.
    return (wide * at::rsqrt(wide.square().mean(-1, /*keepdim=*/true) + eps))
        .to(x.scalar_type())
        .mul(weight)
        .to(x.scalar_type());
}

void rotate(at::Tensor &x, const at::Tensor &cos, const at::Tensor &sin, bool interleaved) {
    const std::int64_t rows = x.size(0), heads = x.size(1), half = cos.size(1);
    if (rows == 0) return;
    if (const DeviceRuntime *runtime = device_runtime(x.device());
        runtime != nullptr && runtime->kernels.prepare != nullptr && x.stride(2) == 1 && x.stride(1) == x.size(2)) {
        cuda::PrepareHeads h;
        h.type = kernel_type(x.scalar_type());
        h.queries = x.mutable_data_ptr();
        h.query_stride = x.stride(0);
        h.rows = rows;
        h.heads = heads;
        h.dims = x.size(2);
        h.cos = cos.const_data_ptr<float>();
        h.sin = sin.const_data_ptr<float>();
        h.half = half;
        h.interleaved = interleaved;
        runtime->kernels.prepare(h, runtime->enter(x.device()));
        return runtime->check();
    }
    if (x.is_cpu() && x.scalar_type() == at::kFloat && x.stride(2) == 1) {
        float *values = x.mutable_data_ptr<float>();
        const float *c = cos.const_data_ptr<float>(), *s = sin.const_data_ptr<float>();
        const std::int64_t row_stride = x.stride(0), head_stride = x.stride(1);
        parallel_rows(Loop::Rotate, rows, rotate_grain, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t r = first; r < last; ++r)
                for (std::int64_t h = 0; h < heads; ++h)
                    cpu::kernels().rotate(values + r * row_stride + h * head_stride, c + r * half, s + r * half, half,
                                          interleaved);
        });
        return;
    }
    const at::Tensor c = cos.unsqueeze(1), s = sin.unsqueeze(1);  // [rows, 1, half]
    at::Tensor rotated = x.narrow(2, 0, 2 * half);
    if (interleaved) rotated = rotated.unflatten(2, {half, 2});
    at::Tensor first = interleaved ? rotated.select(3, 0) : rotated.narrow(2, 0, half);
    at::Tensor second = interleaved ? rotated.select(3, 1) : rotated.narrow(2, half, half);
    const at::Tensor a = first.to(at::kFloat), b = second.to(at::kFloat);
    first.copy_(a * c - b * s);
    second.copy_(b * c + a * s);
}

namespace {

at::Tensor activate_any(Activation activation, const at::Tensor &x) {
    switch (activation) {
        case Activation::Silu:
            return at::silu(x);
        case Activation::GeluTanh:
            return at::gelu(x, "tanh");
        case Activation::GeluErf:
            return at::gelu(x);
        case Activation::Relu:
            return at::relu(x);
        case Activation::ReluSquared:
            return at::relu(x).square();
        case Activation::ClampedSwish:
        case Activation::Xielu:
            break;
    }
    TORCH_CHECK(false, "this activation has a form of its own");
}

// gpt_oss: values beyond it are cut off.
constexpr double swish_limit = 7, swish_slope = 1.702;

at::Tensor clamped_swish(const at::Tensor &x, const at::Tensor &up) {
    const at::Tensor gate = x.clamp_max(swish_limit);
    return gate.mul(gate.mul(swish_slope).sigmoid()).mul_(up.clamp(-swish_limit, swish_limit).add_(1));
}

/// By the device's kernel; undefined where it has none.
at::Tensor activate_on_device(Activation activation, const at::Tensor &x, const at::Tensor &up) {
    const DeviceRuntime *runtime = device_runtime(x.device());
    const auto takes = [&](const at::Tensor &rows) {
        return rows.dim() == 2 && rows.stride(1) == 1 && rows.scalar_type() == x.scalar_type();
    };
    if (runtime == nullptr || runtime->kernels.activate == nullptr || activation == Activation::Xielu || x.numel() == 0 ||
        !takes(x) || (up.defined() && !takes(up)))
        return {};
    at::Tensor out = at::empty({x.size(0), x.size(1)}, x.options());
    cuda::ActivateRows rows;
    rows.type = kernel_type(x.scalar_type());
    rows.activation = activation;
    rows.gate = x.const_data_ptr();
    rows.up = up.defined() ? up.const_data_ptr() : nullptr;
    rows.out = out.mutable_data_ptr();
    rows.gate_stride = x.stride(0);
    rows.up_stride = up.defined() ? up.stride(0) : 0;
    rows.out_stride = rows.size = x.size(1);
    rows.rows = x.size(0);
    runtime->kernels.activate(rows, runtime->enter(x.device()));
    runtime->check();
    return out;
}

}  // namespace

at::Tensor activate(Activation activation, at::Tensor x, const at::Tensor &factor) {
    if (at::Tensor done = activate_on_device(activation, x, factor); done.defined()) return done;
    // Cut out of one product they are not contiguous, which the kernels want.
    x = x.contiguous();
    const at::Tensor up = factor.defined() ? factor.contiguous() : factor;
    if (activation == Activation::ClampedSwish) return clamped_swish(x, up);
    if (is_plain_f32(x) && (!up.defined() || is_plain_f32(up))) {
        float *values = x.mutable_data_ptr<float>();
        const float *factors = up.defined() ? up.const_data_ptr<float>() : nullptr;
        parallel_rows(Loop::Activate, x.numel(), activate_grain, [&](std::int64_t first, std::int64_t last) {
            cpu::kernels().activate(activation, values + first, factors != nullptr ? factors + first : nullptr, last - first);
        });
        return x;
    }
    at::Tensor result = activate_any(activation, x);
    return up.defined() ? result.mul_(up) : result;
}

}  // namespace millm::engine
