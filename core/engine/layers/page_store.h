#pragma once

#include "core/engine/architectures/state_shape.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace millm::engine {

/// Where the pages of what sequences remember come from. Those that were reserved are handed out first and come back when
/// nobody holds them; further ones are made, and go. One thread.
class PageStore : public std::enable_shared_from_this<PageStore> {
public:
    using Page = std::vector<at::Tensor>;  ///< a tensor a plane, [heads, page_tokens, dim]
    using Planes = std::vector<StateShape::Plane>;

    /// Type and device of the pages.
    explicit PageStore(at::TensorOptions options) : options_(options) {}

    const at::TensorOptions &options() const { return options_; }
    /// With any values. Throws where there is no memory.
    std::shared_ptr<Page> take(const Planes &planes);
    /// Takes so many pages from the system, written to, so that they are there. Throws where there is no memory; those that
    /// were made stay then.
    void reserve(const Planes &planes, std::int64_t pages);
    std::uint64_t bytes() const { return bytes_; }  ///< of all pages, held by sequences or not

private:
    /// Pages of one shape.
    struct Kind {
        Planes planes;
        std::int64_t pages = 0, reserved = 0;
        std::vector<std::unique_ptr<Page>> idle = {};
    };
    std::size_t kind_of(const Planes &planes);
    std::unique_ptr<Page> make(Kind &kind);
    void take_back(std::size_t kind, std::unique_ptr<Page> page);

    at::TensorOptions options_;
    std::vector<Kind> kinds_;  ///< few
    std::uint64_t bytes_ = 0;
};

}  // namespace millm::engine
