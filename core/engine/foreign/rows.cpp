#include "core/engine/foreign/rows.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/foreign/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace millm::engine {
namespace {

using Codes = ForeignWeight::Codes;

using Words = std::vector<std::uint32_t>;

/// Scales that are looked at together.
constexpr std::uint64_t scales_at_once = 1 << 16;

Words words_of(std::span<const std::byte> bytes) {
    Words words(bytes.size() / sizeof(std::uint32_t));
    std::memcpy(words.data(), bytes.data(), words.size() * sizeof(std::uint32_t));
    return words;
}

std::size_t index_of(std::int64_t index) {
    return static_cast<std::size_t>(index);
}

/// Unsigned integers of a word, the first in its lowest bits.
struct Packed {
    int bits;
    std::uint32_t mask = bits < 32 ? (1u << bits) - 1 : ~0u;
    std::int64_t each = ForeignWeight::word_bits / bits;

    float at(std::uint32_t word, std::int64_t i) const { return static_cast<float>(word >> (bits * i) & mask); }
};

/// Where AWQ puts a column of eight among a word's integers: even ones first.
constexpr std::array<int, 8> interleaved{0, 4, 1, 5, 2, 6, 3, 7};

}  // namespace

Result<ForeignRows> ForeignRows::open(ForeignWeight weight, std::shared_ptr<const ForeignBytes> bytes) {
    ForeignRows rows(std::move(weight), std::move(bytes));
    for (const auto step :
         {&ForeignRows::take_factor, &ForeignRows::take_order, &ForeignRows::take_zeros, &ForeignRows::take_scales})
        if (auto taken = (rows.*step)(); !taken) return std::move(taken).error();
    if (auto checked = rows.check_shape(); !checked) return std::move(checked).error();
    return rows;
}

Result<ForeignRows::Bytes> ForeignRows::part(ForeignWeight::Part part, std::uint64_t offset, std::uint64_t count) const {
    Bytes bytes(count);
    if (auto got = m_bytes->read(m_weight.piece(part).info, offset, bytes); !got) return std::move(got).error();
    return bytes;
}

Result<ForeignRows::Bytes> ForeignRows::whole(ForeignWeight::Part which) const {
    return part(which, 0, m_weight.piece(which).info.bytes);
}

Result<void> ForeignRows::take_factor() {
    if (!m_weight.piece(ForeignWeight::Factor).found()) return {};
    const auto bytes = whole(ForeignWeight::Factor);
    if (!bytes) return bytes.error();
    std::memcpy(&m_factor, bytes->data(), sizeof(float));
    if (!std::isfinite(m_factor) || m_factor == 0)
        return invalid_file("tensor \"", printable(m_weight.piece(ForeignWeight::Factor).name), "\": ", m_factor,
                            " is no factor that scales can have");
    return {};
}

Result<void> ForeignRows::take_order() {
    if (!m_weight.piece(ForeignWeight::Order).found()) return {};
    const auto bytes = whole(ForeignWeight::Order);
    if (!bytes) return bytes.error();
    m_order.resize(index_of(m_weight.in));
    std::memcpy(m_order.data(), bytes->data(), bytes->size());
    for (std::size_t i = 0; i < m_order.size(); ++i)
        if (m_order[i] < 0 || m_order[i] >= m_weight.groups)
            return invalid_file("tensor \"", printable(m_weight.piece(ForeignWeight::Order).name), "\": input ", i,
                                " is of group ", m_order[i], ", there are ", m_weight.groups);
    return {};
}

