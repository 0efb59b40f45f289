#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/layout.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// Quantizes one [out, in] matrix, or a stack of such, whose rows come in slices, so that only a slice and the scales are in
/// memory.
class LinearQuantizer {
public:
    /// `dtype`: F32, F16 or BF16, of the weight; `name` stands in messages.
    LinearQuantizer(Scheme scheme, std::string name, const LinearShape &shape, DType dtype);

    /// Slices before the last of a matrix must have a multiple of this many rows, so that no block of 64 is cut.
    std::int64_t slice_rows() const;
    /// Rows [first, first + rows) as f32, [rows, in], and room for their codes. Any thread, as long as no two have rows in
    /// common. InvalidFile for NaN or infinity, Unsupported beyond half precision (Int8).
    Result<void> add(std::int64_t first, const float *values, std::int64_t rows, std::byte *codes);
    /// Bytes of the codes of so many rows.
    std::size_t code_bytes(std::int64_t rows) const;
    /// After the last slice: the bytes of the tensors beside the codes, in the order of quantized_tensors().
    std::vector<std::vector<std::byte>> finish() const;
    /// After the last slice: the scales as a reader of the file gets them, of blocks (NF4) or rows (Int8).
    std::vector<float> stored_scales() const;

private:
    Scheme m_scheme;
    std::string m_name;
    LinearShape m_shape;
    DType m_dtype;
    std::vector<float> m_scales;  // absmax of the blocks, or SCB of the rows
};

}  // namespace millm::engine
