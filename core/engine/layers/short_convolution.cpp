#include "core/engine/layers/short_convolution.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

ShortConvolution::ShortConvolution(const ShortConvolutionDescription &c, std::int64_t hidden, std::int64_t layer,
                                   WeightSource &weights)
    : hidden_(hidden),
      layer_(layer),
      in_(weights.linear(Slot::ConvolutionIn)),
      out_(weights.linear(Slot::ConvolutionOut)),
      convolution_(weights.vector(Slot::Convolution).view({hidden, c.kernel}),
                   c.bias ? weights.vector(Slot::ConvolutionBias) : at::Tensor()) {}

at::Tensor ShortConvolution::forward(const at::Tensor &x, const PassContext &pass) const {
    const at::Tensor all = in_->forward(x);  // [rows, 3 * hidden]: b, c, x
    const auto part = [&](std::int64_t i) { return all.narrow(1, i * hidden_, hidden_); };
    const at::Tensor gated = (part(0) * part(2)).to(at::kFloat);
    const at::Tensor convolved = convolution_.forward(gated, layer_, 0, pass).to(x.scalar_type());
    return out_->forward(part(1) * convolved);
}

}  // namespace millm::engine
