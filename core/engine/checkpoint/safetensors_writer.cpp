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

constexpr std::string_view opening = R"({"__metadata__":{"format":"pt"})";

std::size_t padded(std::size_t json) {
    return json + (8 - json % 8) % 8;
}

std::size_t digits(std::uint64_t number) {
    std::size_t count = 1;
    for (; number > 9; number /= 10) ++count;
    return count;
}

/// Characters of the name as JSON, quotes included.
std::size_t json_size(const MeasuredTensor &tensor) {
    const auto plain = [](std::string_view text) {
        return std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 0x7f && c != '"' && c != '\\'; });
    };
    if (plain(tensor.stem) && plain(tensor.part->name)) return tensor.stem.size() + tensor.part->name.size() + 2;
    return JsonValue(std::string(tensor.stem) + tensor.part->name).dump().size();
}

bool comes_first(const MeasuredTensor &a, const MeasuredTensor &b) {
    const std::size_t common = std::min(a.stem.size(), b.stem.size());
    if (const int order = a.stem.substr(0, common).compare(b.stem.substr(0, common)); order != 0) return order < 0;
    if (a.stem.size() == b.stem.size()) return a.part->name < b.part->name;
    return std::string(a.stem.substr(common)) + a.part->name < std::string(b.stem.substr(common)) + b.part->name;
}

}  // namespace

std::string safetensors_header(std::vector<TensorInfo> &tensors) {
    std::sort(tensors.begin(), tensors.end(), [](const TensorInfo &a, const TensorInfo &b) {
        return a.dtype != b.dtype ? rank(a.dtype) > rank(b.dtype) : a.name < b.name;
    });
    std::string json(opening);
    std::uint64_t offset = 0;
    for (TensorInfo &tensor : tensors) {
        json += ',' + JsonValue(tensor.name).dump() + R"(:{"dtype":")" + std::string(name_of(tensor.dtype)) + R"(","shape":[)";
        for (std::size_t i = 0; i < tensor.shape.size(); ++i) json += (i ? "," : "") + std::to_string(tensor.shape[i]);
        json += R"(],"data_offsets":[)" + std::to_string(offset) + ',' + std::to_string(offset + tensor.bytes) + "]}";
        tensor.begin = offset;
        offset += tensor.bytes;
    }
    json += '}';
    json.resize(padded(json.size()), ' ');
    std::string header;
    for (int i = 0; i < 8; ++i) header += static_cast<char>(json.size() >> (8 * i) & 0xff);
    header += json;
    for (TensorInfo &tensor : tensors) tensor.begin += header.size();
    return header;
}

std::uint64_t safetensors_header_bytes(std::vector<MeasuredTensor> &tensors) {
    std::sort(tensors.begin(), tensors.end(), [](const MeasuredTensor &a, const MeasuredTensor &b) {
        return a.part->dtype != b.part->dtype ? rank(a.part->dtype) > rank(b.part->dtype) : comes_first(a, b);
    });
    constexpr std::size_t signs = std::string_view(R"(,:{"dtype":"","shape":[],"data_offsets":[,]})").size();
    std::size_t json = opening.size() + 1;
    std::uint64_t offset = 0;
    for (const MeasuredTensor &tensor : tensors) {
        const TensorInfo &part = *tensor.part;
        json += signs + json_size(tensor) + name_of(part.dtype).size();
        for (const std::int64_t extent : part.shape) json += digits(static_cast<std::uint64_t>(extent)) + 1;
        if (!part.shape.empty()) --json;  // a comma between two
        json += digits(offset) + digits(offset + part.bytes);
        offset += part.bytes;
    }
    return 8 + padded(json);
}

}  // namespace millm::engine
