#pragma once

#include "core/engine/layers/linear.h"
#include "core/engine/pooling/pooling.h"

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace millm::engine {

/// Makes one vector of a text out of its tokens'.
class Pooling {
public:
    /// With the weights of the products behind it, out of their folders in `folder`. InvalidFile where those are missing or
    /// have other sizes.
    static Result<Pooling> load(PoolingDescription description, const std::filesystem::path &folder, const Compute &compute);

    const PoolingDescription &description() const { return description_; }
    /// [tokens, hidden] -> [size], f32 on the CPU, of length one.
    at::Tensor forward(const at::Tensor &tokens) const;
    std::uint64_t bytes() const;

private:
    explicit Pooling(PoolingDescription description) : description_(std::move(description)) {}

    PoolingDescription description_;
    std::vector<std::unique_ptr<Linear>> dense_;
};

}  // namespace millm::engine
