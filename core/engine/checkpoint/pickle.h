#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine {

/// A value that a pickle described. Nothing a pickle names is ever looked up or called: the few names a state dict needs are
/// rows of a closed table, everything else ends the reading.
struct PickleValue {
    enum class Kind : std::uint8_t { None, Bool, Int, BigInt, Float, Text, Tuple, List, Dict, Global, Storage, Tensor, Marker };

    Kind kind = Kind::None;
    std::uint8_t global = 0;                 ///< Kind::Global: the row of the table
    std::optional<DType> dtype;              ///< Storage, Tensor, and globals that stand for an element type; none = raw bytes
    bool requires_view = false;              ///< Storage: a legacy view into another one
    std::int64_t number = 0;                 ///< Bool, Int; Storage: elements (bytes where raw); Tensor: offset in elements
    std::string text;                        ///< Text; Storage: key; BigInt: its little-endian bytes
    std::vector<const PickleValue *> items;  ///< Tuple, List; Tensor: its storage
    std::vector<std::pair<const PickleValue *, const PickleValue *>> pairs;  ///< Dict, in order
    std::vector<std::int64_t> shape, strides;                                ///< Tensor, in elements
};

/// Reads pickles of torch state dicts. Keeps every value it made until it goes away. Not thread-safe.
class PickleReader {
public:
    /// Reads one pickle from the start of `bytes` and says in `consumed` where it ended. NeedsRemoteCode, naming it, where the
    /// pickle asks for a function or class that is not part of plain weights; InvalidFile for anything malformed or beyond the
    /// limits (64 MB, a million values on the stack, 64 kB a string, 8 dimensions).
    Result<const PickleValue *> read(std::span<const std::byte> bytes, std::size_t &consumed);

    const std::deque<PickleValue> &values() const { return m_values; }

private:
    std::deque<PickleValue> m_values;
};

}  // namespace millm::engine
