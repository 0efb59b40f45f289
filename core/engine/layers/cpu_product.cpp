#include "core/engine/layers/cpu_product.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/parallel.h"

#include <algorithm>

namespace millm::engine {

namespace {

/// Multiplications that are worth a thread of their own.
constexpr std::int64_t grain_products = 1 << 18;

}  // namespace

at::Tensor CpuProduct::forward(const at::Tensor &x) const {
    const Linear *self = this;
    return std::move(forward_together({&self, 1}, x).front());
}

bool CpuProduct::runs_with(const Linear &other) const {
    const auto *like = dynamic_cast<const CpuProduct *>(&other);
    return like != nullptr && in() == like->in() && input_form() == like->input_form();
}

std::vector<at::Tensor> CpuProduct::forward_together(std::span<const Linear *const> all, const at::Tensor &x) const {
    std::vector<const CpuProduct *> products;
    for (const Linear *linear : all) products.push_back(static_cast<const CpuProduct *>(linear));
    check_cpu_rows(x, in());
    const std::int64_t rows = x.size(0);
    std::vector<at::Tensor> results;
    std::int64_t units = 0, widest_unit = 1;
    for (const CpuProduct *product : products) {
        results.push_back(at::empty({rows, product->out()}, x.options()));
        units += product->units();
        widest_unit = std::max(widest_unit, product->unit());
    }
    if (rows == 0) return results;
    const at::Tensor arranged = arrange(x);
    const void *input = arranged.const_data_ptr();
    const std::int64_t grain = std::max<std::int64_t>(1, grain_products / (widest_unit * rows * in()));
    parallel_rows(Loop::Multiply, units, grain, [&](std::int64_t first, std::int64_t last) {
        std::int64_t begin = 0;
        for (std::size_t i = 0; i < products.size() && begin < last; ++i) {
            const std::int64_t end = begin + products[i]->units();
            if (end > first)
                products[i]->multiply(input, rows, std::max(first, begin) - begin, std::min(last, end) - begin,
                                      results[i].mutable_data_ptr<float>());
            begin = end;
        }
    });
    for (std::size_t i = 0; i < products.size(); ++i)
        if (products[i]->bias().defined()) results[i].add_(products[i]->bias());
    return results;
}

}  // namespace millm::engine
