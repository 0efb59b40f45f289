// Whether what is foretold of a model's memory is what it takes: against its own account, and against what the process grows
// by.
#include "tests/core/engine/runtime/support.h"

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/safetensors_writer.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/memory_footprint.h"
#include "core/engine/pooling/pooling.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include <malloc.h>

namespace millm::engine::test {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t MiB = 1 << 20;

/// Bytes that are this process's own and no file's. The libraries' pages are left out: they count by how many programs share
/// them.
std::int64_t own_memory() {
    std::ifstream file("/proc/self/smaps_rollup");
    for (std::string word; file >> word;) {
        std::int64_t kilobytes = 0;
        if (word == "Pss_Anon:" && file >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

/// The most that it has while this lives.
class Watch {
public:
    Watch()
        : thread_([this](const std::stop_token &stop) {
              while (!stop.stop_requested()) {
                  most_ = std::max(most_.load(), own_memory());
                  std::this_thread::sleep_for(std::chrono::milliseconds(3));
              }
          }) {}
    std::int64_t most() const { return most_; }

private:
    std::atomic<std::int64_t> most_{0};
    std::jthread thread_;
};

/// A checkpoint of random numbers in BF16, in one file.
void write_model(const fs::path &folder, const std::string &config) {
    const auto decoder = describe(config);
    REQUIRE_MESSAGE(decoder.ok(), decoder.error().message);
    write_text(folder / "config.json", config);
    std::vector<TensorInfo> tensors = expected_tensors(*decoder, DType::BF16);
    std::ofstream file(folder / "model.safetensors", std::ios::binary);
    file << safetensors_header(tensors);
    std::minstd_rand random(1);
    std::vector<std::uint16_t> values(1 << 16);
    // Between 2^-7 and 2^-6, of either sign: small enough that nothing overflows.
    for (std::uint16_t &value : values) value = static_cast<std::uint16_t>(0x3C00U | (random() & 0x807FU));
    for (const TensorInfo &tensor : tensors) {
        for (std::uint64_t done = 0; done < tensor.bytes;) {
            const std::uint64_t part = std::min<std::uint64_t>(tensor.bytes - done, values.size() * sizeof(values[0]));
            file.write(reinterpret_cast<const char *>(values.data()), static_cast<std::streamsize>(part));
            done += part;
        }
    }
    fs::copy(sample_model() / "tokenizer.json", folder / "tokenizer.json");
}

/// A family's small config.json with other numbers.
std::string config_of(const char *family, const nlohmann::json &changes) {
    nlohmann::json config = read_json(fixtures() / "models" / family / "config.json");
    config.update(changes);
    return config.dump();
}

struct Measured {
    MemoryFootprint told;
    MemoryParts loaded, used;  ///< what the model tells, before and behind a long text
    std::int64_t grown_loaded = 0, grown_most = 0;
};

Measured measure(const fs::path &folder, std::optional<Scheme> quantize, std::int64_t context) {
    Measured m;
    const MemoryNeeds needs = [&] {
        const auto checkpoint = Checkpoint::open(folder);
        REQUIRE(checkpoint.ok());
        const auto decoder = describe((*checkpoint)->config());
        REQUIRE(decoder.ok());
        FootprintOptions told;
        told.scheme = quantize.value_or(Scheme::Plain);
        const auto pooling = read_pooling(folder, decoder->hidden, decoder->has_head ? PoolingMode::Last : PoolingMode::Mean);
        if (pooling) told.beside = dense_tensors(folder, *pooling);
        if (pooling && !decoder->has_head) told.most_tokens = pooling->most_tokens;
        return MemoryNeeds(*decoder, (*checkpoint)->tensors(), told);
    }();
    malloc_trim(0);
    const std::int64_t before = own_memory();
    LoadOptions options;
    options.folder = folder;
    options.quantize = quantize;
    options.context_length = std::min(context, needs.longest());
    const auto model = load(options);
    const std::int64_t length = model->info().context_length;
    REQUIRE(model->limit_states(model->state_bytes(length)).ok());
    REQUIRE(model->reserve_states().ok());
    m.told = needs.at(length);
    m.told.context = 0;  // the engine is there already
    m.loaded = model->memory();
    m.grown_loaded = own_memory() - before;
    const Watch watch;
    std::vector<std::int32_t> text;
    // More than a step takes at once: the pages are there already.
    for (std::int64_t i = 0; i < std::min<std::int64_t>(600, length - 1); ++i)
        text.push_back(static_cast<std::int32_t>(3 + i * 7 % (model->info().vocab - 3)));
    if (model->info().generates)
        CHECK(generate(*model, {greedy(text, 1)})[0].size() == 1);
    else
        CHECK(model->embed(std::vector<std::vector<std::int32_t>>{text}).ok());
    m.grown_most = watch.most() - before;
    m.used = model->memory();
    return m;
}

double mebibytes(std::uint64_t bytes) {
    return static_cast<double>(bytes) / MiB;
}

void print(const std::string &name, const Measured &m) {
    std::printf(
        "%-22s %5ld tokens: told %7.2f = %7.2f + %6.2f + %6.2f, held %7.2f, grown by %7.2f; loaded %7.2f, grown by %7.2f\n",
        name.c_str(), static_cast<long>(m.told.context_length), mebibytes(m.told.total()), mebibytes(m.told.weights),
        mebibytes(m.told.kv_cache), mebibytes(m.told.workspace), mebibytes(m.used.total()),
        mebibytes(static_cast<std::uint64_t>(m.grown_most)), mebibytes(m.loaded.total()),
        mebibytes(static_cast<std::uint64_t>(m.grown_loaded)));
    std::fflush(stdout);
}

/// Two percent, and what any run leaves behind: stacks, buffers, free blocks.
bool near(std::uint64_t told, std::int64_t really) {
    constexpr double share = 0.02, always = 2.0 * MiB;
    return std::abs(static_cast<double>(told) - static_cast<double>(really)) <= share * static_cast<double>(told) + always;
}

}  // namespace

TEST_CASE("each family holds what is foretold, part by part") {
    for (const fs::directory_entry &entry : fs::directory_iterator(fixtures() / "models")) {
        if (!fs::exists(entry.path() / "config.json") || !fs::exists(entry.path() / "expected.json")) continue;
        CAPTURE(entry.path().filename().string());
        const Measured m = measure(entry.path(), std::nullopt, 600);
        CHECK(m.loaded.weights == m.told.weights);
        CHECK(m.used.weights == m.told.weights);
        CHECK(m.used.kv_cache == m.told.kv_cache);
        // Numbers so small are rounded up by the allocator, and these checkpoints are in 32 bits, whose inputs are read as they
        // are.
        const bool reads = fs::exists(entry.path() / "tokenizer.json");
        const std::int64_t tokenizer = reads ? 0 : 260 * read_json(entry.path() / "config.json").value("vocab_size", 0);
        const std::uint64_t workspace = m.told.workspace - static_cast<std::uint64_t>(tokenizer);
        CHECK(workspace * 21 / 20 + 16'000 >= m.used.workspace);
        CHECK(workspace <= m.used.workspace * 3 / 2 + 16'000);
    }
}

TEST_CASE("the process grows by what is foretold") {
    struct Row {
        const char *name;
        std::string config;
        std::optional<Scheme> quantize;
        std::int64_t context;
    };
    const std::string llama = config_of("llama", {{"hidden_size", 1024},
                                                  {"num_hidden_layers", 12},
                                                  {"num_attention_heads", 16},
                                                  {"num_key_value_heads", 8},
                                                  {"head_dim", 64},
                                                  {"intermediate_size", 2816},
                                                  {"vocab_size", 4096},
                                                  {"max_position_embeddings", 4096}});
    const Row rows[] = {
        {"llama", llama, std::nullopt, 2048},
        {"llama, 8 bits", llama, Scheme::Int8, 4096},
        {"llama, 4 bits", llama, Scheme::NF4, 4096},
        // Windows of 512 tokens in every second layer.
        {"gemma2",
         config_of("gemma2", {{"hidden_size", 1024},
                              {"num_hidden_layers", 8},
                              {"num_attention_heads", 8},
                              {"num_key_value_heads", 4},
                              {"head_dim", 128},
                              {"query_pre_attn_scalar", 128},
                              {"intermediate_size", 4096},
                              {"vocab_size", 4096},
                              {"max_position_embeddings", 4096},
                              {"sliding_window", 512},
                              {"layer_types",
                               {"sliding_attention", "full_attention", "sliding_attention", "full_attention",
                                "sliding_attention", "full_attention", "sliding_attention", "full_attention"}}}),
         std::nullopt, 2048},
        // Recurrent states, and keys and values of nothing.
        {"mamba2",
         config_of("mamba2", {{"hidden_size", 1024},
                              {"num_hidden_layers", 12},
                              {"num_heads", 32},
                              {"head_dim", 64},
                              {"state_size", 64},
                              {"vocab_size", 4096}}),
         std::nullopt, 1024},
        // Latents, and experts.
        {"deepseek_v3",
         config_of("deepseek_v3", {{"hidden_size", 1024},
                                   {"num_hidden_layers", 6},
                                   {"num_attention_heads", 8},
                                   {"num_key_value_heads", 8},
                                   {"qk_nope_head_dim", 64},
                                   {"qk_rope_head_dim", 32},
                                   {"qk_head_dim", 96},
                                   {"v_head_dim", 64},
                                   {"head_dim", 32},
                                   {"kv_lora_rank", 256},
                                   {"q_lora_rank", 384},
                                   {"intermediate_size", 2816},
                                   {"moe_intermediate_size", 704},
                                   {"n_routed_experts", 8},
                                   {"vocab_size", 4096},
                                   {"max_position_embeddings", 4096}}),
         std::nullopt, 2048},
    };
    // The first model brings what the engine keeps.
    print("first", measure(sample_model(), Scheme::NF4, 512));
    const Measured sample = measure(sample_model(), Scheme::NF4, 512);
    print("sample", sample);
    CHECK(near(sample.told.total(), sample.grown_most));
    for (const Row &row : rows) {
        CAPTURE(std::string(row.name));
        const TemporaryFolder folder;
        write_model(folder.path(), row.config);
        const Measured m = measure(folder.path(), row.quantize, row.context);
        print(row.name, m);
        CHECK(near(m.loaded.total(), m.grown_loaded));
        CHECK(near(m.told.total(), m.grown_most));
        CHECK(near(m.used.total(), m.grown_most));
        CHECK(m.told.weights == m.used.weights);
        CHECK(m.told.kv_cache == m.used.kv_cache);
    }
}

}  // namespace millm::engine::test
