#include "core/engine/checkpoint/safetensors_writer.h"

#include "core/engine/input/json_value.h"

#include <algorithm>
#include <array>

namespace millm::engine {
namespace {

// The reference library's order of types, the last written first.
constexpr std::array order{DType::Bool, DType::U8,  DType::I8,  DType::F8_E5M2, DType::F8_E4M3,
                           DType::I16,  DType::U16, DType::F16, DType::BF16,    DType::I32,
                           DType::U32,  DType::F32, DType::F64, DType::I64,     DType::U64};

std::ptrdiff_t rank(DType dtype) {
    return std::find(order.begin(), order.end(), dtype) - order.begin();
}

}  // namespace

std::string safetensors_header(std::vector<TensorInfo> &tensors) {
    std::sort(tensors.begin(), tensors.end(), [](const TensorInfo &a, const TensorInfo &b) {
        return a.dtype != b.dtype ? rank(a.dtype) > rank(b.dtype) : a.name < b.name;
    });
    std::string json = R"({"__metadata__":{"format":"pt"})";
    std::uint64_t offset = 0;
    for (TensorInfo &tensor : tensors) {
        json += ',' + JsonValue(tensor.name).dump() + R"(:{"dtype":")" + std::string(name_of(tensor.dtype)) + R"(","shape":[)";
        for (std::size_t i = 0; i < tensor.shape.size(); ++i) json += (i ? "," : "") + std::to_string(tensor.shape[i]);
        json += R"(],"data_offsets":[)" + std::to_string(offset) + ',' + std::to_string(offset + tensor.bytes) + "]}";
        tensor.begin = offset;
        offset += tensor.bytes;
    }
    json += '}';
    json.append((8 - json.size() % 8) % 8, ' ');
    std::string header;
    for (int i = 0; i < 8; ++i) header += static_cast<char>(json.size() >> (8 * i) & 0xff);
    header += json;
    for (TensorInfo &tensor : tensors) tensor.begin += header.size();
    return header;
}

}  // namespace millm::engine
