#include "support.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/requirements.h"
#include "core/engine/checkpoint/safetensors_writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

using namespace millm::engine;
using namespace millm::engine::testing;

namespace {

/// The message that parsing `header` in front of `data_bytes` bytes ends with; empty where it is accepted.
std::string message(const std::string &header, std::uint64_t data_bytes) {
    const auto parsed = parse_safetensors_header(header, 8 + header.size() + data_bytes);
    return parsed ? "" : parsed.error().message;
}

bool says(const std::string &message, std::initializer_list<const char *> parts) {
    return std::all_of(parts.begin(), parts.end(), [&](const char *part) { return message.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a header's tensors come with their places in the file") {
    const std::string header =
        R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[4,16]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"none":{"dtype":"I64","shape":[0,7],"data_offsets":[16,16]}})";
    const auto parsed = parse_safetensors_header(header, 8 + header.size() + 16);
    REQUIRE_MESSAGE(parsed.ok(), parsed.error().message);
    REQUIRE(parsed->size() == 3);
    CHECK((*parsed)[0].name == "a");
    CHECK((*parsed)[0].shape.empty());
    CHECK((*parsed)[0].elements() == 1);
    CHECK((*parsed)[1].name == "b");
    CHECK((*parsed)[1].dtype == DType::BF16);
    CHECK((*parsed)[1].begin == 8 + header.size() + 4);
    CHECK((*parsed)[1].bytes == 12);
    CHECK((*parsed)[2].elements() == 0);
}

TEST_CASE("a header that is only measured has the size of one that is written") {
    // Names that begin like each other, that JSON spells longer, in two parts and in one; offsets that gain digits on their
    // way.
    const char *stems[] = {"", "a.", "a.weight", "a.weight.", "b\"\\.", "\xc3\xa4.", "layers.10.", "layers.2.", "tab\t."};
    const TensorInfo parts[] = {{"weight", DType::U8, {7, 1}, 0, 7},         {"SCB", DType::F32, {3}, 0, 12},
                                {"weight_format", DType::U8, {}, 0, 1},      {"weight.absmax", DType::F32, {0, 5}, 0, 0},
                                {"bias", DType::BF16, {50'000}, 0, 100'000}, {"w\"", DType::I64, {1, 2, 3}, 0, 48}};
    std::vector<TensorInfo> written;
    std::vector<MeasuredTensor> measured;
    const auto check = [&] {
        std::vector<TensorInfo> ordered = written;
        CHECK(safetensors_header_bytes(measured) == safetensors_header(ordered).size());
    };
    check();
    for (const char *stem : stems)
        for (const TensorInfo &part : parts) {
            written.push_back(part);
            written.back().name = stem + part.name;
            measured.push_back({stem, &part});
            check();
        }
}

TEST_CASE("each contradiction of a header names the field and both values") {
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}})", 20), {"\"t\"", "[2, 3]", "24", "20"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), {"data_offsets", "8", "0"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7), {"data_offsets", "8", "7"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 9), {"last tensor", "file"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8), {"gap"}));
    CHECK(says(
        message(
            R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"u":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
            12),
        {"overlap", "\"u\""}));
    CHECK(says(message(R"({"t":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}})", 8), {"dtype", "F33"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0), {"shape", "2^63"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,0]}})", 0), {"shape"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4), {"shape", "-1"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", 4), {"shape", "1.0"}));
    CHECK(says(message(R"({"t":{"shape":[1],"data_offsets":[0,4]}})", 4), {"dtype"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","data_offsets":[0,4]}})", 4), {"shape"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})", 4), {"data_offsets"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}})", 4), {"nests deeper"}));
    CHECK(says(
        message(
            R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
            8),
        {"\"t\"", "twice"}));
    CHECK(says(message(R"({"t":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4), {"\"dtype\"", "twice"}));
    CHECK(says(message(R"({"__metadata__":{"a":1}})", 0), {"__metadata__", "\"a\""}));
    CHECK(says(message(R"({"__metadata__":{"a":{"b":"c"}}})", 0), {"__metadata__", "\"a\""}));
    CHECK(says(message("{\"\xff\":{}}", 0), {"UTF-8"}));
    CHECK(says(message("[]", 0), {"'{'"}));
    CHECK(says(message(" {}", 0), {"'{'"}));
    CHECK(message("{}  ", 0).empty());
    CHECK(says(message("{" + std::string(100'000, '['), 0), {"JSON"}));
    CHECK(says(message("{\"a\":" + std::string(100'000, '['), 0), {"nests deeper"}));
}

TEST_CASE("a header's length is doubted before anything is read") {
    const auto length = [](std::uint64_t value, std::uint64_t file) {
        std::string eight;
        for (int i = 0; i < 8; ++i) eight += static_cast<char>(value >> (8 * i) & 0xff);
        const auto result = safetensors_header_length(as_bytes(eight).first<8>(), file);
        return result ? "" : result.error().message;
    };
    CHECK(length(100, 108).empty());
    CHECK(says(length(101, 108), {"101", "108"}));
    CHECK(says(length(100'000'001, 1ull << 40), {"100000001", "100000000"}));
    CHECK(says(length(~0ull, 108), {"18446744073709551615"}));
    CHECK(says(length(0, 8), {"0"}));
}

TEST_CASE("broken safetensors files are refused") {
    for (const auto &entry : fs::directory_iterator(fixtures() / "checkpoint/hostile")) {
        if (entry.path().extension() != ".safetensors") continue;
        CAPTURE(entry.path().filename().string());
        const TemporaryFolder folder;
        const auto opened = open_single(folder, "model.safetensors", read_file(entry.path()));
        REQUIRE_FALSE(opened.ok());
        CHECK(opened.error().code == ErrorCode::InvalidFile);
        CHECK(says(opened.error().message, {"model.safetensors: "}));
        MESSAGE(entry.path().filename().string(), ": ", opened.error().message);
    }
}

TEST_CASE("no cut or changed byte of a header does harm") {
    const std::string good = safetensors_file(
        {{"embed", DType::F32, {2, 2}, std::string(16, 'x')}, {"norm", DType::BF16, {3}, std::string(6, 'y')}});
    const auto parse = [](const std::string &file) {
        if (file.size() < 8) return false;
        const auto length = safetensors_header_length(as_bytes(file).first<8>(), file.size());
        if (!length) return false;
        const auto tensors = parse_safetensors_header({file.data() + 8, *length}, file.size());
        if (!tensors) return false;
        for (const TensorInfo &tensor : *tensors) CHECK(tensor.begin + tensor.bytes <= file.size());
        return true;
    };
    REQUIRE(parse(good));
    for (std::size_t cut = 0; cut < good.size(); ++cut) CHECK_FALSE(parse(good.substr(0, cut)));
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < good.size() - 22; ++at)
        for (int value = 0; value < 256; ++value) {
            std::string changed = good;
            changed[at] = static_cast<char>(value);
            accepted += parse(changed);
        }
    CHECK(accepted > good.size());  // at least the unchanged ones: names may change freely
}

TEST_CASE("a folder opens whatever files hold its weights") {
    const std::string first = safetensors_file({{"a", DType::F32, {1}, "1234"}}),
                      second = safetensors_file({{"b", DType::I8, {3}, "567"}});
    const TemporaryFolder folder;
    write_file(folder / "config.json", "{}");

    SUBCASE("one file of another name, adapters and duplicates aside") {
        write_file(folder / "weights.safetensors", first);
        write_file(folder / "adapter_model.safetensors", second);
        write_file(folder / "consolidated.safetensors", second);
        const auto opened = Checkpoint::open(folder.path());
        REQUIRE_MESSAGE(opened.ok(), opened.error().message);
        CHECK((*opened)->tensors().size() == 1);
        CHECK((*opened)->config() == "{}");
        const StoredTensor tensor = (*opened)->find("a");
        REQUIRE(tensor.info != nullptr);
        CHECK(std::memcmp(tensor.bytes.data(), "1234", 4) == 0);
        CHECK((*opened)->find("nothing").info == nullptr);
        (*opened)->release("a");
        CHECK(std::memcmp(tensor.bytes.data(), "1234", 4) == 0);  // the pages come back when touched
    }
    SUBCASE("shards by their index") {
        write_file(folder / "model-00001-of-00002.safetensors", first);
        write_file(folder / "model-00002-of-00002.safetensors", second);
        write_file(
            folder / "model.safetensors.index.json",
            R"({"metadata":{},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}})");
        const auto opened = Checkpoint::open(folder.path());
        REQUIRE_MESSAGE(opened.ok(), opened.error().message);
        CHECK(std::memcmp((*opened)->find("b").bytes.data(), "567", 3) == 0);
    }
    SUBCASE("a whole file counts before an index that an earlier upload left") {
        write_file(folder / "model.safetensors", first);
        write_file(folder / "model.safetensors.index.json", R"({"weight_map":{"b":"model-00002-of-00002.safetensors"}})");
        const auto opened = Checkpoint::open(folder.path());
        REQUIRE_MESSAGE(opened.ok(), opened.error().message);
        CHECK((*opened)->tensors().size() == 1);
    }
    SUBCASE("a shard that is missing is named") {
        write_file(folder / "model-00001-of-00002.safetensors", first);
        write_file(folder / "model.safetensors.index.json",
                   R"({"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}})");
        const auto opened = Checkpoint::open(folder.path());
        REQUIRE_FALSE(opened.ok());
        CHECK(says(opened.error().message, {"model-00002-of-00002.safetensors", "not in the folder"}));
    }
    SUBCASE("a tensor that its shard lacks is not there; whether it is needed, the decoder knows") {
        write_file(folder / "model-00001-of-00001.safetensors", first);
        write_file(folder / "model.safetensors.index.json",
                   R"({"weight_map":{"a":"model-00001-of-00001.safetensors","b":"model-00001-of-00001.safetensors"}})");
        const auto opened = Checkpoint::open(folder.path());
        REQUIRE_MESSAGE(opened.ok(), opened.error().message);
        CHECK((*opened)->find("a").info != nullptr);
        CHECK((*opened)->find("b").info == nullptr);
    }
    SUBCASE("of a tensor that two shards hold, the index says which one counts") {
        for (const std::string which : {"00001", "00002"}) {
            write_file(folder / "model-00001-of-00002.safetensors", safetensors_file({{"a", DType::U8, {2}, "11"}}));
            write_file(folder / "model-00002-of-00002.safetensors",
                       safetensors_file({{"a", DType::U8, {2}, "22"}, {"b", DType::U8, {1}, "b"}}));
            write_file(
                folder / "model.safetensors.index.json",
                R"({"weight_map":{"a":"model-)" + which +
                    R"(-of-00002.safetensors","b":"model-00002-of-00002.safetensors","c":"model-00001-of-00002.safetensors"}})");
            const auto opened = Checkpoint::open(folder.path());
            REQUIRE_MESSAGE(opened.ok(), opened.error().message);
            CHECK((*opened)->tensors().size() == 2);
            CHECK(std::memcmp((*opened)->find("a").bytes.data(), which == "00001" ? "11" : "22", 2) == 0);
        }
    }
    SUBCASE("an index that leads out of the folder") {
        for (const char *name : {"../model.safetensors", "/etc/model.safetensors", "a/b.safetensors", "a\\\\b.safetensors",
                                 ".hidden.safetensors", "config.json"}) {
            write_file(folder / "model.safetensors.index.json", R"({"weight_map":{"a":")" + std::string(name) + "\"}}");
            const auto opened = Checkpoint::open(folder.path());
            REQUIRE_FALSE(opened.ok());
            CHECK(says(opened.error().message, {"weight_map", "no weight file"}));
        }
    }
    SUBCASE("no weights, or those of other programs") {
        CHECK(Checkpoint::open(folder.path()).error().code == ErrorCode::InvalidFile);
        write_file(folder / "model.gguf", "GGUF");
        CHECK(Checkpoint::open(folder.path()).error().code == ErrorCode::Unsupported);
        CHECK(Checkpoint::open(folder / "nothing").error().code == ErrorCode::Io);
    }
}

TEST_CASE("the weights of a repository are chosen by its file names") {
    CHECK(choose_weight_files({"config.json", "model.safetensors", "pytorch_model.bin", "consolidated.safetensors"}).files ==
          std::vector<std::string>{"model.safetensors"});
    const auto sharded = choose_weight_files({"model-00002-of-00002.safetensors", "model-00001-of-00002.safetensors",
                                              "model.safetensors.index.json", "consolidated.safetensors",
                                              "original/model.safetensors", "model.fp16-00001-of-00001.safetensors"});
    CHECK(sharded.form == WeightForm::ShardedSafetensors);
    CHECK(sharded.files == std::vector<std::string>{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"});
    CHECK(choose_weight_files({"other.safetensors", "adapter_model.safetensors", "onnx/model.onnx"}).files ==
          std::vector<std::string>{"other.safetensors"});
    // transformers' order: each of these counts before all that follow.
    std::vector<std::string> all = {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                                    "pytorch_model.bin.index.json", "other.safetensors"};
    for (const WeightForm form : {WeightForm::Safetensors, WeightForm::ShardedSafetensors, WeightForm::TorchBin,
                                  WeightForm::ShardedTorchBin, WeightForm::Safetensors}) {
        const auto chosen = choose_weight_files({all.rbegin(), all.rend()});
        CHECK(chosen.form == form);
        CHECK((chosen.index.empty() ? chosen.files.at(0) : chosen.index) == all.front());
        all.erase(all.begin());
    }
    CHECK(choose_weight_files({"a.safetensors", "b.safetensors"}).form == WeightForm::None);
    CHECK(choose_weight_files({"fp16/model.safetensors", "pytorch_model.bin", "training_args.bin", "optimizer.pt"}).form ==
          WeightForm::TorchBin);
    CHECK(choose_weight_files({"pytorch_model.bin.index.json", "pytorch_model-00001-of-00001.bin"}).form ==
          WeightForm::ShardedTorchBin);
    CHECK(choose_weight_files({"model-q4.gguf", "README.md"}).form == WeightForm::GgufOnly);
    CHECK(choose_weight_files({"README.md"}).form == WeightForm::None);
}

TEST_CASE("a repository's demands are known from its config") {
    const auto plain = requirements(R"({"model_type":"llama"})", {"model.safetensors"});
    REQUIRE(plain.ok());
    CHECK_FALSE(plain->needs_remote_code);
    const auto known = requirements(R"({"model_type":"llama","auto_map":{"AutoModelForCausalLM":"m.M"}})", {});
    CHECK(known->has_auto_map);
    CHECK_FALSE(known->needs_remote_code);
    CHECK(requirements(R"({"model_type":"nobody_knows","auto_map":{"AutoConfig":"m.M"}})", {})->needs_remote_code);
    CHECK(requirements(R"({"quantization_config":{"quant_method":"gptq"}})", {})->quantization == "gptq");
    CHECK_FALSE(requirements("[]", {}).ok());
}
