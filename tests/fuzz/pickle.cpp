// The pickle of a pytorch_model.bin, in a zip that is right: the first byte chooses how many storages lie beside it.
#include "core/engine/checkpoint/pickle.h"

#include "core/engine/checkpoint/torch_file.h"
#include "core/engine/checkpoint/zip_directory.h"
#include "tests/fuzz/fuzz.h"

#include <array>

namespace millm::fuzz {

namespace {

std::uint32_t crc32(std::string_view bytes) {
    static const auto table = [] {
        std::array<std::uint32_t, 256> rows{};
        for (std::uint32_t i = 0; i < 256; ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit) value = value & 1 ? 0xedb88320u ^ value >> 1 : value >> 1;
            rows[i] = value;
        }
        return rows;
    }();
    std::uint32_t sum = ~0u;
    for (const char c : bytes) sum = table[(sum ^ static_cast<unsigned char>(c)) & 0xff] ^ sum >> 8;
    return ~sum;
}

std::string little(std::uint64_t value, int width) {
    std::string bytes;
    for (int i = 0; i < width; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return bytes;
}

/// A zip as torch.save writes it: entries as they are, one after the other.
std::string zip(const std::vector<std::pair<std::string, std::string>> &entries) {
    std::string file, directory;
    for (const auto &[name, bytes] : entries) {
        const std::string common = little(20, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(crc32(bytes), 4) +
                                   little(bytes.size(), 4) + little(bytes.size(), 4) + little(name.size(), 2) + little(0, 2);
        directory += "PK\x01\x02" + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) +
                     little(file.size(), 4) + name;
        file += "PK\x03\x04" + common + name + bytes;
    }
    const std::string end = std::string("PK\x05\x06") + little(0, 4) + little(entries.size(), 2) + little(entries.size(), 2) +
                            little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
    return file + directory + end;
}

void run(const Bytes &input) {
    if (input.empty()) return;
    std::vector<std::pair<std::string, std::string>> entries{{"a/data.pkl", input.substr(1)}, {"a/byteorder", "little"}};
    for (int i = 0; i < static_cast<unsigned char>(input[0]) % 8; ++i)
        entries.emplace_back("a/data/" + std::to_string(i),
                             std::string(static_cast<std::size_t>(16) << i, static_cast<char>(i)));
    const std::string file = zip(entries);
    const auto bytes = std::as_bytes(std::span(file.data(), file.size()));
    const auto tensors = engine::read_torch_file(bytes);
    if (!tensors) return;
    for (const engine::TorchTensor &tensor : *tensors) {
        if (tensor.info.bytes > file.size()) wrong("a tensor larger than its file");
        std::vector<std::byte> out(tensor.info.bytes);
        engine::gather(bytes, tensor, out.data());
    }
}

constexpr std::string_view pieces[] = {"(",
                                       ")",
                                       "t",
                                       "}",
                                       "]",
                                       "R",
                                       "b",
                                       "a",
                                       "e",
                                       "s",
                                       "u",
                                       "N",
                                       ".",
                                       "Q",
                                       "\x85",
                                       "\x86",
                                       "\x87",
                                       "\x88",
                                       "\x89",
                                       "\x80\x02",
                                       "K\x01",
                                       "K\x40",
                                       "M\x00\x01",
                                       "J\xff\xff\xff\xff",
                                       "J\xff\xff\xff\x7f",
                                       "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f",
                                       "\x8a\x0a\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01",
                                       "G\x7f\xf0\x01\x01\x01\x01\x01\x01",
                                       "X\x01\x01\x01\x01x",
                                       "U\x07storage",
                                       "U\x01"
                                       "0",
                                       "U\x03"
                                       "cpu",
                                       "q\x01",
                                       "h\x01",
                                       "r\x01\x01\x01\x01",
                                       "j\x01\x01\x01\x01",
                                       "ccollections\nOrderedDict\n",
                                       "ctorch._utils\n_rebuild_tensor_v2\n",
                                       "ctorch._utils\n_rebuild_tensor_v3\n",
                                       "ctorch\nFloatStorage\n",
                                       "ctorch\nHalfStorage\n",
                                       "ctorch.storage\nUntypedStorage\n",
                                       "ctorch\nfloat32\n",
                                       "ctorch\nSize\n",
                                       "ctorch._utils\n_rebuild_parameter\n",
                                       "cos\nsystem\n"};

Bytes mutate(const Bytes &input, Random &random) {
    return mutate_pieces(input, pieces, random);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const Bytes &file : fixture_files(".bin", 120 * 1024)) {
        const auto bytes = std::as_bytes(std::span(file.data(), file.size()));
        const auto entries = engine::read_zip_directory(bytes);
        if (!entries) continue;
        for (const auto &entry : *entries)
            if (entry.name.ends_with("data.pkl")) all.push_back('\7' + file.substr(entry.begin, entry.bytes));
    }
    // {"w": a tensor of four floats}
    const std::string storage =
        "(U\x07storagectorch\nFloatStorage\nU\x01"
        "0U\x03"
        "cpuK\x04tQ";
    all.push_back("\7\x80\x02}U\x01wctorch._utils\n_rebuild_tensor_v2\n(" + storage + "K\x01(K\x02K\x02t(K\x02K\x01t\x89}tRs.");
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
