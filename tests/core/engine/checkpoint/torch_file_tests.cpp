#include "support.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/torch_file.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>

using namespace millm::engine;
using namespace millm::engine::testing;

namespace {

std::string little(std::uint64_t value, int width) {
    std::string text;
    for (int i = 0; i < width; ++i) text += static_cast<char>(i < 8 ? value >> (8 * i) & 0xff : 0);
    return text;
}

struct ZipItem {
    std::string name, data;
    int method = 0;
};

/// A zip of stored entries as torch.save lays it out, small enough to need no ZIP64.
std::string zip_file(const std::vector<ZipItem> &items) {
    std::string file, directory;
    for (const ZipItem &item : items) {
        const std::string sizes = little(0, 4) + little(item.data.size(), 4) + little(item.data.size(), 4);
        const std::uint64_t begin = file.size();
        file += "PK\x03\x04" + little(20, 2) + little(0, 2) + little(item.method, 2) + little(0, 4) + sizes +
                little(item.name.size(), 2) + little(0, 2) + item.name + item.data;
        directory += "PK\x01\x02" + little(20, 2) + little(20, 2) + little(0, 2) + little(item.method, 2) + little(0, 4) +
                     sizes + little(item.name.size(), 2) + little(0, 12) + little(begin, 4) + item.name;
    }
    return file + directory + "PK\x05\x06" + little(0, 4) + little(items.size(), 2) + little(items.size(), 2) +
           little(directory.size(), 4) + little(file.size(), 4) + little(0, 2);
}

std::string text(const std::string &value) {
    return "X" + little(value.size(), 4) + value;
}
std::string integer(int value) {
    return "J" + little(static_cast<std::uint32_t>(value), 4);
}
std::string numbers(const std::vector<int> &values) {
    std::string items = "(";
    for (const int value : values) items += integer(value);
    return items + "t";
}

std::string storage(const std::string &key, int elements, const std::string &type = "FloatStorage") {
    return "(" + text("storage") + "ctorch\n" + type + "\n" + text(key) + text("cpu") + integer(elements) + "tQ";
}

std::string tensor(const std::string &storage, int offset, const std::vector<int> &shape, const std::vector<int> &strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + integer(offset) + numbers(shape) + numbers(strides) +
           "\x89"
           "ccollections\nOrderedDict\n)RtR";
}

std::string archive(const std::string &pickle, const std::string &data, std::vector<ZipItem> more = {}) {
    std::vector<ZipItem> items{{"archive/data.pkl", "\x80\x02" + pickle}, {"archive/data/0", data}, {"archive/version", "3\n"}};
    items.insert(items.end(), more.begin(), more.end());
    return zip_file(items);
}

std::string dict(const std::string &name, const std::string &value) {
    return "}(" + text(name) + value + "u.";
}

std::string six_floats() {
    std::string data;
    for (const float value : {0.f, 1.f, 2.f, 3.f, 4.f, 5.f}) data.append(reinterpret_cast<const char *>(&value), 4);
    return data;
}

Error refusal(const std::string &file) {
    const auto read = read_torch_file(as_bytes(file));
    REQUIRE_FALSE(read.ok());
    return read.error();
}

void check_same_tensors(const fs::path &bin, const fs::path &reference) {
    CAPTURE(bin.string());
    const auto got = Checkpoint::open(bin), wanted = Checkpoint::open(reference);
    REQUIRE_MESSAGE(got.ok(), got.error().message);
    REQUIRE_MESSAGE(wanted.ok(), wanted.error().message);
    REQUIRE(!(*wanted)->tensors().empty());
    for (const TensorInfo &info : (*wanted)->tensors()) {
        CAPTURE(info.name);
        const StoredTensor a = (*got)->find(info.name), b = (*wanted)->find(info.name);
        REQUIRE(a.info != nullptr);
        CHECK(a.info->dtype == info.dtype);
        CHECK(a.info->shape == info.shape);
        REQUIRE(a.bytes.size() == b.bytes.size());
        CHECK(std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(a.bytes.data()) % size_of(info.dtype) == 0);
    }
}

}  // namespace

TEST_CASE("torch files give the same bytes as the safetensors beside them") {
    const fs::path models = fixtures() / "models";
    check_same_tensors(models / "llama_bin", models / "llama");
    check_same_tensors(models / "llama_bin_legacy", models / "llama");
    check_same_tensors(models / "llama_bin_sharded", models / "llama");
    check_same_tensors(models / "gpt2_bin", models / "gpt2");
}

TEST_CASE("all torch files of a reference folder") {
    const char *golden = std::getenv("MILLM_GOLDEN");
    if (!golden) return;
    for (const std::string model : {"llama", "gpt2", "gemma2"})
        for (const std::string form : {"_bin", "_bin_legacy", "_bin_sharded"})
            check_same_tensors(fs::path(golden) / "models" / (model + form), fs::path(golden) / "models" / model);
}

