#include "core/engine/checkpoint/dtype.h"

#include <array>

namespace millm::engine {
namespace {

struct Row {
    DType dtype;
    std::string_view name;
    std::size_t size;
};

// In the enumerators' order.
constexpr std::array rows{
    Row{DType::F64, "F64", 8},
    Row{DType::F32, "F32", 4},
    Row{DType::F16, "F16", 2},
    Row{DType::BF16, "BF16", 2},
    Row{DType::F8_E4M3, "F8_E4M3", 1},
    Row{DType::F8_E5M2, "F8_E5M2", 1},
    Row{DType::I64, "I64", 8},
    Row{DType::I32, "I32", 4},
    Row{DType::I16, "I16", 2},
    Row{DType::I8, "I8", 1},
    Row{DType::U64, "U64", 8},
    Row{DType::U32, "U32", 4},
    Row{DType::U16, "U16", 2},
    Row{DType::U8, "U8", 1},
    Row{DType::Bool, "BOOL", 1},
    Row{DType::C64, "C64", 8},
    Row{DType::F8_E8M0, "F8_E8M0", 1},
    Row{DType::F8_E4M3FNUZ, "F8_E4M3FNUZ", 1},
    Row{DType::F8_E5M2FNUZ, "F8_E5M2FNUZ", 1},
};

}  // namespace

bool is_float(DType dtype) {
    return dtype == DType::F64 || dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16;
}

std::size_t size_of(DType dtype) {
    return rows[static_cast<std::size_t>(dtype)].size;
}

std::string_view name_of(DType dtype) {
    return rows[static_cast<std::size_t>(dtype)].name;
}

std::optional<DType> dtype_from_name(std::string_view name) {
    for (const Row &row : rows)
        if (row.name == name) return row.dtype;
    return std::nullopt;
}

std::int64_t TensorInfo::elements() const {
    std::int64_t product = 1;
    for (const std::int64_t extent : shape) product *= extent;
    return product;
}

}  // namespace millm::engine
