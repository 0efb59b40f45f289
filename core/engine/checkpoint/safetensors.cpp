#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/failure.h"
#include "core/engine/input/json.h"
#include "core/engine/input/lfs_pointer.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace millm::engine {
namespace {

// The reference library's own cap: what is longer is an attack, not a model.
constexpr std::uint64_t header_limit = 100'000'000;
constexpr std::uint64_t int64_limit = std::numeric_limits<std::int64_t>::max();

// Names, their fields, and lists of numbers; a name given twice would be two tensors to two programs.
constexpr JsonLimits json_limits{header_limit, 3, 4'000'000, false};

Result<std::uint64_t> unsigned_field(const std::string &tensor, const char *field, const JsonValue &value) {
    const auto whole = value.integer();
    if (!whole || *whole < 0)
        return invalid_file("tensor \"", printable(tensor), "\": ", field, " holds ", printable(value.shown()),
                            " where a whole number from 0 to 2^63-1 is wanted");
    return static_cast<std::uint64_t>(*whole);
}

Result<TensorInfo> parse_tensor(const std::string &name, const JsonValue &fields, std::uint64_t data_begin,
                                std::uint64_t data_bytes) {
    const std::string shown = printable(name);
    if (!fields.is_object()) return invalid_file("tensor \"", shown, "\": an object is wanted, it is ", fields.kind_name());
    const std::string *dtype = fields.text("dtype");
    const JsonValue *shape = fields.find("shape"), *offsets = fields.find("data_offsets");
    if (!dtype) return invalid_file("tensor \"", shown, "\": dtype is missing or no text");
    if (!shape || !shape->is_list()) return invalid_file("tensor \"", shown, "\": shape is missing or no list");
    if (!offsets || offsets->items().size() != 2)
        return invalid_file("tensor \"", shown, "\": data_offsets is missing or not a list of two numbers");

    TensorInfo info;
    info.name = name;
    const auto known = dtype_from_name(*dtype);
    if (!known)
        return invalid_file("tensor \"", shown, "\": dtype \"", printable(*dtype), "\" is none that this program knows");
    info.dtype = *known;

    std::uint64_t bytes = size_of(info.dtype);
    for (const JsonValue &extent : shape->items()) {
        auto value = unsigned_field(name, "shape", extent);
        if (!value) return std::move(value).error();
        if (__builtin_mul_overflow(bytes, *value, &bytes) || bytes > int64_limit)
            return invalid_file("tensor \"", shown, "\": shape ", shape_text(info.shape), " and more x ", name_of(info.dtype),
                                " is more than 2^63 bytes");
        info.shape.push_back(static_cast<std::int64_t>(*value));
    }
    auto begin = unsigned_field(name, "data_offsets", offsets->items()[0]);
    if (!begin) return std::move(begin).error();
    auto end = unsigned_field(name, "data_offsets", offsets->items()[1]);
    if (!end) return std::move(end).error();
    if (*begin > *end)
        return invalid_file("tensor \"", shown, "\": data_offsets begin at ", *begin, " and end before, at ", *end);
    if (*end > data_bytes)
        return invalid_file("tensor \"", shown, "\": data_offsets end at ", *end, ", the file holds ", data_bytes,
                            " bytes of data");
    if (*end - *begin != bytes)
        return invalid_file("tensor \"", shown, "\": shape ", shape_text(info.shape), " x ", name_of(info.dtype), " is ", bytes,
                            " bytes, data_offsets give ", *end - *begin);
    info.begin = data_begin + *begin;
    info.bytes = bytes;
    return info;
}

}  // namespace

Result<std::uint64_t> safetensors_header_length(std::span<const std::byte, 8> first, std::uint64_t file_bytes) {
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | std::to_integer<std::uint64_t>(first[i]);
    // Eight bytes are enough: as a length they are beyond any limit.
    if (std::memcmp(first.data(), "version ", 8) == 0) return invalid_file(lfs_pointer_words);
    if (length > header_limit)
        return invalid_file("safetensors header: its length says ", length, " bytes, more than the limit of ", header_limit);
    if (length < 2) return invalid_file("safetensors header: its length says ", length, " bytes, an empty object needs 2");
    if (file_bytes < 8 || length > file_bytes - 8)
        return invalid_file("safetensors header: its length says ", length, " bytes, the file holds ", file_bytes, " in all");
    return length;
}

namespace {

Result<std::vector<TensorInfo>> parse_header(std::string_view header_json, std::uint64_t data_bytes) {
    const std::uint64_t data_begin = 8 + header_json.size();
    if (header_json.empty() || header_json.front() != '{') return invalid_file("safetensors header: does not begin with '{'");
    const auto header = parse_json_object(header_json, "safetensors header", json_limits);
    if (!header) return header.error();

    std::vector<TensorInfo> tensors;
    tensors.reserve(header->members().size());
    for (const auto &[name, fields] : header->members()) {
        if (name == "__metadata__") {
            if (!fields.is_object())
                return invalid_file("safetensors header: __metadata__ is ", fields.kind_name(), ", an object is wanted");
            for (const auto &[key, value] : fields.members())
                if (!value.text())
                    return invalid_file("safetensors header: __metadata__ \"", printable(key), "\" is ", value.kind_name(),
                                        ", text is wanted");
            continue;
        }
        auto info = parse_tensor(name, fields, data_begin, data_bytes);
        if (!info) return std::move(info).error();
        tensors.push_back(*std::move(info));
    }

    std::sort(tensors.begin(), tensors.end(), [](const TensorInfo &a, const TensorInfo &b) {
        return a.begin != b.begin ? a.begin < b.begin : a.bytes != b.bytes ? a.bytes < b.bytes : a.name < b.name;
    });
    std::uint64_t expected = data_begin;
    for (const TensorInfo &tensor : tensors) {
        if (tensor.begin != expected)
            return invalid_file("tensor \"", printable(tensor.name), "\": begins at byte ", tensor.begin,
                                " of the file, the one before ends at ", expected,
                                tensor.begin < expected ? " (overlap)" : " (gap)");
        expected += tensor.bytes;
    }
    return tensors;
}

}  // namespace

Result<std::vector<TensorInfo>> parse_safetensors_header(std::string_view header_json, std::uint64_t file_bytes) {
    const std::uint64_t data_begin = 8 + header_json.size();
    if (file_bytes < data_begin)
        return invalid_file("safetensors: header ends at byte ", data_begin, ", the file at ", file_bytes);
    auto tensors = parse_header(header_json, file_bytes - data_begin);
    if (!tensors) return tensors;
    const std::uint64_t end = tensors->empty() ? data_begin : tensors->back().begin + tensors->back().bytes;
    if (end != file_bytes) return invalid_file("safetensors: the last tensor ends at byte ", end, ", the file at ", file_bytes);
    return tensors;
}

Result<std::vector<TensorInfo>> parse_safetensors_header(std::string_view header_json) {
    // Half of the number range keeps every sum of places inside 64 bits.
    return parse_header(header_json, int64_limit / 2);
}

}  // namespace millm::engine
