#include "core/engine/checkpoint/torch_file.h"

#include "core/engine/checkpoint/failure.h"
#include "core/engine/checkpoint/pickle.h"
#include "core/engine/checkpoint/zip_directory.h"
#include "core/engine/input/lfs_pointer.h"
#include "core/engine/input/utf8.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace millm::engine {
namespace {

using Bytes = std::span<const std::byte>;
using Kind = PickleValue::Kind;

constexpr std::size_t tensor_limit = 1'000'000;

/// Where a storage's raw bytes lie in the file.
struct StoragePlace {
    std::uint64_t begin = 0, bytes = 0;
};
using StoragePlaces = std::unordered_map<std::string, StoragePlace>;

std::uint64_t item_size(const PickleValue &storage) {
    return storage.dtype ? size_of(*storage.dtype) : 1;
}

bool starts_with(Bytes file, std::string_view magic, std::size_t at = 0) {
    return file.size() >= at + magic.size() && std::memcmp(file.data() + at, magic.data(), magic.size()) == 0;
}

constexpr std::string_view legacy_magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15);

/// The dict that holds the weights: the top one, or the one that training scripts wrap it in.
const PickleValue *state_dict(const PickleValue &top) {
    const auto has_tensors = [](const PickleValue &value) {
        return value.kind == Kind::Dict && std::any_of(value.pairs.begin(), value.pairs.end(),
                                                       [](const auto &pair) { return pair.second->kind == Kind::Tensor; });
    };
    if (has_tensors(top)) return &top;
    if (top.kind != Kind::Dict) return nullptr;
    for (const std::string_view wrapper : {"state_dict", "model", "model_state_dict", "module"}) {
        // As in Python the later item of a dict counts, and it alone is looked into: a file may name it a million times.
        const auto item = std::find_if(top.pairs.rbegin(), top.pairs.rend(), [&](const auto &pair) {
            return pair.first->kind == Kind::Text && pair.first->text == wrapper;
        });
        if (item != top.pairs.rend() && has_tensors(*item->second)) return item->second;
    }
    return nullptr;
}

/// Checks the view against its storage and finds its place; `info.name` is set already.
Result<TorchTensor> place(const PickleValue &value, const std::string &name, const StoragePlaces &places) {
    const PickleValue &storage = *value.items[0];
    const std::string shown = printable(name);
    if (storage.requires_view)
        return failure(ErrorCode::Unsupported, "tensor \"", shown, "\": a legacy storage that is a view of another");
    const auto found = places.find(storage.text);
    if (found == places.end())
        return invalid_file("tensor \"", shown, "\": storage \"", printable(storage.text), "\" is not in the file");
    std::uint64_t storage_bytes = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(storage.number), item_size(storage), &storage_bytes) ||
        storage_bytes != found->second.bytes)
        return invalid_file("tensor \"", shown, "\": storage \"", printable(storage.text), "\" says ", storage.number,
                            " elements of ", item_size(storage), " bytes, the file holds ", found->second.bytes, " bytes");

    TorchTensor tensor;
    tensor.info.name = name;
    tensor.info.dtype = *value.dtype;
    tensor.info.shape = value.shape;
    tensor.strides = value.strides;
    const std::uint64_t width = size_of(tensor.info.dtype), capacity = storage_bytes / width;
    std::uint64_t elements = 1, last = static_cast<std::uint64_t>(value.number);
    bool overflow = false, empty = false;
    for (std::size_t d = 0; d < value.shape.size(); ++d) {
        const auto extent = static_cast<std::uint64_t>(value.shape[d]), stride = static_cast<std::uint64_t>(value.strides[d]);
        empty |= extent == 0;
        overflow |= __builtin_mul_overflow(elements, extent, &elements);
        std::uint64_t reach = 0;
        overflow |= extent > 0 && __builtin_mul_overflow(extent - 1, stride, &reach);
        overflow |= __builtin_add_overflow(last, reach, &last);
    }
    if (empty) elements = 0;
    // A stride of 0 would let a few bytes claim any size: such views are never part of weights.
    if (!empty && (overflow || last >= capacity || elements > capacity))
        return invalid_file("tensor \"", shown, "\": shape ", shape_text(value.shape), " with strides ",
                            shape_text(value.strides), " at offset ", value.number, " does not fit in its storage of ",
                            capacity, " elements");
    if (empty && static_cast<std::uint64_t>(value.number) > capacity)
        return invalid_file("tensor \"", shown, "\": offset ", value.number, " is past its storage of ", capacity, " elements");
    std::int64_t expected = 1;
    for (std::size_t d = value.shape.size(); d-- > 0 && !empty;) {
        if (value.shape[d] != 1) tensor.contiguous &= value.strides[d] == expected;
        expected *= value.shape[d];
    }
    tensor.info.bytes = elements * width;
    tensor.info.begin = found->second.begin + static_cast<std::uint64_t>(value.number) * width;
    return tensor;
}

