#pragma once

#include "core/engine/foreign/weight.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace millm::engine {

/// Where the bytes of a weight's parts are.
class ForeignBytes {
public:
    virtual ~ForeignBytes() = default;
    /// Bytes [offset, offset + to.size()) of a tensor, which lie inside of it.
    virtual Result<void> read(const TensorInfo &tensor, std::uint64_t offset, std::span<std::byte> to) const = 0;
};

/// Restores rows of a packed weight. Of the parts only those are kept that lie across the rows. Any thread.
class ForeignRows {
public:
    /// A complete weight. InvalidFile, naming tensor, place and number, where a scale is no finite number, the whole's factor
    /// is nought, a group or a zero point is none; so read() fails where the bytes cannot be read, and for nothing else.
    static Result<ForeignRows> open(ForeignWeight weight, std::shared_ptr<const ForeignBytes> bytes);

    const ForeignWeight &weight() const { return m_weight; }
    /// Rows [first, first + count) as f32, [count, in]; of a stack's matrices one after the other.
    Result<void> read(std::int64_t first, std::int64_t count, float *to) const;

private:
    ForeignRows(ForeignWeight weight, std::shared_ptr<const ForeignBytes> bytes)
        : m_weight(std::move(weight)), m_bytes(std::move(bytes)) {}
    using Bytes = std::vector<std::byte>;
    Result<Bytes> part(ForeignWeight::Part part, std::uint64_t offset, std::uint64_t count) const;
    Result<Bytes> whole(ForeignWeight::Part part) const;
    Result<void> take_factor();
    Result<void> take_order();
    Result<void> take_zeros();
    Result<void> take_scales();
    Result<void> check_shape() const;
    Result<void> inside_matrix(std::int64_t first, std::int64_t count, float *to) const;
    Result<Bytes> codes_of(std::int64_t first, std::int64_t count) const;

    ForeignWeight m_weight;
    std::shared_ptr<const ForeignBytes> m_bytes;
    float m_factor = 1;
    std::vector<std::int32_t> m_order;  ///< an input's group; empty: groups follow each other
    std::vector<float> m_scales;        ///< [groups, out], where they lie by input
    std::vector<float> m_zeros;         ///< the same, or beside the scales of the whole weight; empty: there are none
};

}  // namespace millm::engine
