#pragma once

#include "core/engine/kernels/cuda/kernels.h"
#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

#include <bit>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace millm::engine {

/// What the kernels of a device read of a pass beside weights and activations: the tokens, where they stand, the tables of
/// their pages. All of it goes there in one copy, and what a layer takes are places in it; where nothing but numbers changes
/// from a pass to the next, the places do not either.
class DevicePass {
public:
    /// What of a decoder decides how a pass is laid out.
    struct Layout {
        std::vector<int> planes;           ///< a layer, of its own state: 0 where it keeps no tokens or another's
        std::vector<std::int64_t> dims;    ///< of the last plane
        at::ScalarType type = at::kFloat;  ///< of pages
        std::vector<std::int64_t> owners;  ///< a layer: whose state it reads
        std::vector<std::int64_t> groups;  ///< queries of a key-value head, each number that occurs once
    };
    struct Tiles {
        const cuda::QueryTile *tiles = nullptr;
        std::int64_t count = 0;
    };

    /// Collects what `batch` takes; the pages of its rows are there already.
    DevicePass(const Batch &batch, const Layout &layout);
    at::ScalarType page_type() const { return layout_.type; }
    std::int64_t value_dims(std::int64_t layer) const { return layout_.dims[owner(layer)]; }
    /// Goes along as well: cos and sin [rows, half] of a rotary embedding, in the order of the decoder's.
    void add_angles(const at::Tensor &cos, const at::Tensor &sin);
    /// Copies all of it: to new memory of the device, or to `memory` where that has the size of an earlier pass of the same
    /// layout.
    void upload(at::Device device, at::Tensor memory = {});

    std::int64_t bytes() const { return static_cast<std::int64_t>(host_.size()); }
    const at::Tensor &memory() const { return memory_; }
    at::Tensor tokens() const { return tensor(tokens_); }  ///< [rows] int64
    std::pair<at::Tensor, at::Tensor> angles(std::size_t rope) const {
        return {tensor(angles_[rope].first), tensor(angles_[rope].second)};
    }
    cuda::PageTable table(std::int64_t layer) const;
    Tiles tiles(std::int64_t group) const;  ///< of one that the layout has
    std::int64_t capacity() const { return capacity_; }

private:
    struct Place {
        std::size_t offset = 0;
        std::vector<std::int64_t> shape;
        at::ScalarType type = at::kFloat;
    };
    Place add(const at::Tensor &values);
    at::Tensor tensor(const Place &place) const;
    template <class T>
    std::size_t put(std::span<const T> values);
    template <class T>
    const T *at_place(std::size_t offset) const {
        return reinterpret_cast<const T *>(static_cast<const std::byte *>(memory_.const_data_ptr()) + offset);
    }

    std::size_t owner(std::int64_t layer) const {
        return static_cast<std::size_t>(layout_.owners[static_cast<std::size_t>(layer)]);
    }

    const Layout &layout_;
    std::vector<std::byte> host_;
    at::Tensor memory_;  ///< bytes
    Place tokens_;
    std::vector<std::pair<Place, Place>> angles_;
    std::size_t part_ = 0, position_ = 0;
    std::int64_t capacity_ = 1, parts_ = 0;
    std::vector<std::size_t> tables_;  ///< a layer's, by its owner
    struct TilesPlace {
        std::size_t offset = 0;
        std::int64_t count = 0;
    };
    std::map<std::int64_t, TilesPlace> tiles_;
};

/// The layout of passes of a decoder whose pages hold `type`.
DevicePass::Layout device_layout(const DecoderDescription &decoder, at::ScalarType type);

}  // namespace millm::engine