Result<std::vector<TorchTensor>> collect(const PickleValue &top, const StoragePlaces &places) {
    const PickleValue *dict = state_dict(top);
    if (!dict) return invalid_file("torch file: its object is no dict of tensors");
    if (dict->pairs.size() > tensor_limit)
        return invalid_file("torch file: ", dict->pairs.size(), " entries, the limit is ", tensor_limit);
    std::vector<TorchTensor> tensors;
    std::unordered_map<std::string_view, std::size_t> by_name;
    for (const auto &[key, value] : dict->pairs) {
        if (value->kind != Kind::Tensor) continue;  // counters and other state of the trainer
        if (key->kind != Kind::Text) return invalid_file("torch file: a tensor's name is no text");
        if (valid_utf8_bytes(key->text) < key->text.size())
            return invalid_file("torch file: a tensor's name is not UTF-8: \"", printable(key->text), "\"");
        auto tensor = place(*value, key->text, places);
        if (!tensor) return std::move(tensor).error();
        const auto [found, fresh] = by_name.try_emplace(key->text, tensors.size());
        if (fresh)
            tensors.push_back(*std::move(tensor));
        else
            tensors[found->second] = *std::move(tensor);  // as in Python, the later item of a dict counts
    }
    std::map<std::tuple<std::uint64_t, DType, std::vector<std::int64_t>, std::vector<std::int64_t>>, TorchTensor *> by_place;
    for (TorchTensor &tensor : tensors) {
        const auto key = std::tuple(tensor.info.begin, tensor.info.dtype, tensor.info.shape, tensor.strides);
        const auto [first, fresh] = by_place.try_emplace(key, &tensor);
        if (!fresh && tensor.info.bytes > 0) tensor.info.shared = first->second->info.shared = true;
    }
    return tensors;
}

Result<std::vector<TorchTensor>> read_zip(Bytes file) {
    auto entries = read_zip_directory(file);
    if (!entries) return std::move(entries).error();
    const auto ends_with = [](const std::string &name, std::string_view tail) {
        return name.size() > tail.size() && std::string_view(name).substr(name.size() - tail.size()) == tail;
    };
    const auto pickle = std::find_if(entries->begin(), entries->end(), [&](const ZipEntry &entry) {
        return ends_with(entry.name, "/data.pkl") && std::count(entry.name.begin(), entry.name.end(), '/') == 1;
    });
    if (pickle == entries->end())
        return invalid_file("zip: no \"<folder>/data.pkl\" among its ", entries->size(), " entries; not written by torch.save");
    const std::string folder = pickle->name.substr(0, pickle->name.size() - std::strlen("data.pkl"));

    StoragePlaces places;
    for (const ZipEntry &entry : *entries) {
        if (entry.name.compare(0, folder.size(), folder) != 0) continue;
        const std::string rest = entry.name.substr(folder.size());
        if (rest == "constants.pkl" || rest.compare(0, 5, "code/") == 0)
            return failure(ErrorCode::NeedsRemoteCode, "the file is a TorchScript program (it holds \"", printable(rest),
                           "\"), not plain weights; it was not run");
        if (rest == "byteorder") {
            const std::string_view order(reinterpret_cast<const char *>(file.data()) + entry.begin, entry.bytes);
            if (order != "little")
                return failure(ErrorCode::Unsupported, "zip: byteorder is \"", printable(order), "\", only little is read");
        }
        if (rest.compare(0, 5, "data/") == 0) places[rest.substr(5)] = {entry.begin, entry.bytes};
    }
    PickleReader reader;
    std::size_t consumed = 0;
    auto top = reader.read(file.subspan(pickle->begin, pickle->bytes), consumed);
    if (!top) return std::move(top).error();
    return collect(**top, places);
}

