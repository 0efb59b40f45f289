#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millm::engine {

/// A field of a message in protobuf's wire format.
struct ProtobufField {
    enum class Kind : std::uint8_t { Varint, Fixed64, Bytes, Fixed32 };

    std::uint32_t number = 0;
    Kind kind = Kind::Varint;
    std::uint64_t value = 0;  ///< of the three numbers
    std::string_view bytes;   ///< a text, or a message of its own

    // What a field of that type holds; nothing where it is stored as another kind.
    std::optional<bool> boolean() const;
    std::optional<std::int32_t> int32() const;
    std::optional<float> real() const;
    std::optional<std::string_view> text() const;
};

/// Reads the fields of a message one after the other. The message is the caller's and outlives this.
class ProtobufReader {
public:
    explicit ProtobufReader(std::string_view message) : m_rest(message) {}

    /// The next field; nothing at the end, or where the bytes are no field (`broken` then).
    std::optional<ProtobufField> next();
    bool broken() const { return m_broken; }

private:
    std::optional<std::uint64_t> varint();
    std::optional<std::uint64_t> fixed(std::size_t size);
    std::optional<ProtobufField> field();

    std::string_view m_rest;
    bool m_broken = false;
};

}  // namespace millm::engine
