#include "core/engine/layers/projection.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

void Projections::add(Product product) {
    const Linear *next = product.linear.get();
    if (together_.size() == products_.size() && (together_.empty() || together_.front()->runs_with(*next)))
        together_.push_back(next);
    products_.push_back(std::move(product));
}

std::vector<at::Tensor> Projections::multiplied(const at::Tensor &x) const {
    if (!products_.empty() && together_.size() == products_.size()) return together_.front()->forward_together(together_, x);
    std::vector<at::Tensor> results;
    for (const Product &product : products_) results.push_back(product.linear->forward(x));
    return results;
}

std::array<at::Tensor, Projections::most> Projections::forward(const at::Tensor &x) const {
    std::array<at::Tensor, most> results;
    std::vector<at::Tensor> products = multiplied(x);
    for (std::size_t number = 0; number < products.size(); ++number) {
        const Product &product = products_[number];
        at::Tensor &all = products[number];  // [rows, out]
        if (product.places.size() == 1) {
            results[product.places.front()] = std::move(all);
            continue;
        }
        const std::int64_t rows = x.size(0);
        const bool grouped = product.groups > 1;
        if (grouped) all = all.view({rows, product.groups, all.size(1) / product.groups});
        std::int64_t offset = 0;
        for (std::size_t i = 0; i < product.places.size(); ++i) {
            const at::Tensor part = all.narrow(-1, offset, product.widths[i]);
            results[product.places[i]] = grouped ? part.reshape({rows, product.groups * product.widths[i]}) : part;
            offset += product.widths[i];
        }
    }
    return results;
}

std::uint64_t Projections::bytes() const {
    std::uint64_t total = 0;
    for (const Product &product : products_) total += product.linear->bytes();
    return total;
}

}  // namespace millm::engine
