#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Element types as safetensors names them.
enum class DType : std::uint8_t {
    F64,
    F32,
    F16,
    BF16,
    F8_E4M3,
    F8_E5M2,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    Bool,
    C64,
    F8_E8M0,
    F8_E4M3FNUZ,
    F8_E5M2FNUZ,
};

bool is_float(DType dtype);                                   ///< one of those that are computed with: F64, F32, F16, BF16
std::size_t size_of(DType dtype);                             ///< bytes of one element
std::string_view name_of(DType dtype);                        ///< "BF16"
std::optional<DType> dtype_from_name(std::string_view name);  ///< safetensors' name

/// Name, type and place of one stored tensor. Nothing here is trusted until the reader has checked it.
struct TensorInfo {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  ///< byte offset in the file
    std::uint64_t bytes = 0;  ///< = product(shape) * size_of(dtype)
    bool shared = false;      ///< another tensor of the file is the same bytes in the same shape (torch files alone have that)

    std::int64_t elements() const;
};

}  // namespace millm::engine
