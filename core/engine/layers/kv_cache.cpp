#include "core/engine/layers/kv_cache.h"

#include "core/engine/layers/aten.h"

namespace millm::engine {

namespace {
constexpr std::int64_t step = 256;
}

KvCache::KvCache(std::int64_t layers, std::int64_t kv_heads, std::int64_t head_dim, at::TensorOptions options)
    : kv_heads_(kv_heads),
      head_dim_(head_dim),
      options_(options),
      keys_(static_cast<std::size_t>(layers)),
      values_(static_cast<std::size_t>(layers)) {}

void KvCache::reserve(std::int64_t tokens) {
    if (tokens <= room_) return;
    const std::int64_t room = (tokens + step - 1) / step * step;
    const auto grow = [&](at::Tensor &tensor) {
        if (tensor.defined() && tensor.size(1) >= room) return;  // from an attempt that ran out of memory half-way
        at::Tensor larger = at::empty({kv_heads_, room, head_dim_}, options_);
        if (length_ > 0) larger.narrow(1, 0, length_).copy_(tensor.narrow(1, 0, length_));
        tensor = std::move(larger);
    };
    for (at::Tensor &tensor : keys_) grow(tensor);
    for (at::Tensor &tensor : values_) grow(tensor);
    room_ = room;
}

void KvCache::write(std::int64_t layer, const at::Tensor &keys, const at::Tensor &values) {
    const std::int64_t rows = keys.size(0);
    keys_[static_cast<std::size_t>(layer)].narrow(1, length_, rows).copy_(keys.transpose(0, 1));
    values_[static_cast<std::size_t>(layer)].narrow(1, length_, rows).copy_(values.transpose(0, 1));
}

std::uint64_t KvCache::bytes() const {
    std::uint64_t total = 0;
    for (const auto *list : {&keys_, &values_})
        for (const at::Tensor &tensor : *list)
            if (tensor.defined()) total += tensor.nbytes();
    return total;
}

}  // namespace millm::engine
