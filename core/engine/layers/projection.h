#pragma once

#include "core/engine/architectures/weight_names.h"
#include "core/engine/layers/linear.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace millm::engine {

/// Several products of the same rows, whatever matrices they are stored in: a matrix that holds more than one is multiplied as
/// it is, and its outputs are cut.
class Projections {
public:
    static constexpr std::size_t most = 5;

    /// One stored matrix. Its outputs are `groups` times parts of `widths`; part i is output `places[i]` of forward().
    struct Product {
        std::unique_ptr<Linear> linear;
        std::vector<std::size_t> places;
        std::vector<std::int64_t> widths;  ///< of one group
        std::int64_t groups = 1;
    };

    void add(Product product);
    /// x [rows, in] -> a tensor [rows, out] each, not always contiguous; undefined at places that no product has.
    std::array<at::Tensor, most> forward(const at::Tensor &x) const;
    std::uint64_t bytes() const;

private:
    std::vector<at::Tensor> multiplied(const at::Tensor &x) const;

    std::vector<Product> products_;
    std::vector<const Linear *> together_;  ///< all of them, where they can run at once
};

}  // namespace millm::engine