TEST_CASE("tensors that no model computes with are read, and shared ones say so") {
    const auto read = [](const std::string &pickle) {
        const std::string file = archive(pickle, six_floats());
        const auto tensors = read_torch_file(as_bytes(file));
        REQUIRE_MESSAGE(tensors.ok(), (tensors.ok() ? "" : tensors.error().message));
        return *tensors;
    };
    const auto complex = read(dict("freqs_cis", tensor(storage("0", 3, "ComplexFloatStorage"), 0, {3}, {1})));
    REQUIRE(complex.size() == 1);
    CHECK(complex[0].info.dtype == DType::C64);
    CHECK(complex[0].info.bytes == 24);
    CHECK_FALSE(complex[0].info.shared);

    const auto view = [](const std::string &name, int offset, const std::vector<int> &shape, const std::vector<int> &strides) {
        return text(name) + tensor(storage("0", 6), offset, shape, strides);
    };
    const auto several =
        read("}(" + view("a", 0, {2, 2}, {2, 1}) + view("same", 0, {2, 2}, {2, 1}) + view("turned", 0, {2, 2}, {1, 2}) +
             view("longer", 0, {3, 2}, {2, 1}) + view("later", 2, {2, 2}, {2, 1}) + "u.");
    REQUIRE(several.size() == 5);
    for (const TorchTensor &each : several) CHECK(each.info.shared == (each.info.name == "a" || each.info.name == "same"));
}

TEST_CASE("hostile torch files are refused by name") {
    const TemporaryFolder folder;
    const auto evil = open_single(folder, "pytorch_model.bin", read_file(fixtures() / "checkpoint/hostile/evil_reduce.bin"));
    REQUIRE_FALSE(evil.ok());
    CHECK(evil.error().code == ErrorCode::NeedsRemoteCode);
    CHECK(evil.error().message.find("print") != std::string::npos);
    MESSAGE(evil.error().message);
    const auto cut = open_single(folder, "pytorch_model.bin", read_file(fixtures() / "checkpoint/hostile/truncated.bin"));
    REQUIRE_FALSE(cut.ok());
    CHECK(cut.error().code == ErrorCode::InvalidFile);
    CHECK(cut.error().message.find("cut off") != std::string::npos);
}

TEST_CASE("views are gathered by their strides") {
    const std::string data = six_floats();
    const std::string file = archive(dict("w", tensor(storage("0", 6), 0, {3, 2}, {1, 3})), data);
    const auto read = read_torch_file(as_bytes(file));
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    REQUIRE(read->size() == 1);
    CHECK_FALSE(read->front().contiguous);
    float values[6] = {};
    gather(as_bytes(file), read->front(), reinterpret_cast<std::byte *>(values));
    const float wanted[6] = {0, 3, 1, 4, 2, 5};
    CHECK(std::memcmp(values, wanted, sizeof wanted) == 0);

    const auto offset = read_torch_file(as_bytes(archive(dict("w", tensor(storage("0", 6), 2, {2, 2}, {2, 1})), data)));
    REQUIRE(offset.ok());
    CHECK(offset->front().contiguous);
    CHECK(offset->front().info.bytes == 16);

    const TemporaryFolder folder;
    const auto opened = open_single(folder, "pytorch_model.bin", file);
    REQUIRE(opened.ok());
    CHECK(std::memcmp((*opened)->find("w").bytes.data(), wanted, sizeof wanted) == 0);
}

TEST_CASE("a state dict may be wrapped as trainers do") {
    const std::string inner = "}(" + text("w") + tensor(storage("0", 6), 0, {6}, {1}) + "u";
    const auto read =
        read_torch_file(as_bytes(archive("}(" + text("epoch") + integer(3) + text("state_dict") + inner + "u.", six_floats())));
    REQUIRE_MESSAGE(read.ok(), read.error().message);
    CHECK(read->front().info.name == "w");
}

