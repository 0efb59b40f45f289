#include "core/engine/layers/feed_forward.h"

#include "core/engine/layers/functions.h"

namespace millm::engine {

at::Tensor FeedForward::forward(const at::Tensor &x) const {
    const at::Tensor up = up_->forward(x);  // [rows, intermediate]
    return down_->forward(gate_ ? activate(activation_, gate_->forward(x), up) : activate(activation_, up));
}

}  // namespace millm::engine
