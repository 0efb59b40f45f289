#include "core/engine/quantization/scheme.h"

#include <array>

namespace millm::engine {
namespace {

constexpr std::array table{
    SchemeInfo{Scheme::NF4, "Q4", "Q4 (4-bit) - Recommended", 4}, SchemeInfo{Scheme::Int8, "Q8", "Q8 (8-bit)", 8},
    SchemeInfo{Scheme::Plain, "FP16", "FP16 (Full Precision)", 16},
    // append a row; its place is the enumerator's value
};

}  // namespace

std::span<const SchemeInfo> schemes() {
    return table;
}

const SchemeInfo &scheme_info(Scheme scheme) {
    return table[static_cast<std::size_t>(scheme)];
}

std::optional<Scheme> scheme_from_id(std::string_view id) {
    for (const SchemeInfo &row : table)
        if (row.id == id) return row.scheme;
    return std::nullopt;
}

}  // namespace millm::engine
