#include "core/engine/quantization/linear_quantizer.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/quantization/code_tables.h"
#include "core/engine/quantization/layout.h"

#include <utility>

namespace millm::engine {
namespace {

template <class T>
std::vector<std::byte> bytes_of(std::span<const T> values) {
    const auto bytes = std::as_bytes(values);
    return {bytes.begin(), bytes.end()};
}

}  // namespace

LinearQuantizer::LinearQuantizer(Scheme scheme, std::string name, std::int64_t out, std::int64_t in, DType dtype)
    : m_scheme(scheme), m_name(std::move(name)), m_out(out), m_in(in), m_dtype(dtype) {
    m_scales.reserve(static_cast<std::size_t>(scheme == Scheme::Int8 ? out : (out * in + 63) / 64));
}

std::int64_t LinearQuantizer::slice_rows() const {
    return m_scheme == Scheme::Int8 || m_in % 64 == 0 ? 1 : 64;
}

Result<std::span<const std::byte>> LinearQuantizer::add(const float *values, std::int64_t rows) {
    const auto count = static_cast<std::size_t>(rows * m_in), first = m_scales.size();
    QuantizeFault fault;
    if (m_scheme == Scheme::Int8) {
        m_scales.resize(first + static_cast<std::size_t>(rows));
        m_codes.resize(count);
        fault = quantize_int8(values, static_cast<std::size_t>(rows), static_cast<std::size_t>(m_in),
                              reinterpret_cast<std::int8_t *>(m_codes.data()), m_scales.data() + first);
    } else {
        m_scales.resize(first + (count + 63) / 64);
        m_codes.resize((count + 1) / 2);
        fault = quantize_nf4(values, count, m_codes.data(), m_scales.data() + first);
    }
    if (fault == QuantizeFault::NotFinite)
        return invalid_file("tensor \"", printable(m_name), "\": holds NaN or infinity, which no quantization can keep");
    if (fault == QuantizeFault::BeyondHalf)
        return failure(ErrorCode::Unsupported, "tensor \"", printable(m_name),
                       "\": holds magnitudes past 65504, the end of half precision that Q8 needs; Q4 and FP16 keep them");
    return std::span<const std::byte>(m_codes);
}

std::vector<std::vector<std::byte>> LinearQuantizer::finish() const {
    if (m_scheme == Scheme::Int8) return {bytes_of(std::span<const float>(m_scales)), {std::byte{0}}};  // SCB; row-major
    const NestedScales nested = quantize_scales(m_scales);
    const std::string state = quant_state_text(m_out, m_in, m_dtype, nested.offset);
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
