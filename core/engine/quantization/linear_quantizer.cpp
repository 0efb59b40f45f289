#include "core/engine/quantization/linear_quantizer.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/quantization/code_tables.h"

#include <utility>

namespace millm::engine {
namespace {

template <class T>
std::vector<std::byte> bytes_of(std::span<const T> values) {
    const auto bytes = std::as_bytes(values);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

LinearQuantizer::LinearQuantizer(Scheme scheme, std::string name, const LinearShape &shape, DType dtype)
    : m_scheme(scheme), m_name(std::move(name)), m_shape(shape), m_dtype(dtype) {
    const std::int64_t rows = shape.rows();
    m_scales.resize(static_cast<std::size_t>(scheme == Scheme::Int8 ? rows : (rows * shape.in + 63) / 64));
}

std::int64_t LinearQuantizer::slice_rows() const {
    return m_scheme == Scheme::Int8 || m_shape.in % 64 == 0 ? 1 : 64;
}

std::size_t LinearQuantizer::code_bytes(std::int64_t rows) const {
    const auto count = static_cast<std::size_t>(rows * m_shape.in);
    return m_scheme == Scheme::Int8 ? count : (count + 1) / 2;
}

Result<void> LinearQuantizer::add(std::int64_t first, const float *values, std::int64_t rows, std::byte *codes) {
    QuantizeFault fault;
    if (m_scheme == Scheme::Int8)
        fault = quantize_int8(values, static_cast<std::size_t>(rows), static_cast<std::size_t>(m_shape.in),
                              reinterpret_cast<std::int8_t *>(codes), m_scales.data() + first);
    else
        fault =
            quantize_nf4(values, static_cast<std::size_t>(rows * m_shape.in), codes, m_scales.data() + first * m_shape.in / 64);
    if (fault == QuantizeFault::NotFinite)
        return invalid_file("tensor \"", printable(m_name), "\": holds NaN or infinity, which no quantization can keep");
    if (fault == QuantizeFault::BeyondHalf)
        return failure(ErrorCode::Unsupported, "tensor \"", printable(m_name),
                       "\": holds magnitudes past 65504, the end of half precision that Q8 needs; Q4 and FP16 keep them");
    return {};
}

std::vector<std::vector<std::byte>> LinearQuantizer::finish() const {
    if (m_scheme == Scheme::Int8) return {bytes_of(std::span<const float>(m_scales)), {std::byte{0}}};  // SCB; row-major
    const NestedScales nested = quantize_scales(m_scales);
    const std::string state = quant_state_text(m_shape, m_dtype, nested.offset);
    return {bytes_of(std::span<const std::uint8_t>(nested.codes)), bytes_of(std::span<const float>(nested.absmax)),
            bytes_of(std::span<const float>(dynamic_map)), bytes_of(std::span<const float>(nf4_code)),
            bytes_of(std::span<const char>(state))};
}

std::vector<float> LinearQuantizer::stored_scales() const {
    if (m_scheme == Scheme::Int8) return m_scales;
    const NestedScales nested = quantize_scales(m_scales);
    return restore_scales(std::as_bytes(std::span(nested.codes)), dynamic_map, nested.absmax, 256, nested.offset);
}

}  // namespace millm::engine
