#include "core/engine/layers/page_store.h"

#include "core/engine/layers/aten.h"

#include <algorithm>
#include <utility>

namespace millm::engine {

namespace {

std::uint64_t bytes_of(const PageStore::Page &page) {
    std::uint64_t total = 0;
    for (const at::Tensor &plane : page) total += plane.nbytes();
    return total;
}

}  // namespace

std::size_t PageStore::kind_of(const Planes &planes) {
    const auto alike = [](const StateShape::Plane &a, const StateShape::Plane &b) {
        return a.heads == b.heads && a.dim == b.dim;
    };
    const auto found =
        std::ranges::find_if(kinds_, [&](const Kind &kind) { return std::ranges::equal(kind.planes, planes, alike); });
    const auto place = static_cast<std::size_t>(found - kinds_.begin());
    if (place == kinds_.size()) kinds_.push_back({planes});
    return place;
}

std::unique_ptr<PageStore::Page> PageStore::make(Kind &kind) {
    auto page = std::make_unique<Page>();
    for (const StateShape::Plane &plane : kind.planes)
        page->push_back(at::empty({plane.heads, page_tokens, plane.dim}, options_));
    ++kind.pages;
    bytes_ += bytes_of(*page);
    return page;
}

std::shared_ptr<PageStore::Page> PageStore::take(const Planes &planes) {
    const std::size_t place = kind_of(planes);
    Kind &kind = kinds_[place];
    std::unique_ptr<Page> page;
    if (kind.idle.empty()) {
        page = make(kind);
    } else {
        page = std::move(kind.idle.back());
        kind.idle.pop_back();
    }
    return {page.release(),
            [store = shared_from_this(), place](Page *back) { store->take_back(place, std::unique_ptr<Page>(back)); }};
}

void PageStore::take_back(std::size_t place, std::unique_ptr<Page> page) {
    Kind &kind = kinds_[place];
    if (kind.pages <= kind.reserved) {
        kind.idle.push_back(std::move(page));
        return;
    }
    --kind.pages;
    bytes_ -= bytes_of(*page);
}

void PageStore::reserve(const Planes &planes, std::int64_t pages) {
    Kind &kind = kinds_[kind_of(planes)];
    kind.reserved += pages;
    kind.idle.reserve(static_cast<std::size_t>(kind.reserved));
    while (kind.pages < kind.reserved) {
        auto page = make(kind);
        // A system promises more than it has: what was written to is there.
        if (options_.device().is_cpu())
            for (at::Tensor &plane : *page) plane.zero_();
        kind.idle.push_back(std::move(page));
    }
}

}  // namespace millm::engine
