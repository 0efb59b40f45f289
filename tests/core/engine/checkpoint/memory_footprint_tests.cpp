#include "support.h"

#include "core/engine/checkpoint/converter.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/pooling/pooling.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace millm::engine;
using namespace millm::engine::testing;

namespace {

struct Model {
    DecoderDescription decoder;
    std::vector<TensorInfo> tensors;
};

/// The tensors that a repository with this config stores, in one type.
Model model(const std::string &config, DType dtype = DType::BF16) {
    auto decoder = describe(config);
    REQUIRE_MESSAGE(decoder.ok(), decoder.error().message);
    Model result{*decoder, {}};
    result.tensors = expected_tensors(*decoder, dtype);
    return result;
}

Model llama(int hidden, int layers, int heads, int kv, int intermediate, int vocab, bool tied, const std::string &more = "") {
    return model(
        R"({"model_type":"llama","architectures":["LlamaForCausalLM"],"torch_dtype":"bfloat16","max_position_embeddings":131072,"rms_norm_eps":1e-5,"hidden_act":"silu","hidden_size":)" +
        std::to_string(hidden) + ",\"num_hidden_layers\":" + std::to_string(layers) +
        ",\"num_attention_heads\":" + std::to_string(heads) + ",\"num_key_value_heads\":" + std::to_string(kv) +
        ",\"intermediate_size\":" + std::to_string(intermediate) + ",\"vocab_size\":" + std::to_string(vocab) +
        ",\"tie_word_embeddings\":" + (tied ? "true" : "false") + more + "}");
}

Model llama_8b() {
    return llama(4096, 32, 32, 8, 14336, 128256, false);
}
Model smollm() {
    return llama(576, 30, 9, 3, 1536, 49152, true);
}
Model gpt2(DType dtype = DType::BF16) {
    return model(
        R"({"model_type":"gpt2","architectures":["GPT2LMHeadModel"],"n_embd":768,"n_layer":12,"n_head":12,"n_positions":1024,"vocab_size":50257,"activation_function":"gelu_new","layer_norm_epsilon":1e-5,"torch_dtype":"bfloat16"})",
        dtype);
}
Model qwen() {
    return model(
        R"({"model_type":"qwen2","architectures":["Qwen2ForCausalLM"],"torch_dtype":"bfloat16","hidden_size":896,"num_hidden_layers":24,"num_attention_heads":14,"num_key_value_heads":2,"intermediate_size":4864,"vocab_size":151936,"max_position_embeddings":32768,"rms_norm_eps":1e-6,"hidden_act":"silu","tie_word_embeddings":true,"use_sliding_window":false,"sliding_window":32768})");
}
Model mistral(const std::string &window) {
    return model(
        R"({"model_type":"mistral","architectures":["MistralForCausalLM"],"torch_dtype":"bfloat16","hidden_size":4096,"num_hidden_layers":32,"num_attention_heads":32,"num_key_value_heads":8,"intermediate_size":14336,"vocab_size":32768,"max_position_embeddings":32768,"rms_norm_eps":1e-5,"hidden_act":"silu","sliding_window":)" +
        window + "}");
}

std::uint64_t weights(const Model &model, Scheme scheme) {
    FootprintOptions options;
    options.scheme = scheme;
    options.cuda = true;  // all that is not quantized in 16 bits
    return memory_footprint(model.decoder, model.tensors, options).weights;
}

std::uint64_t kv_cache(const Model &model, std::int64_t context, std::int64_t sequences = 1) {
    FootprintOptions options;
    options.context_length = context;
    options.sequences = sequences;
    return memory_footprint(model.decoder, model.tensors, options).kv_cache;
}

double megabytes(std::uint64_t bytes) {
    return std::round(static_cast<double>(bytes) / 1e5) / 10;
}

constexpr std::uint64_t MiB = 1 << 20;

}  // namespace