TEST_CASE("torch files that contradict themselves or want to run") {
    const std::string data = six_floats(), good = tensor(storage("0", 6), 0, {2, 3}, {3, 1});
    CHECK(read_torch_file(as_bytes(archive(dict("w", good), data))).ok());
    CHECK(refusal(archive(dict("w", tensor(storage("0", 6), 1, {2, 3}, {3, 1})), data)).message.find("does not fit") !=
          std::string::npos);
    CHECK(refusal(archive(dict("w", tensor(storage("0", 7), 0, {2, 3}, {3, 1})), data)).message.find("24 bytes") !=
          std::string::npos);
    CHECK(refusal(archive(dict("w", tensor(storage("1", 6), 0, {2, 3}, {3, 1})), data)).message.find("not in the file") !=
          std::string::npos);
    CHECK(refusal(archive(dict("w", tensor(storage("0", 6), 0, {1 << 30, 1 << 30}, {0, 0})), data))
              .message.find("does not fit") != std::string::npos);
    CHECK(refusal(archive(dict("w", tensor(storage("0", 6), 0, {2, 3}, {3})), data)).message.find("strides") !=
          std::string::npos);
    CHECK(refusal(archive(dict("w", tensor(storage("0", 6, "QInt8Storage"), 0, {6}, {1})), data)).code ==
          ErrorCode::NeedsRemoteCode);
    for (const char *call : {"cposix\nsystem\n", "cbuiltins\neval\n", "ctorch.nn.modules.linear\nLinear\n"})
        CHECK(refusal(archive(std::string(call) + "(" + text("echo") + "tR.", data)).code == ErrorCode::NeedsRemoteCode);
    CHECK(refusal(archive("(" + text("a") + "ios\nsystem\n.", data)).message.find("opcode") != std::string::npos);
    CHECK(refusal(archive("\x93.", data)).message.find("opcode") != std::string::npos);
    CHECK(refusal(archive("h\x05.", data)).message.find("memo") != std::string::npos);
    CHECK(refusal(archive("R.", data)).message.find("stack") != std::string::npos);
    CHECK(refusal(archive("t.", data)).message.find("mark") != std::string::npos);
    CHECK(refusal(archive("X\xff\xff\xff\xff", data)).message.find("text") != std::string::npos);
    CHECK(refusal(archive("K\x01.", data)).message.find("no dict") != std::string::npos);
    CHECK(refusal(archive(dict("w", good), data, {{"archive/code/run.py", "x"}})).code == ErrorCode::NeedsRemoteCode);
    CHECK(refusal(archive(dict("w", good), data, {{"archive/constants.pkl", "x"}})).code == ErrorCode::NeedsRemoteCode);
    CHECK(refusal(archive(dict("w", good), data, {{"archive/../x", "x"}})).message.find("leads out") != std::string::npos);
    CHECK(refusal(archive(dict("w", good), data, {{"archive/data/0", data}})).message.find("twice") != std::string::npos);
    CHECK(refusal(archive(dict("w", good), data, {{"archive/x", "x", 8}})).message.find("compressed") != std::string::npos);
    CHECK(refusal(archive(dict("w", good), data, {{"archive/byteorder", "big"}})).code == ErrorCode::Unsupported);
    CHECK(refusal(archive(dict("w\xff", good), data)).message.find("not UTF-8: \"w?\"") != std::string::npos);
    CHECK(refusal("PK\x03\x04").message.find("cut off") != std::string::npos);
    CHECK(refusal("\x80\x04N.").message.find("plain pickle") != std::string::npos);
    CHECK(refusal("").code == ErrorCode::InvalidFile);
    CHECK(refusal(std::string(257, '\0') + "ustar").message.find("tar") != std::string::npos);
    CHECK(refusal(archive(std::string(2'000'000, ']'), data)).message.find("values") != std::string::npos);
    CHECK(refusal(archive(std::string(200'000, '('), data)).message.find("marks") != std::string::npos);
}

namespace {

/// Reads a file however it is broken and touches every byte of every tensor that it claims to have.
std::size_t touch(const std::string &file) {
    const auto read = read_torch_file(as_bytes(file));
    if (!read) return 0;
    for (const TorchTensor &tensor : *read) {
        REQUIRE(tensor.info.bytes <= file.size());
        std::string copy(tensor.info.bytes, '\0');
        gather(as_bytes(file), tensor, reinterpret_cast<std::byte *>(copy.data()));
    }
    return 1;
}

std::string small_legacy() {
    const auto pickled = [](const std::string &body) { return "\x80\x02" + body + "."; };
    std::string magic("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
    std::string object = "}(" + text("w") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") +
                         "ctorch\nFloatStorage\n" + text("77") + text("cpu") + integer(6) + "NtQ" + integer(0) +
                         numbers({2, 3}) + numbers({3, 1}) +
                         "\x89"
                         "ccollections\nOrderedDict\n)RtRu";
    return pickled(magic) + pickled("M" + little(1001, 2)) + pickled("}(" + text("little_endian") + "\x88u") + pickled(object) +
           pickled("](" + text("77") + "e") + little(6, 8) + six_floats();
}

}  // namespace

TEST_CASE("a dict that names one thing over and over is looked into once") {
    // Three hundred thousand names of a dict of three hundred thousand items: looked into each time it would take a day.
    const auto repeated = [](const std::string &part) {
        std::string all;
        for (int i = 0; i < 300'000; ++i) all += part;
        return all;
    };
    const std::string inner = "}q\x01(" +
                              repeated(
                                  "U\x01"
                                  "aN") +
                              "u";
    const std::string bomb = "}(" + text("state_dict") + "q\x02" + inner + repeated("h\x02h\x01") + "u.";
    CHECK(refusal(archive(bomb, six_floats())).message.find("no dict of tensors") != std::string::npos);
}

TEST_CASE("no cut or changed byte of a torch file does harm") {
    const std::string zip = archive("}(" + text("w") + tensor(storage("0", 6), 0, {3, 2}, {1, 3}) + text("v") +
                                        tensor(storage("0", 6), 1, {2, 2}, {2, 1}) + "u.",
                                    six_floats());
    for (const std::string &good : {zip, small_legacy()}) {
        REQUIRE(touch(good) == 1);
        for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK(touch(good.substr(0, cut)) == 0);
        std::size_t accepted = 0;
        for (std::size_t at = 0; at < good.size(); ++at)
            for (int value = 0; value < 256; ++value) {
                std::string changed = good;
                changed[at] = static_cast<char>(value);
                accepted += touch(changed);
            }
        CHECK(accepted > good.size());
    }
}
