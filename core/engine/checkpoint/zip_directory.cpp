#include "core/engine/checkpoint/zip_directory.h"

#include "core/engine/checkpoint/failure.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_set>

namespace millm::engine {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint64_t end_record_size = 22, end_comment_limit = 65535, entry_limit = 1'000'000;

template <class T>
T little(Bytes file, std::uint64_t at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value | static_cast<T>(std::to_integer<T>(file[at + i]) << (8 * i)));
    return value;
}

bool has(Bytes file, std::uint64_t at, std::uint64_t count) {
    return at <= file.size() && count <= file.size() - at;
}

std::optional<std::uint64_t> find_end_record(Bytes file) {
    if (file.size() < end_record_size) return std::nullopt;
    const std::uint64_t last = file.size() - end_record_size;
    const std::uint64_t first = last > end_comment_limit ? last - end_comment_limit : 0;
    for (std::uint64_t at = last + 1; at-- > first;)
        if (little<std::uint32_t>(file, at) == 0x06054b50 &&
            at + end_record_size + little<std::uint16_t>(file, at + 20) == file.size())
            return at;
    return std::nullopt;
}

struct Directory {
    std::uint64_t entries, bytes, begin;
};

Result<Directory> find_directory(Bytes file) {
    const auto end = find_end_record(file);
    if (!end)
        return invalid_file("zip: no end record in the last ",
                            std::min<std::uint64_t>(file.size(), end_record_size + end_comment_limit), " of ", file.size(),
                            " bytes; the file is cut off");
    Directory directory{little<std::uint16_t>(file, *end + 10), little<std::uint32_t>(file, *end + 12),
                        little<std::uint32_t>(file, *end + 16)};
    if (directory.entries == 0xffff || directory.bytes == 0xffffffff || directory.begin == 0xffffffff) {
        if (*end < 20 || little<std::uint32_t>(file, *end - 20) != 0x07064b50)
            return invalid_file("zip: the ZIP64 locator is missing");
        const std::uint64_t at = little<std::uint64_t>(file, *end - 12);
        if (!has(file, at, 56) || little<std::uint32_t>(file, at) != 0x06064b50)
            return invalid_file("zip: the ZIP64 end record is not at byte ", at, " of ", file.size());
        directory = {little<std::uint64_t>(file, at + 32), little<std::uint64_t>(file, at + 40),
                     little<std::uint64_t>(file, at + 48)};
    }
    if (!has(file, directory.begin, directory.bytes))
        return invalid_file("zip: central directory of ", directory.bytes, " bytes at ", directory.begin, " does not fit in ",
                            file.size());
    if (directory.entries > entry_limit || directory.entries * 46 > directory.bytes)
        return invalid_file("zip: central directory says ", directory.entries, " entries in ", directory.bytes, " bytes");
    return directory;
}

/// Replaces the fields that are at their maximum by those of the ZIP64 extra field, in the order the format gives.
bool widen(Bytes extra, std::uint64_t &size, std::uint64_t &stored, std::uint64_t &local) {
    std::uint64_t *wanted[3] = {&size, &stored, &local};
    for (std::uint64_t at = 0; has(extra, at, 4);) {
        const std::uint16_t tag = little<std::uint16_t>(extra, at), length = little<std::uint16_t>(extra, at + 2);
        if (!has(extra, at + 4, length)) return false;
        if (tag == 1) {
            std::uint64_t field = at + 4;
            for (std::uint64_t *value : wanted) {
                if (*value != 0xffffffff) continue;
                if (field + 8 > at + 4 + length) return false;
                *value = little<std::uint64_t>(extra, field);
                field += 8;
            }
            return true;
        }
        at += 4 + length;
    }
    return size != 0xffffffff && stored != 0xffffffff && local != 0xffffffff;
}

