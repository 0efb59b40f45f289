#include "core/engine/layers/token_shift.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

TokenPairs::TokenPairs(const at::Tensor &x, std::int64_t layer, std::size_t index, const PassContext &pass)
    : own(x.to(at::kFloat)), before(at::empty(x.sizes(), x.options().dtype(at::kFloat))) {
    for (const BatchPart &part : pass.batch.parts) {
        FixedState &state = part.state->fixed(layer);
        const at::Tensor rows = own.narrow(0, part.first_row, part.rows);
        at::Tensor earlier = before.narrow(0, part.first_row, part.rows);
        earlier.narrow(0, 0, 1).copy_(state.get(index));
        earlier.narrow(0, 1, part.rows - 1).copy_(rows.narrow(0, 0, part.rows - 1));
        // A copy: a view would keep the whole piece of a prompt alive.
        state.set(index, rows.narrow(0, part.rows - 1, 1).clone());
    }
}

at::Tensor TokenPairs::mixed(const at::Tensor &share) const {
    return (own * share).addcmul_(before, 1 - share);
}

}  // namespace millm::engine
