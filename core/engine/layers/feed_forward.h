#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/linear.h"

#include <memory>

namespace millm::engine {

/// down(act(gate(x)) * up(x)), or down(act(up(x))) where there is no gate.
class FeedForward {
public:
    FeedForward(Activation activation, std::unique_ptr<Linear> gate, std::unique_ptr<Linear> up, std::unique_ptr<Linear> down)
        : activation_(activation), gate_(std::move(gate)), up_(std::move(up)), down_(std::move(down)) {}

    at::Tensor forward(const at::Tensor &x) const;  ///< [rows, hidden] -> the same
    std::uint64_t bytes() const { return (gate_ ? gate_->bytes() : 0) + up_->bytes() + down_->bytes(); }

private:
    Activation activation_;
    std::unique_ptr<Linear> gate_, up_, down_;
};

}  // namespace millm::engine
