#include "core/engine/layers/causal_convolution.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

at::Tensor CausalConvolution::forward(const at::Tensor &x, std::int64_t layer, std::size_t index,
                                      const PassContext &pass) const {
    const std::int64_t kernel = taps_.size(0);
    at::Tensor out = at::empty_like(x);
    for (const BatchPart &part : pass.batch.parts) {
        FixedState &state = part.state->fixed(layer);
        const at::Tensor all =
            at::cat({state.get(index), x.narrow(0, part.first_row, part.rows)}, 0);  // [kernel - 1 + rows, channels]
        at::Tensor sum = out.narrow(0, part.first_row, part.rows);
        at::mul_out(sum, all.narrow(0, 0, part.rows), taps_.select(0, 0));
        for (std::int64_t tap = 1; tap < kernel; ++tap) sum.addcmul_(all.narrow(0, tap, part.rows), taps_.select(0, tap));
        if (bias_.defined()) sum.add_(bias_);
        // A copy: a view would keep the whole piece of a prompt alive.
        state.set(index, all.narrow(0, part.rows, kernel - 1).clone());
    }
    return out;
}

}  // namespace millm::engine
