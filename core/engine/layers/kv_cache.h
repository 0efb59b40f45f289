#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace millm::engine {

/// Keys and values of one sequence in all layers. Grows in steps of 256 tokens.
class KvCache {
public:
    KvCache(std::int64_t layers, std::int64_t kv_heads, std::int64_t head_dim, at::TensorOptions options);

    std::int64_t length() const { return length_; }  ///< tokens whose keys and values are complete
    /// Room for so many tokens; throws where there is no memory, and stays as it was.
    void reserve(std::int64_t tokens);
    /// Puts keys and values [rows, kv_heads, head_dim] of `layer` behind the complete ones; there is room.
    void write(std::int64_t layer, const at::Tensor &keys, const at::Tensor &values);
    /// The last rows written are complete in all layers.
    void advance(std::int64_t rows) { length_ += rows; }

    const at::Tensor &keys(std::int64_t layer) const {
        return keys_[static_cast<std::size_t>(layer)];
    }  ///< [kv_heads, room, head_dim]
    const at::Tensor &values(std::int64_t layer) const { return values_[static_cast<std::size_t>(layer)]; }  ///< the same
    std::uint64_t bytes() const;

private:
    std::int64_t kv_heads_, head_dim_;
    at::TensorOptions options_;
    std::vector<at::Tensor> keys_, values_;
    std::int64_t length_ = 0, room_ = 0;
};

}  // namespace millm::engine