TEST_CASE("parameters and files come out as known models have them") {
    struct Row {
        std::string name;
        Model model;
        std::uint64_t parameters;
        std::int64_t int8_file, double_quantized_file;
        double plain, int8, nf4;  // MB of tensors
    };
    // Totals of the published models. File sizes were reckoned with another order of tensors, so that offsets have more or
    // fewer digits; that converted files really have disk_bytes() is tested below.
    const Row rows[] = {
        {"Llama-3.1-8B", llama_8b(), 8'030'261'248, 9'086'788'480, 5'702'751'088, 16060.5, 9086.7, 6027.8},
        {"SmolLM2-135M", smollm(), 134'515'008, 163'558'682, 111'883'278, 269.0, 163.5, 116.4},
        {"gpt2", gpt2(), 124'439'808, 164'301'736, 122'929'132, 248.9, 164.3, 126.8},
        {"Qwen2.5-0.5B", qwen(), 494'032'768, 631'523'616, 457'350'224, 988.1, 631.5, 473.7},
        {"Mistral-7B-v0.3", mistral("null"), 7'248'023'552, 7'522'312'920, 4'138'275'104, 14496.0, 7522.2, 4463.3},
    };
    for (const Row &row : rows) {
        CAPTURE(row.name);
        CHECK(parameter_count(row.model.decoder, row.model.tensors) == row.parameters);
        CHECK(std::abs(static_cast<std::int64_t>(disk_bytes(row.model.decoder, row.model.tensors, Scheme::Int8)) -
                       row.int8_file) < 8192);
        CHECK(std::abs(static_cast<std::int64_t>(disk_bytes(row.model.decoder, row.model.tensors, Scheme::NF4)) -
                       row.double_quantized_file) < 8192);
        CHECK(megabytes(weights(row.model, Scheme::Plain)) == row.plain);
        CHECK(megabytes(weights(row.model, Scheme::Int8)) == row.int8);
        // Resident scales are f32: what NF4 without double quantization takes, less the texts.
        const double nf4 = static_cast<double>(weights(row.model, Scheme::NF4)) / 1e6;
        CHECK(nf4 < row.nf4 + 0.05);
        CHECK(nf4 > row.nf4 - 0.1);
    }
}

TEST_CASE("a converted file has the bytes that were foretold") {
    for (const std::string name : {"llama", "gpt2"}) {
        const fs::path folder = fixtures() / "checkpoint/bnb/models" / name / "fp-bf16";
        const auto decoder = describe(read_file(folder / "config.json"));
        const auto source = Checkpoint::open(folder);
        REQUIRE(decoder.ok());
        REQUIRE(source.ok());
        for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
            const TemporaryFolder target;
            auto converter = CheckpointConverter::create((*source)->config(), {target.path(), scheme});
            REQUIRE(converter.ok());
            REQUIRE((*converter)
                        ->advance(folder / "model.safetensors", "model.safetensors",
                                  fs::file_size(folder / "model.safetensors"), {})
                        .ok());
            REQUIRE((*converter)->finish({}).ok());
            CHECK(disk_bytes(*decoder, (*source)->tensors(), scheme) == fs::file_size(target / "model.safetensors"));
            // What is loaded counts the same from the quantized file and, foretold, from the original.
            const auto stored = Checkpoint::open(target.path());
            REQUIRE(stored.ok());
            FootprintOptions options;
            options.scheme = scheme;
            CHECK(memory_footprint(*decoder, (*source)->tensors(), options).weights ==
                  memory_footprint(*decoder, (*stored)->tensors(), options).weights);
            CHECK(parameter_count(*decoder, (*source)->tensors()) == parameter_count(*decoder, (*stored)->tensors()));
        }
        CHECK(disk_bytes(*decoder, (*source)->tensors(), Scheme::Plain) == fs::file_size(folder / "model.safetensors"));
    }
}

TEST_CASE("one layer takes what the formats say") {
    // 3 x 33: 99 values, two blocks, an odd number of nibbles.
    DecoderDescription decoder = llama_8b().decoder;
    const std::vector<TensorInfo> one{{"model.layers.0.mlp.up_proj.weight", DType::BF16, {3, 33}, 0, 198}};
    FootprintOptions options;
    options.products = Products::Exact;  // without a copy of the head
    CHECK(memory_footprint(decoder, one, options).weights == 50 + 2 * 4 + 16 * 4);
    options.scheme = Scheme::Int8;
    CHECK(memory_footprint(decoder, one, options).weights == 99 + 3 * 4);
    options.scheme = Scheme::Plain;
    CHECK(memory_footprint(decoder, one, options).weights == 198);
    // On the CPU 16-bit weights stay as they are stored whatever is computed in; torch on CUDA multiplies equal types only.
    options.compute = ComputeType::Float32;
    CHECK(memory_footprint(decoder, one, options).weights == 198);
    options.cuda = true;
    CHECK(memory_footprint(decoder, one, options).weights == 396);
}

TEST_CASE("the KV cache counts key-value heads, windows and sequences") {
    CHECK(kv_cache(llama_8b(), 8192) == 1024 * MiB);
    CHECK(kv_cache(llama_8b(), 0) == 512 * MiB);
    CHECK(kv_cache(llama_8b(), 4096, 3) == 1536 * MiB);
    CHECK(kv_cache(qwen(), 4096) == 48 * MiB);
    CHECK(kv_cache(smollm(), 8192) == 180 * MiB);
    CHECK(kv_cache(gpt2(), 4096) == 36'864ull * 1024);  // the model ends at 1024
    CHECK(kv_cache(mistral("null"), 32768) == 4096 * MiB);
    // A window of 4096 tokens may begin anywhere in a page, and a piece of 512 is written behind it: 73 pages of 64.
    CHECK(kv_cache(mistral("4096"), 32768) == 73 * 8 * MiB);
}

TEST_CASE("what a conversation takes is told by the token and by what stays") {
    const auto told = [](const Model &model, std::int64_t context) {
        FootprintOptions options;
        options.context_length = context;
        return memory_footprint(model.decoder, model.tensors, options);
    };
    CHECK(told(llama_8b(), 8192).kv_bytes_per_token == 128 * 1024);
    CHECK(told(llama_8b(), 8192).kv_cache == 8192 * told(llama_8b(), 8192).kv_bytes_per_token);
    CHECK(told(llama_8b(), 0).context_length == 4096);
    CHECK(told(llama_8b(), 1 << 24).context_length == 131072);
    CHECK(told(llama_8b(), 0).fixed_state_bytes == 0);
    const fs::path folder = fixtures() / "models" / "qwen3_next";
    const auto decoder = describe(read_file(folder / "config.json"));
    REQUIRE(decoder.ok());
    const auto recurrent = memory_footprint(*decoder, expected_tensors(*decoder, DType::F32), {});
    CHECK(recurrent.fixed_state_bytes > 0);
    CHECK(recurrent.kv_cache >= recurrent.fixed_state_bytes + recurrent.kv_bytes_per_token * 128);
}

TEST_CASE("the total agrees with the worked example of an 8 GB card") {
    const Model model = llama_8b();
    FootprintOptions options;
    options.context_length = 8192;
    options.cuda = true;
    const MemoryFootprint need = memory_footprint(model.decoder, model.tensors, options);
    CHECK(need.context == 450 * MiB);
    // 5748.5 x 1.02 + 1024 + 112 + 0.5 + 120 + 450 MiB by hand, and the chunk's activations of 52 and the tokenizer's 32.
    CHECK(static_cast<double>(need.total()) / MiB == doctest::Approx(7653).epsilon(0.002));
    options.cuda = false;
    const MemoryFootprint cpu = memory_footprint(model.decoder, model.tensors, options);
    CHECK(cpu.context == 150 * MiB);
    // A row of the feed-forward: what passes by, its norm and its input, two products, their input in 16 bits and scales, the
    // result; and the angles. A fifth for what lies between blocks.
    const std::uint64_t row = 3 * 4096 + 2 * 14336 + 14336 * 17 / 32 + 4096 + 128;
    CHECK(cpu.workspace == 512 * row * 4 * 6 / 5 + 128256 * 4 + 128256 * 260);
}

TEST_CASE("needs are a function of the context, both ways") {
    const Model model = mistral("4096");
    FootprintOptions options;
    const MemoryNeeds needs(model.decoder, model.tensors, options);
    CHECK(needs.longest() == 32768);
    std::uint64_t before = 0;
    for (const std::int64_t tokens : {1, 64, 65, 512, 4096, 4607, 8192, 32768}) {
        const MemoryFootprint at = needs.at(tokens);
        options.context_length = tokens;
        CHECK(at.total() == memory_footprint(model.decoder, model.tensors, options).total());
        CHECK(at.context_length == tokens);
        CHECK(at.total() >= before);
        before = at.total();
        // Just so much memory holds at least so many tokens, a byte less holds fewer.
        const std::int64_t holds = needs.longest_within(32768, at.kv_cache, at.total());
        CHECK(holds >= tokens);
        CHECK(needs.at(holds).total() <= at.total());
        if (at.total() > needs.at(1).total()) CHECK(needs.longest_within(32768, ~0ull, at.total() - 1) < tokens);
    }
    CHECK(needs.longest_within(32768, 0, ~0ull) == 0);
    CHECK(needs.longest_within(100, ~0ull, ~0ull) == 100);
    CHECK(needs.at(1 << 20).context_length == 32768);
}

TEST_CASE("what stands behind the decoder counts, and how long its texts are") {
    const fs::path folder = fixtures() / "sentence-model";
    const auto decoder = describe(read_file(folder / "config.json"));
    const auto checkpoint = Checkpoint::open(folder);
    REQUIRE(decoder.ok());
    REQUIRE(checkpoint.ok());
    const auto pooling = read_pooling(folder, decoder->hidden, PoolingMode::Mean);
    REQUIRE(pooling.ok());
    FootprintOptions options;
    options.scheme = Scheme::Plain;
    const auto without = MemoryNeeds(*decoder, (*checkpoint)->tensors(), options).at(64);
    options.beside = dense_tensors(folder, *pooling);
    options.most_tokens = 16;
    const MemoryNeeds with(*decoder, (*checkpoint)->tensors(), options);
    std::uint64_t products = 0;
    for (const PoolingDense &dense : pooling->dense)
        products += static_cast<std::uint64_t>(dense.out * (dense.in + (dense.bias ? 1 : 0))) * sizeof(float);
    CHECK(products > 0);
    CHECK(with.at(64).weights == without.weights + products);
    CHECK(with.longest() == 16);
}

TEST_CASE("checkpoints in 32 bits are counted as they are kept") {
    const Model model = gpt2(DType::F32);
    FootprintOptions options;
    options.scheme = Scheme::Plain;
    const MemoryFootprint stored = memory_footprint(model.decoder, model.tensors, options);
    CHECK(stored.weights == 4 * 124'439'808ull);
    options.compute = ComputeType::BFloat16;
    const MemoryFootprint narrowed = memory_footprint(model.decoder, model.tensors, options);
    // Norms and biases follow the activations, which the CPU keeps in F32.
    CHECK(narrowed.weights == 2 * 124'439'808ull + 2 * 121'344ull);
    CHECK(narrowed.kv_cache * 2 == stored.kv_cache);
    options.compute = ComputeType::Auto;
    options.cuda = true;
    CHECK(memory_footprint(model.decoder, model.tensors, options).weights == 2 * 124'439'808ull);
}

TEST_CASE("repositories that are quantized already are counted as they are") {
    const DecoderDescription decoder = llama_8b().decoder;
    const std::vector<TensorInfo> stored{
        {"model.layers.0.mlp.up_proj.weight", DType::U8, {2048, 1}, 0, 2048},
        {"model.layers.0.mlp.up_proj.weight.absmax", DType::U8, {64}, 0, 64},
        {"model.layers.0.mlp.up_proj.weight.nested_absmax", DType::F32, {1}, 0, 4},
        {"model.layers.0.mlp.up_proj.weight.nested_quant_map", DType::F32, {256}, 0, 1024},
        {"model.layers.0.mlp.up_proj.weight.quant_map", DType::F32, {16}, 0, 64},
        {"model.layers.0.mlp.up_proj.weight.quant_state.bitsandbytes__nf4", DType::U8, {167}, 0, 167},
        {"model.norm.weight", DType::BF16, {64}, 0, 128}};
    CHECK(parameter_count(decoder, stored) == 4096 + 64);
    // Scales and norms are f32 on the CPU.
    FootprintOptions options;
    options.products = Products::Exact;
    CHECK(memory_footprint(decoder, stored, options).weights == 2048 + 64 * 4 + 16 * 4 + 64 * 4);
    const std::uint64_t payload = 2048 + 64 + 4 + 1024 + 64 + 167 + 128;
    CHECK(disk_bytes(decoder, stored, Scheme::NF4) > payload);
    CHECK(disk_bytes(decoder, stored, Scheme::NF4) < payload + 1000);
}

TEST_CASE("a mixture in 4 and 8 bits is as small as its share of experts promises") {
    const auto [decoder, tensors] = model(
        R"({"model_type":"gpt_oss","architectures":["GptOssForCausalLM"],"torch_dtype":"bfloat16","hidden_size":2880,"head_dim":64,"num_hidden_layers":24,"num_attention_heads":64,"num_key_value_heads":8,"intermediate_size":2880,"num_local_experts":32,"num_experts_per_tok":4,"vocab_size":201088})");
    double linear = 0, rest = 0;
    for (const TensorInfo &tensor : tensors)
        (role_of(decoder, tensor.name) == TensorRole::Linear ? linear : rest) += static_cast<double>(tensor.elements());
    CHECK(linear / (linear + rest) > 0.94);
    for (const auto &[scheme, bytes_a_value] : {std::pair(Scheme::NF4, 0.515869), std::pair(Scheme::Int8, 1 + 4.0 / 2880)}) {
        const double wanted = linear * bytes_a_value + rest * 2;
        CHECK(static_cast<double>(disk_bytes(decoder, tensors, scheme)) == doctest::Approx(wanted).epsilon(0.001));
        FootprintOptions options;
        options.scheme = scheme;
        // In memory scales of 4 bits are not nested, and biases are in 32 bits.
        const double in_memory = linear * (scheme == Scheme::NF4 ? 0.5625 : bytes_a_value) + rest * 2;
        CHECK(static_cast<double>(memory_footprint(decoder, tensors, options).weights) < in_memory * 1.02);
    }
}

TEST_CASE("parameters read as people write them") {
    CHECK(parameters_as_text(2'614'341'888) == "2.6B");
    CHECK(parameters_as_text(8'030'261'248) == "8B");
    CHECK(parameters_as_text(134'515'008) == "135M");
    CHECK(parameters_as_text(82'432) == "82K");
    CHECK(parameters_as_text(999) == "999");
    CHECK(parameters_as_text(999'999'999) == "1B");
    CHECK(parameters_as_text(70'553'706'496) == "71B");
    CHECK(parameters_as_text(1'235'814'400) == "1.2B");
    CHECK(parameters_as_text(0) == "0");
}
