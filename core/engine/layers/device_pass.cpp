#include "core/engine/layers/device_pass.h"

#include "core/engine/layers/aten.h"

#include <algorithm>
#include <cstring>
#include <variant>

namespace millm::engine {

namespace {

/// Where values of any type may lie, and what a kernel reads at once.
constexpr std::size_t alignment = 16;

}  // namespace

template <class T>
std::size_t DevicePass::put(std::span<const T> values) {
    const std::size_t offset = (host_.size() + alignment - 1) / alignment * alignment;
    host_.resize(offset + values.size_bytes());
    if (!values.empty()) std::memcpy(host_.data() + offset, values.data(), values.size_bytes());
    return offset;
}

DevicePass::DevicePass(const Batch &batch, const Layout &layout)
    : layout_(layout), parts_(static_cast<std::int64_t>(batch.parts.size())) {
    tokens_ = add(at::tensor(batch.tokens, at::kLong));
    std::vector<std::int32_t> part, position;
    std::int64_t pages = 1;
    for (std::size_t i = 0; i < batch.parts.size(); ++i) {
        const BatchPart &rows = batch.parts[i];
        for (std::int64_t row = 0; row < rows.rows; ++row) {
            part.push_back(static_cast<std::int32_t>(i));
            position.push_back(static_cast<std::int32_t>(rows.position() + row));
        }
        pages = std::max(pages, (rows.position() + rows.rows + page_tokens - 1) / page_tokens);
    }
    part_ = put<std::int32_t>(part);
    position_ = put<std::int32_t>(position);
    // In steps, so that the passes of an answer rarely have another layout.
    capacity_ = static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(pages)));
    for (const std::int64_t group : layout.groups) {
        std::vector<cuda::QueryTile> tiles;
        for (std::size_t i = 0; i < batch.parts.size(); ++i)
            cuda::add_tiles(tiles, static_cast<std::int64_t>(i), batch.parts[i].first_row, batch.parts[i].position(),
                            batch.parts[i].rows, group);
        tiles_[group] = {put<cuda::QueryTile>(tiles), static_cast<std::int64_t>(tiles.size())};
    }
    tables_.resize(layout.planes.size());
    std::vector<const void *> table;
    for (std::size_t layer = 0; layer < layout.planes.size(); ++layer) {
        const int planes = layout.planes[layer];
        if (planes == 0) continue;
        table.assign(static_cast<std::size_t>(parts_ * capacity_ * planes), nullptr);
        for (std::size_t i = 0; i < batch.parts.size(); ++i) {
            const TokenState &state = batch.parts[i].state->tokens(static_cast<std::int64_t>(layer));
            for (std::int64_t page = state.first_page(); page < std::min(state.end_page(), capacity_); ++page)
                for (int plane = 0; plane < planes; ++plane)
                    table[static_cast<std::size_t>((static_cast<std::int64_t>(i) * capacity_ + page) * planes + plane)] =
                        state.page(static_cast<std::size_t>(plane), page).const_data_ptr();
        }
        tables_[layer] = put<const void *>(table);
    }
}

void DevicePass::add_angles(const at::Tensor &cos, const at::Tensor &sin) {
    const Place first = add(cos);
    angles_.emplace_back(first, add(sin));
}

DevicePass::Place DevicePass::add(const at::Tensor &values) {
    const at::Tensor whole = values.contiguous();
    const std::span<const std::byte> bytes(static_cast<const std::byte *>(whole.const_data_ptr()), whole.nbytes());
    return {put<std::byte>(bytes), whole.sizes().vec(), whole.scalar_type()};
}

void DevicePass::upload(at::Device device, at::Tensor memory) {
    // Page-locked, so that the copy needs not wait for anything.
    at::Tensor host = at::empty({bytes()}, at::TensorOptions(at::kByte).pinned_memory(device.is_cuda()));
    std::memcpy(host.mutable_data_ptr(), host_.data(), host_.size());
    if (memory.defined())
        memory_ = memory.copy_(host, /*non_blocking=*/true);
    else
        memory_ = host.to(device, /*non_blocking=*/true);
}

at::Tensor DevicePass::tensor(const Place &place) const {
    std::int64_t count = 1;
    for (const std::int64_t extent : place.shape) count *= extent;
    const auto size = count * static_cast<std::int64_t>(c10::elementSize(place.type));
    return memory_.narrow(0, static_cast<std::int64_t>(place.offset), size).view(place.type).view(place.shape);
}

cuda::PageTable DevicePass::table(std::int64_t layer) const {
    return {at_place<const void *>(tables_[owner(layer)]), at_place<std::int32_t>(part_), at_place<std::int32_t>(position_),
            capacity_, layout_.planes[owner(layer)]};
}

DevicePass::Tiles DevicePass::tiles(std::int64_t group) const {
    const TilesPlace &place = tiles_.at(group);
    return {at_place<cuda::QueryTile>(place.offset), place.count};
}

DevicePass::Layout device_layout(const DecoderDescription &decoder, at::ScalarType type) {
    DevicePass::Layout layout;
    layout.type = type;
    const std::vector<StateShape> shapes = state_shapes(decoder);
    const auto add_group = [&](std::int64_t heads, std::int64_t kv_heads) {
        if (std::ranges::find(layout.groups, heads / kv_heads) == layout.groups.end())
            layout.groups.push_back(heads / kv_heads);
    };
    for (std::size_t layer = 0; layer < shapes.size(); ++layer) {
        layout.planes.push_back(static_cast<int>(shapes[layer].planes.size()));
        layout.dims.push_back(shapes[layer].planes.empty() ? 0 : shapes[layer].planes.back().dim);
        layout.owners.push_back(shapes[layer].shared_with < 0 ? static_cast<std::int64_t>(layer) : shapes[layer].shared_with);
        const MixerDescription &mixer = decoder.layers[layer].mixer;
        if (const auto *attention = std::get_if<AttentionDescription>(&mixer)) add_group(attention->heads, attention->kv_heads);
        if (const auto *both = std::get_if<ParallelMixersDescription>(&mixer))
            add_group(both->attention.heads, both->attention.kv_heads);
        if (const auto *latent = std::get_if<LatentAttentionDescription>(&mixer)) add_group(latent->heads, 1);
    }
    return layout;
}

}  // namespace millm::engine
