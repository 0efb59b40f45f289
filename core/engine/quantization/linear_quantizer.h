#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/quantization/kernels.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// Quantizes one [out, in] matrix whose rows come in slices, so that only a slice and the scales are in memory.
/// One thread at a time.
class LinearQuantizer {
public:
    /// `dtype`: F32, F16 or BF16, of the weight; `name` stands in messages.
    LinearQuantizer(Scheme scheme, std::string name, std::int64_t out, std::int64_t in, DType dtype);

    /// Slices before the last must have a multiple of this many rows, so that no block of 64 is cut.
    std::int64_t slice_rows() const;
    /// The next `rows` rows as f32, [rows, in]. The codes of just these rows, which live until the next call.
    /// InvalidFile for NaN or infinity, Unsupported beyond half precision (Int8).
    Result<std::span<const std::byte>> add(const float *values, std::int64_t rows);
    /// After the last slice: the bytes of the tensors beside the codes, in the order of quantized_tensors().
    std::vector<std::vector<std::byte>> finish() const;
    /// After the last slice: the scales as a reader of the file gets them, of blocks (NF4) or rows (Int8).
    std::vector<float> stored_scales() const;

private:
    Scheme m_scheme;
    std::string m_name;
    std::int64_t m_out, m_in;
    DType m_dtype;
    std::vector<float> m_scales;  // absmax of the blocks so far, or SCB of the rows
    std::vector<std::byte> m_codes;
};

}  // namespace millm::engine
