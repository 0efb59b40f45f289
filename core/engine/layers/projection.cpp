#include "core/engine/layers/projection.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

std::array<at::Tensor, Projections::most> Projections::forward(const at::Tensor &x) const {
    std::array<at::Tensor, most> results;
    for (const Product &product : products_) {
        at::Tensor all = product.linear->forward(x);  // [rows, out]
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