Result<void> ForeignRows::take_zeros() {
    if (!m_weight.piece(ForeignWeight::Zeros).found()) return {};
    const auto bytes = whole(ForeignWeight::Zeros);
    if (!bytes) return bytes.error();
    if (m_weight.codes == Codes::Bytes) {
        m_zeros.resize(bytes->size());
        numbers_of(m_weight.piece(ForeignWeight::Zeros).info.dtype, *bytes, m_zeros.data());
        return {};
    }
    Words words = words_of(*bytes);
    const Packed packed{m_weight.bits};
    // The inverse of what wrote it: one off each integer of the word together, borrowing from the next.
    if (m_weight.zero_behind)
        for (std::uint32_t &word : words) word += ~0u / packed.mask;
    const std::int64_t out = m_weight.out, groups = m_weight.groups, columns = out / packed.each;
    m_zeros.resize(index_of(out * groups));
    for (std::int64_t row = 0; row < out; ++row)
        for (std::int64_t group = 0; group < groups; ++group) {
            const std::int64_t in_word = row % packed.each;
            if (m_weight.codes == Codes::Row)
                m_zeros[index_of(row * groups + group)] =
                    packed.at(words[index_of(row / packed.each * groups + group)], in_word) -
                    static_cast<float>(1u << (m_weight.bits - 1));
            else
                m_zeros[index_of(group * out + row)] =
                    packed.at(words[index_of(group * columns + row / packed.each)],
                              m_weight.codes == Codes::Interleaved ? interleaved[index_of(in_word)] : in_word);
        }
    return {};
}

Result<void> ForeignRows::take_scales() {
    const TensorInfo &info = m_weight.piece(ForeignWeight::Scales).info;
    const auto all = static_cast<std::uint64_t>(info.elements());
    std::vector<float> values;
    for (std::uint64_t done = 0; done < all; done += values.size()) {
        values.resize(std::min(scales_at_once, all - done));
        const auto bytes = part(ForeignWeight::Scales, done * size_of(info.dtype), values.size() * size_of(info.dtype));
        if (!bytes) return bytes.error();
        numbers_of(info.dtype, *bytes, values.data());
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!std::isfinite(values[i]))
                return invalid_file("tensor \"", printable(info.name), "\": the scale at place ", done + i, " of ",
                                    shape_text(info.shape), " is no finite number");
        if (m_weight.by_input()) m_scales.insert(m_scales.end(), values.begin(), values.end());
    }
    return {};
}

Result<void> ForeignRows::check_shape() const {
    const TensorInfo &info = m_weight.piece(ForeignWeight::Shape).info;
    if (!m_weight.piece(ForeignWeight::Shape).found()) return {};
    const auto bytes = whole(ForeignWeight::Shape);
    if (!bytes) return bytes.error();
    std::vector<std::int64_t> told(index_of(info.elements()));
    for (std::size_t i = 0; i < told.size(); ++i) {
        std::int32_t narrow = 0;
        std::memcpy(&told[i], bytes->data() + i * size_of(info.dtype), info.dtype == DType::I64 ? 8 : 0);
        std::memcpy(&narrow, bytes->data() + i * size_of(info.dtype), info.dtype == DType::I64 ? 0 : 4);
        if (info.dtype != DType::I64) told[i] = narrow;
    }
    const std::vector<std::int64_t> shape = m_weight.stand_in(false).shape;
    if (told == shape) return {};
    return invalid_file("tensor \"", printable(info.name), "\": ", shape_text(told), ", the codes are of ", shape_text(shape));
}

/// The bytes of some rows: of row-wise forms as they lie, else the words of each line of the tensor that hold them.
Result<ForeignRows::Bytes> ForeignRows::codes_of(std::int64_t first, std::int64_t count) const {
    const TensorInfo &info = m_weight.piece(ForeignWeight::CodesPart).info;
    if (!m_weight.by_input()) {
        const std::uint64_t row = info.bytes / static_cast<std::uint64_t>(m_weight.rows());
        return part(ForeignWeight::CodesPart, static_cast<std::uint64_t>(first) * row, static_cast<std::uint64_t>(count) * row);
    }
    const std::int64_t each = m_weight.codes == Codes::Interleaved ? ForeignWeight::word_bits / m_weight.bits : 1,
                       from = first / each, words = (first + count + each - 1) / each - from, width = info.shape[1];
    Bytes bytes(index_of(info.shape[0] * words * 4));
    for (std::int64_t line = 0; line < info.shape[0]; ++line)
        if (auto got = m_bytes->read(info, static_cast<std::uint64_t>((line * width + from) * 4),
                                     std::span(bytes).subspan(index_of(line * words * 4), index_of(words * 4)));
            !got)
            return std::move(got).error();
    return bytes;
}

