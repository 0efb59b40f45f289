// A safetensors file: its header, the layers that it stores, what it takes, and converting it.
#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/converter.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/foreign/tensors.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/quantization/stored_linear.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>

namespace millm::fuzz {

namespace {

using namespace engine;
namespace fs = std::filesystem;

/// Of a model whose weights are plain, or packed by other programs.
const std::vector<std::string> &configs() {
    static const std::vector<std::string> all = [] {
        const std::string plain = read(fixtures() / "checkpoint/bnb/models/llama/fp-bf16/config.json");
        std::vector<std::string> texts{plain};
        for (const char *packed :
             {R"({"quant_method": "fp8", "weight_block_size": [4, 4]})",
              R"({"quant_method": "gptq", "bits": 4, "group_size": 8})", R"({"quant_method": "awq", "group_size": 8})",
              R"({"quant_method": "compressed-tensors", "format": "mixed-precision",
                 "config_groups": {"a": {"weights": {"num_bits": 4, "group_size": 8, "symmetric": false}}, "b": {"weights":
                 {"num_bits": 4, "type": "float", "group_size": 16}}, "c": {"weights": {"num_bits": 8, "type": "float"}}}})"})
            texts.push_back(plain.substr(0, plain.rfind('}')) + ", \"quantization_config\": " + packed + "}");
        return texts;
    }();
    return all;
}

void read_layers(const Checkpoint &checkpoint) {
    for (const TensorInfo &info : checkpoint.tensors()) {
        if (!info.name.ends_with(".weight")) continue;
        for (const bool conv1d : {false, true}) {
            const auto linear = read_linear(checkpoint, info.name.substr(0, info.name.size() - 7), conv1d);
            if (!linear || linear->out * linear->in > 1 << 20) continue;
            std::vector<float> values(static_cast<std::size_t>(linear->out * linear->in));
            dequantize_rows(*linear, 0, linear->out, values.data());
            for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) (void)quantize_linear(*linear, scheme, info.name);
        }
        checkpoint.release(info.name);
    }
}

void read_packed(const Checkpoint &checkpoint, const DecoderDescription &decoder) {
    const auto plain = PlainTensors::of(decoder, checkpoint.tensors());
    if (!plain) return;
    for (const TensorInfo &tensor : plain->all()) {
        const ForeignWeight *weight = plain->weight(tensor.name);
        if (weight == nullptr || weight->rows() * weight->in > 1 << 20) continue;
        const auto linear = read_foreign(checkpoint, *weight);
        if (!linear) continue;
        std::vector<float> values(static_cast<std::size_t>(linear->out * linear->in));
        dequantize_rows(*linear, 0, linear->out, values.data());
    }
}

void count(const Checkpoint &checkpoint, const DecoderDescription &decoder) {
    (void)WeightPlan::match(decoder, checkpoint.tensors());
    (void)parameter_count(decoder, checkpoint.tensors());
    for (const SchemeInfo &scheme : schemes()) {
        FootprintOptions options;
        options.scheme = scheme.scheme;
        (void)memory_footprint(decoder, checkpoint.tensors(), options);
        (void)disk_bytes(decoder, checkpoint.tensors(), scheme.scheme);
    }
}

void convert(const std::string &config, const fs::path &file, std::uint64_t bytes, Scheme scheme) {
    const fs::path target = scratch() / "converted";
    fs::create_directory(target);
    auto converter = CheckpointConverter::create(config, {target, scheme});
    if (!converter) wrong("the fixture's config.json is refused");
    for (const std::uint64_t available : {std::uint64_t{0}, bytes / 3, bytes / 2, bytes})
        if (!(*converter)->advance(file, "model.safetensors", available, {})) return;
    (void)(*converter)->finish({});
}

void run(const Bytes &input) {
    static const fs::path folder = [] {
        fs::create_directory(scratch() / "model");
        write(scratch() / "model/config.json", configs().front());
        return scratch() / "model";
    }();
    if (input.size() >= 8) {
        const auto length = safetensors_header_length(
            std::span<const std::byte, 8>(reinterpret_cast<const std::byte *>(input.data()), 8), input.size());
        if (length) (void)parse_safetensors_header(std::string_view(input).substr(8, *length));
    }
    write(folder / "model.safetensors", input);
    if (const auto checkpoint = Checkpoint::open(folder)) {
        read_layers(**checkpoint);
        for (const std::string &config : configs()) {
            const auto decoder = describe(config);
            if (!decoder) wrong("the fixture's config.json is refused");
            count(**checkpoint, *decoder);
            read_packed(**checkpoint, *decoder);
        }
    }
    for (const std::string &config : configs())
        convert(config, folder / "model.safetensors", input.size(), input.size() % 2 ? Scheme::NF4 : Scheme::Int8);
}

/// The header as JSON, with a length that is right; now and then the data, where quantized layers keep JSON of their own.
Bytes mutate(const Bytes &input, Random &random) {
    if (input.size() < 8) return mutate_bytes(input, random);
    std::uint64_t length = 0;
    for (int i = 7; i >= 0; --i) length = length << 8 | static_cast<unsigned char>(input[static_cast<std::size_t>(i)]);
    length = std::min<std::uint64_t>(length, input.size() - 8);
    std::string header = input.substr(8, length), data = input.substr(8 + length);
    if (const std::size_t state = data.find("{\"quant"); state != std::string::npos && below(3, random) == 0) {
        const std::size_t end = data.find('}', state);
        if (end != std::string::npos) {
            // As long as before: its place is in the header.
            std::string text = mutate_json(data.substr(state, end + 1 - state), random);
            text.resize(end + 1 - state, ' ');
            data.replace(state, text.size(), text);
        }
    } else if (below(4, random) == 0) {
        data = mutate_bytes(data, random);
    } else {
        header = mutate_json(header, random);
    }
    std::string out;
    for (int i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i) & 0xff);
    return out + header + data;
}

