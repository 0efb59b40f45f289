#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace millm::engine {

/// How the weights of linear layers are kept. The order is the table's.
enum class Scheme : std::uint8_t {
    NF4,    ///< bitsandbytes 4-bit NormalFloat, blocks of 64, double quantization
    Int8,   ///< bitsandbytes LLM.int8 weights: int8 rows with an f32 scale each
    Plain,  ///< 16-bit (or wider) as the checkpoint has them
};

/// One row of the table of quantizations: REST validation, footprint, combo box and folder names read it.
struct SchemeInfo {
    Scheme scheme;
    std::string_view id;     ///< "Q4", "Q8", "FP16": in the API, the database and folder names
    std::string_view title;  ///< "Q4 (4-bit) - Recommended"
    int bits;                ///< per weight of a linear layer
};

/// All schemes, the default first.
std::span<const SchemeInfo> schemes();
const SchemeInfo &scheme_info(Scheme scheme);
/// By its API id, exact case; nothing where there is none of that name.
std::optional<Scheme> scheme_from_id(std::string_view id);

}  // namespace millm::engine