bool leads_elsewhere(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string_view::npos ||
        name.find('\0') != std::string_view::npos)
        return true;
    for (std::size_t at = 0; at <= name.size();) {
        const std::size_t slash = std::min(name.find('/', at), name.size());
        if (name.substr(at, slash - at) == "..") return true;
        at = slash + 1;
    }
    return false;
}

}  // namespace

bool has_zip_end(Bytes file) {
    return find_end_record(file).has_value();
}

Result<std::vector<ZipEntry>> read_zip_directory(Bytes file) {
    auto directory = find_directory(file);
    if (!directory) return std::move(directory).error();
    const Bytes records = file.subspan(directory->begin, directory->bytes);

    std::vector<ZipEntry> entries;
    std::unordered_set<std::string> names;
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < directory->entries; ++i) {
        if (!has(records, at, 46) || little<std::uint32_t>(records, at) != 0x02014b50)
            return invalid_file("zip: central directory ends after ", i, " of ", directory->entries, " entries");
        const std::uint16_t flags = little<std::uint16_t>(records, at + 8), method = little<std::uint16_t>(records, at + 10);
        const std::uint64_t name_bytes = little<std::uint16_t>(records, at + 28),
                            extra_bytes = little<std::uint16_t>(records, at + 30),
                            comment_bytes = little<std::uint16_t>(records, at + 32);
        std::uint64_t stored = little<std::uint32_t>(records, at + 20), size = little<std::uint32_t>(records, at + 24),
                      local = little<std::uint32_t>(records, at + 42);
        if (!has(records, at + 46, name_bytes + extra_bytes + comment_bytes))
            return invalid_file("zip: record ", i, " of the central directory is longer than the ", records.size(),
                                " bytes there are");
        ZipEntry entry;
        entry.name.assign(reinterpret_cast<const char *>(records.data()) + at + 46, name_bytes);
        const std::string shown = printable(entry.name);
        if (leads_elsewhere(entry.name)) return invalid_file("zip: the entry's name \"", shown, "\" leads out of the archive");
        if (!names.insert(entry.name).second) return invalid_file("zip: the entry \"", shown, "\" is there twice");
        if (!widen(records.subspan(at + 46 + name_bytes, extra_bytes), size, stored, local))
            return invalid_file("zip: the ZIP64 sizes of \"", shown, "\" are missing");
        if (flags & 1) return invalid_file("zip: the entry \"", shown, "\" is encrypted");
        if (method != 0)
            return invalid_file("zip: the entry \"", shown, "\" is compressed (method ", method,
                                "), torch stores entries as they are");
        if (size != stored) return invalid_file("zip: the entry \"", shown, "\" is ", size, " bytes stored in ", stored);
        if (!has(file, local, 30) || little<std::uint32_t>(file, local) != 0x04034b50)
            return invalid_file("zip: the entry \"", shown, "\" has no local header at byte ", local, " of ", file.size());
        entry.begin = local + 30 + little<std::uint16_t>(file, local + 26) + little<std::uint16_t>(file, local + 28);
        entry.bytes = size;
        if (!has(file, entry.begin, entry.bytes) || entry.begin + entry.bytes > directory->begin)
            return invalid_file("zip: the entry \"", shown, "\" lies at ", entry.begin, " + ", entry.bytes,
                                ", its room ends at ", directory->begin);
        entries.push_back(std::move(entry));
        at += 46 + name_bytes + extra_bytes + comment_bytes;
    }

    std::vector<const ZipEntry *> by_place;
    for (const ZipEntry &entry : entries)
        if (entry.bytes) by_place.push_back(&entry);
    std::sort(by_place.begin(), by_place.end(), [](const ZipEntry *a, const ZipEntry *b) { return a->begin < b->begin; });
    for (std::size_t i = 1; i < by_place.size(); ++i)
        if (by_place[i - 1]->begin + by_place[i - 1]->bytes > by_place[i]->begin)
            return invalid_file("zip: the entries \"", printable(by_place[i - 1]->name), "\" and \"",
                                printable(by_place[i]->name), "\" overlap");
    return entries;
}

}  // namespace millm::engine
