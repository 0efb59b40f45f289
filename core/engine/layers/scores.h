#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

namespace millm::engine {

/// Softmax attention of queries over what a layer's state holds of keys and values, with whatever a family adds to the scores.
class Scores {
public:
    Scores() = default;
    /// `scale`: where the description has none. `sinks`: [heads] f32 or undefined.
    Scores(ScoreDescription description, double scale, std::int64_t heads, std::int64_t kv_heads, at::Tensor sinks,
           at::Device device);

    /// q: [rows, heads, dim] -> [rows, heads, value dim]. Keys are plane 0 of the layer's state; values are plane
    /// 1, or the first `value_dim` numbers of the keys where there is one plane. The rows of this pass are written already.
    at::Tensor attend(const at::Tensor &q, std::int64_t value_dim, std::int64_t layer, const PassContext &pass) const;
    /// Whether the device's kernel answers queries of such heads.
    bool recordable(std::int64_t dims) const;
    std::uint64_t bytes() const { return sinks_.defined() ? sinks_.nbytes() : 0; }

private:
    void attend_on_cpu(const at::Tensor &q, std::int64_t layer, const PassContext &pass, at::Tensor &out) const;
    /// By the device's kernel; false where there is none for this.
    bool attend_on_device(const at::Tensor &q, std::int64_t layer, const PassContext &pass, at::Tensor &out) const;
    void attend_part(const at::Tensor &q, std::int64_t layer, const BatchPart &part, at::Tensor &out) const;
    std::int64_t first_visible(std::int64_t position) const;
    /// Of `length` tokens how many follow a query's own and are seen, at most.
    std::int64_t ahead(std::int64_t length) const;

    ScoreDescription description_;
    std::int64_t heads_ = 0, kv_heads_ = 0;
    float scale_ = 1;
    at::Tensor sinks_, slopes_;
    at::Device device_ = at::kCPU;
};

}  // namespace millm::engine
