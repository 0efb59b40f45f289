#include "core/engine/layers/norm.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/functions.h"

namespace millm::engine {

at::Tensor Norm::forward(const at::Tensor &x) const {
    if (kind_ == NormKind::Rms) return rms_norm(x, weight_, eps_);
    return at::layer_norm(x, weight_.sizes(), weight_, bias_, eps_);
}

}  // namespace millm::engine