Result<void> ForeignRows::read(std::int64_t first, std::int64_t count, float *to) const {
    while (count > 0) {
        const std::int64_t part = std::min(count, m_weight.out - first % m_weight.out);
        if (auto got = inside_matrix(first, part, to); !got) return got;
        first += part;
        count -= part;
        to += part * m_weight.in;
    }
    return {};
}

Result<void> ForeignRows::inside_matrix(std::int64_t first, std::int64_t count, float *to) const {
    const ForeignWeight &w = m_weight;
    const TensorInfo &codes_info = w.piece(ForeignWeight::CodesPart).info, &scales_info = w.piece(ForeignWeight::Scales).info;
    const auto codes = codes_of(first, count);
    if (!codes) return codes.error();
    const Words words = codes_info.dtype == DType::I32 ? words_of(*codes) : Words();
    const Packed packed{w.bits};
    const float middle = w.codes == Codes::Row ? static_cast<float>(1u << (w.bits - 1)) : 0;

    // The lines of scales that these rows have.
    const std::int64_t matrix = first / w.out, begin = first % w.out, line = matrix * w.scale_lines + begin / w.scale_rows,
                       lines = (begin + count - 1) / w.scale_rows - begin / w.scale_rows + 1;
    std::vector<float> scales;
    if (!w.by_input()) {
        const std::uint64_t each = size_of(scales_info.dtype);
        const auto bytes = part(ForeignWeight::Scales, static_cast<std::uint64_t>(line * w.groups) * each,
                                static_cast<std::uint64_t>(lines * w.groups) * each);
        if (!bytes) return bytes.error();
        scales.resize(index_of(lines * w.groups));
        numbers_of(scales_info.dtype, *bytes, scales.data());
    }
    std::vector<float> row_scales(index_of(w.groups)), row_zeros(index_of(w.groups));
    for (std::int64_t i = 0; i < count; ++i, to += w.in) {
        const std::int64_t row = begin + i, own = row / w.scale_rows - begin / w.scale_rows;
        for (std::int64_t group = 0; group < w.groups; ++group) {
            const float scale =
                w.by_input() ? m_scales[index_of(group * w.out + row)] : scales[index_of(own * w.groups + group)];
            row_scales[index_of(group)] = w.divides ? scale / m_factor : scale * m_factor;
            if (!m_zeros.empty())
                row_zeros[index_of(group)] =
                    w.by_input() ? m_zeros[index_of(group * w.out + row)] : m_zeros[index_of((line + own) * w.groups + group)];
        }
        switch (w.codes) {
            case Codes::Bytes:
                numbers_of(codes_info.dtype, std::span(*codes).subspan(index_of(i * w.in), index_of(w.in)), to);
                break;
            case Codes::Fp4:
            case Codes::Blocks:
                fp4_numbers(std::span(*codes).subspan(index_of(i * w.in / 2), index_of(w.in / 2)), to);
                break;
            case Codes::Row:
                for (std::int64_t k = 0; k < w.in; ++k)
                    to[k] = packed.at(words[index_of((i * w.in + k) / packed.each)], k % packed.each) - middle;
                break;
            case Codes::Column:
                for (std::int64_t k = 0; k < w.in; ++k)
                    to[k] = packed.at(words[index_of(k / packed.each * count + i)], k % packed.each);
                break;
            case Codes::Interleaved: {
                const std::int64_t from = begin / packed.each, width = (begin + count + packed.each - 1) / packed.each - from;
                for (std::int64_t k = 0; k < w.in; ++k)
                    to[k] = packed.at(words[index_of(k * width + row / packed.each - from)],
                                      interleaved[index_of(row % packed.each)]);
                break;
            }
        }
        if (!m_order.empty()) {
            for (std::int64_t k = 0; k < w.in; ++k) {
                const auto group = static_cast<std::size_t>(m_order[index_of(k)]);
                to[k] = (to[k] - row_zeros[group]) * row_scales[group];
            }
            continue;
        }
        for (std::int64_t group = 0, k = 0; k < w.in; ++group) {
            const std::int64_t end = std::min(w.in, k + w.scale_columns);
            const float scale = row_scales[index_of(group)], zero = row_zeros[index_of(group)];
            for (; k < end; ++k) to[k] = (to[k] - zero) * scale;
        }
    }
    return {};
}

}  // namespace millm::engine