/// magic, protocol, system, object, keys; then for each key its element count and bytes.
Result<std::vector<TorchTensor>> read_legacy(Bytes file) {
    PickleReader reader;
    const PickleValue *parts[5] = {};
    std::size_t at = 0;
    for (const PickleValue *&part : parts) {
        std::size_t consumed = 0;
        auto value = reader.read(file.subspan(at), consumed);
        if (!value) return std::move(value).error();
        part = *value;
        at += consumed;
    }
    if (parts[1]->kind != Kind::Int || parts[1]->number != 1001)
        return invalid_file("torch file: protocol 1001 is wanted, it says ", parts[1]->number);
    for (const auto &[key, value] : parts[2]->pairs)
        if (key->kind == Kind::Text && key->text == "little_endian" && !(value->kind == Kind::Bool && value->number))
            return failure(ErrorCode::Unsupported, "torch file: written on a big-endian machine");
    if (parts[4]->kind != Kind::List) return invalid_file("torch file: the list of storages is missing");

    std::unordered_map<std::string_view, const PickleValue *> storages;
    for (const PickleValue &value : reader.values())
        if (value.kind == Kind::Storage) storages.try_emplace(value.text, &value);
    StoragePlaces places;
    for (const PickleValue *key : parts[4]->items) {
        const auto storage = key->kind == Kind::Text ? storages.find(key->text) : storages.end();
        if (storage == storages.end())
            return invalid_file("torch file: storage \"", printable(key->text), "\" is listed, no tensor uses it");
        if (file.size() - at < 8)
            return invalid_file("torch file: ends at byte ", file.size(), " before storage \"", printable(key->text), "\"");
        std::uint64_t elements = 0, bytes = 0;
        std::memcpy(&elements, file.data() + at, 8);
        at += 8;
        if (elements != static_cast<std::uint64_t>(storage->second->number))
            return invalid_file("torch file: storage \"", printable(key->text), "\" is ", elements, " elements here and ",
                                storage->second->number, " in the pickle");
        if (__builtin_mul_overflow(elements, item_size(*storage->second), &bytes) || bytes > file.size() - at)
            return invalid_file("torch file: storage \"", printable(key->text), "\" of ", elements, " elements at byte ", at,
                                " does not fit in ", file.size());
        places[key->text] = {at, bytes};
        at += bytes;
    }
    if (at != file.size()) return invalid_file("torch file: its storages end at byte ", at, ", the file at ", file.size());
    return collect(*parts[3], places);
}

}  // namespace

Result<std::vector<TorchTensor>> read_torch_file(Bytes file) {
    if (is_lfs_pointer({reinterpret_cast<const char *>(file.data()), file.size()})) return invalid_file(lfs_pointer_words);
    if (starts_with(file, "PK\x03\x04")) return read_zip(file);
    if (starts_with(file, legacy_magic)) return read_legacy(file);
    if (starts_with(file, "ustar", 257)) return invalid_file("torch file: the tar form from before 2017 is not read");
    if (!file.empty() && file[0] == std::byte{0x80})
        return invalid_file("torch file: a plain pickle, not weights written by torch.save");
    return invalid_file("torch file: its ", file.size(), " bytes begin neither like a zip nor like torch's older form");
}

bool may_be_complete_torch_file(Bytes file) {
    return starts_with(file, "PK\x03\x04") ? has_zip_end(file) : true;
}

void gather(Bytes file, const TorchTensor &tensor, std::byte *out) {
    const TensorInfo &info = tensor.info;
    if (info.bytes == 0) return;
    const std::byte *from = file.data() + info.begin;
    if (tensor.contiguous) {
        std::memcpy(out, from, info.bytes);
        return;
    }
    const std::size_t width = size_of(info.dtype), rank = info.shape.size();
    std::vector<std::int64_t> index(rank, 0);
    for (std::uint64_t done = 0; done < info.bytes; done += width) {
        std::int64_t element = 0;
        for (std::size_t d = 0; d < rank; ++d) element += index[d] * tensor.strides[d];
        std::memcpy(out + done, from + static_cast<std::size_t>(element) * width, width);
        for (std::size_t d = rank; d-- > 0;) {
            if (++index[d] < info.shape[d]) break;
            index[d] = 0;
        }
    }
}

}  // namespace millm::engine