std::string file_of(const std::string &header, const std::string &data) {
    std::string out;
    for (int i = 0; i < 8; ++i) out += static_cast<char>(header.size() >> (8 * i) & 0xff);
    return out + header + data;
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all = fixture_files(".safetensors", 40 * 1024);
    all.push_back(file_of("{}", ""));
    all.push_back(file_of(R"({"a.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}})", std::string(16, '?')));
    const std::string state =
        R"({"quant_type":"nf4","blocksize":64,"dtype":"bfloat16","shape":[8,16],"nested_blocksize":256,"nested_offset":0.5})";
    const auto at = [](std::size_t from, std::size_t to) {
        return "[" + std::to_string(from) + "," + std::to_string(to) + "]}";
    };
    all.push_back(file_of(R"({"l.weight":{"dtype":"U8","shape":[64,1],"data_offsets":)" + at(0, 64) +
                              R"(,"l.weight.absmax":{"dtype":"U8","shape":[2],"data_offsets":)" + at(64, 66) +
                              R"(,"l.weight.nested_absmax":{"dtype":"F32","shape":[1],"data_offsets":)" + at(66, 70) +
                              R"(,"l.weight.nested_quant_map":{"dtype":"F32","shape":[256],"data_offsets":)" + at(70, 1094) +
                              R"(,"l.weight.quant_map":{"dtype":"F32","shape":[16],"data_offsets":)" + at(1094, 1158) +
                              R"(,"l.weight.quant_state.bitsandbytes__nf4":{"dtype":"U8","shape":[)" +
                              std::to_string(state.size()) + R"(],"data_offsets":)" + at(1158, 1158 + state.size()) + "}",
                          std::string(1158, '\1') + state));
    const std::string layer = "\"model.layers.0.mlp.gate_proj.";
    all.push_back(file_of("{" + layer + R"(weight":{"dtype":"F8_E4M3","shape":[8,8],"data_offsets":)" + at(0, 64) + "," +
                              layer + R"(weight_scale_inv":{"dtype":"F32","shape":[2,2],"data_offsets":)" + at(64, 80) + "}",
                          std::string(64, '\x31') + std::string("\0\0\x80\x3f", 4) + std::string(12, '\0')));
    for (const char *codes : {"[2,16]", "[16,2]"})
        all.push_back(file_of("{" + layer + R"(qweight":{"dtype":"I32","shape":)" + codes + R"(,"data_offsets":)" + at(0, 128) +
                                  "," + layer + R"(qzeros":{"dtype":"I32","shape":[2,2],"data_offsets":)" + at(128, 144) + "," +
                                  layer + R"(scales":{"dtype":"F16","shape":[2,16],"data_offsets":)" + at(144, 208) + "," +
                                  layer + R"(g_idx":{"dtype":"I32","shape":[16],"data_offsets":)" + at(208, 272) + "}",
                              std::string(144, '\x31') + std::string(64, '\x11') + std::string(64, '\0')));
    all.push_back(file_of("{" + layer + R"(weight_packed":{"dtype":"I32","shape":[8,2],"data_offsets":)" + at(0, 64) + "," +
                              layer + R"(weight_scale":{"dtype":"BF16","shape":[8,2],"data_offsets":)" + at(64, 96) + "," +
                              layer + R"(weight_zero_point":{"dtype":"I32","shape":[1,2],"data_offsets":)" + at(96, 104) + "}",
                          std::string(104, '\x31')));
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
