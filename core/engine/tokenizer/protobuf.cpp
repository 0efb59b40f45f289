#include "core/engine/tokenizer/protobuf.h"

#include <bit>

namespace millm::engine {

std::optional<bool> ProtobufField::boolean() const {
    if (kind != Kind::Varint) return std::nullopt;
    return value != 0;
}

std::optional<std::int32_t> ProtobufField::int32() const {
    if (kind != Kind::Varint) return std::nullopt;
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::optional<float> ProtobufField::real() const {
    if (kind != Kind::Fixed32) return std::nullopt;
    return std::bit_cast<float>(static_cast<std::uint32_t>(value));
}

std::optional<std::string_view> ProtobufField::text() const {
    if (kind != Kind::Bytes) return std::nullopt;
    return bytes;
}

std::optional<std::uint64_t> ProtobufReader::varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70 && !m_rest.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(m_rest.front());
        m_rest.remove_prefix(1);
        // The tenth byte has one bit left.
        if (shift == 63 && byte > 1) return std::nullopt;
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> ProtobufReader::fixed(std::size_t size) {
    if (m_rest.size() < size) return std::nullopt;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(m_rest[i])) << (8 * i);
    m_rest.remove_prefix(size);
    return value;
}

std::optional<ProtobufField> ProtobufReader::field() {
    const auto tag = varint();
    if (!tag || *tag >> 3 == 0 || *tag >> 3 > (1u << 29) - 1) return std::nullopt;
    ProtobufField field;
    field.number = static_cast<std::uint32_t>(*tag >> 3);
    std::optional<std::uint64_t> number;
    switch (*tag & 7) {
        case 0:
            number = varint();
            break;
        case 1:
            field.kind = ProtobufField::Kind::Fixed64;
            number = fixed(8);
            break;
        case 2:
            field.kind = ProtobufField::Kind::Bytes;
            number = varint();
            if (!number || *number > m_rest.size()) return std::nullopt;
            field.bytes = m_rest.substr(0, static_cast<std::size_t>(*number));
            m_rest.remove_prefix(field.bytes.size());
            break;
        case 5:
            field.kind = ProtobufField::Kind::Fixed32;
            number = fixed(4);
            break;
        default:  // groups, which nobody writes any more
            return std::nullopt;
    }
    if (!number) return std::nullopt;
    field.value = *number;
    return field;
}

std::optional<ProtobufField> ProtobufReader::next() {
    if (m_rest.empty() || m_broken) return std::nullopt;
    auto next = field();
    m_broken = !next;
    return next;
}

}  // namespace millm::engine
