// Whole models computed as on a CUDA device, by its kernels on the host: beside the CPU's own way, in every type and form of
// weights, with recorded passes, with kernels that a device cannot run; and how many launches a token takes.
#include "core/engine/layers/aten.h"
#include "core/engine/layers/decoder.h"
#include "core/engine/layers/device_check.h"
#include "core/engine/layers/threads.h"
#include "core/engine/plugin/model_loader.h"
#include "core/engine/plugin/torch_engine.h"
#include "tests/core/engine/runtime/host_kernels.h"
#include "tests/core/engine/runtime/host_runtime.h"

#include <ATen/record_function.h>
#include <c10/core/InferenceMode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace millm::engine::test {

namespace {

using Tokens = std::vector<std::int32_t>;

/// The CPU is the device while this lives. Models end before it.
class OnDevice {
public:
    explicit OnDevice(const DeviceRuntime &runtime = host_runtime()) { set_device_runtime(at::kCPU, runtime); }
    ~OnDevice() { set_device_runtime(at::kCPU, std::nullopt); }
};

std::unique_ptr<Decoder> load(const std::string &name, ComputeType type, std::optional<Scheme> scheme,
                              std::vector<std::string> &remarks) {
    use_compute_threads();
    LoadOptions options;
    options.folder = std::filesystem::path(MILLM_FIXTURES) / "models" / name;
    options.compute = type;
    options.products = Products::Exact;
    options.quantize = scheme;
    const auto checkpoint = Checkpoint::open(options.folder);
    REQUIRE(checkpoint.ok());
    auto description = describe((*checkpoint)->config());
    REQUIRE(description.ok());
    auto decoder = load_decoder(**checkpoint, *description, options, {}, remarks);
    REQUIRE_MESSAGE(decoder.ok(), (decoder.ok() ? "" : decoder.error().message));
    return std::move(*decoder);
}

std::unique_ptr<Decoder> load(const std::string &name, ComputeType type = ComputeType::Float32,
                              std::optional<Scheme> scheme = {}) {
    std::vector<std::string> remarks;
    auto decoder = load(name, type, scheme, remarks);
    for (const std::string &remark : remarks) CHECK(remark.find("kernels") == std::string::npos);
    return decoder;
}

Tokens tokens_of(const Decoder &decoder, std::int64_t count, std::int64_t seed) {
    Tokens result;
    for (std::int64_t i = 0; i < count; ++i)
        result.push_back(static_cast<std::int32_t>(3 + (i * 7 + seed * 11 + i * i % 5) % (decoder.description().vocab - 3)));
    return result;
}

/// Logits of a prompt, then of a piece and of single tokens behind it.
at::Tensor run(const Decoder &decoder, const Tokens &tokens, const std::vector<std::int64_t> &pieces) {
    SequenceState state = decoder.make_state();
    std::vector<at::Tensor> all;
    std::int64_t first = 0;
    for (const std::int64_t rows : pieces) {
        state.reserve(rows);
        Batch batch;
        batch.add(state, tokens.data() + first, rows, static_cast<std::int64_t>(tokens.size()));
        all.push_back(decoder.logits(decoder.forward(batch)));
        batch.commit();
        first += rows;
    }
    return at::cat(all);
}

double apart(const at::Tensor &a, const at::Tensor &b) {
    return (a - b).abs().max().item<double>();
}

/// Functions of libtorch that launch something on a device, by name, while this lives.
class Functions {
public:
    Functions() {
        seen = {};
        handle_ = at::addGlobalCallback(
            at::RecordFunctionCallback([](const at::RecordFunction &function) -> std::unique_ptr<at::ObserverContext> {
                seen.emplace_back(function.name());
                return nullptr;
            }).scopes({at::RecordScope::FUNCTION}));
    }
    ~Functions() { at::removeCallback(handle_); }

    /// Without those that only look at memory in another way, take some, or are made of others.
    static std::vector<std::string> launching() {
        static const std::set<std::string> quiet{
            "aten::view",         "aten::narrow",         "aten::select",       "aten::slice",
            "aten::unflatten",    "aten::flatten",        "aten::reshape",      "aten::t",
            "aten::transpose",    "aten::as_strided",     "aten::unsqueeze",    "aten::squeeze",
            "aten::empty",        "aten::empty_like",     "aten::to",           "aten::linear",
            "aten::matmul",       "aten::expand",         "aten::contiguous",   "aten::permute",
            "aten::_unsafe_view", "aten::empty_strided",  "aten::resolve_conj", "aten::_to_copy",
            "aten::numpy_T",      "aten::_reshape_alias", "aten::addmm",        "aten::detach",
            "aten::lift_fresh",   "aten::alias"};
        std::vector<std::string> result;
        for (const std::string &name : seen)
            if (!quiet.contains(name)) result.push_back(name);
        return result;
    }

private:
    static inline std::vector<std::string> seen;
    at::CallbackHandle handle_{};
};

}  // namespace

TEST_CASE("a model computes on a device what it computes on the CPU, in every type and form of weights") {
    const c10::InferenceMode inference;
    struct Form {
        ComputeType type;
        std::optional<Scheme> scheme;
    };
    const Form forms[] = {{ComputeType::Float32, std::nullopt}, {ComputeType::Float32, Scheme::NF4},
                          {ComputeType::Float32, Scheme::Int8}, {ComputeType::Float16, std::nullopt},
                          {ComputeType::Float16, Scheme::NF4},  {ComputeType::BFloat16, Scheme::Int8},
                          {ComputeType::BFloat16, std::nullopt}};
    const std::vector<std::int64_t> pieces{70, 9, 1, 1, 1};
    for (const std::string name : {"llama", "qwen3", "gemma3_text", "gpt_oss", "bloom", "phi"}) {
        for (const Form &form : forms) {
            CAPTURE(name);
            CAPTURE(static_cast<int>(form.type));
            CAPTURE(form.scheme.has_value());
            at::Tensor expected, got;
            Tokens tokens;
            {
                const auto decoder = load(name, ComputeType::Float32, form.scheme);
                tokens = tokens_of(*decoder, 82, 1);
                expected = run(*decoder, tokens, pieces);
            }
            // Of 16 bits, libtorch's own functions come as near as that. Which experts a mixture chooses turns on less.
            const bool wide = form.type == ComputeType::Float32;
            if (!wide && name == "gpt_oss") continue;
            double allowed = 2e-4;
            if (!wide) {
                DeviceRuntime plain = host_runtime();
                plain.kernels = {};
                const OnDevice device(plain);
                allowed = 1.5 * apart(run(*load(name, form.type, form.scheme), tokens, pieces), expected);
            }
            const OnDevice device;
            const std::uint64_t before = cuda::test::launches();
            {
                const auto decoder = load(name, form.type, form.scheme);
                got = run(*decoder, tokens, pieces);
            }
            CHECK(cuda::test::launches() > before + 50);
            CHECK(apart(got, expected) < allowed);
        }
    }
}

TEST_CASE("recorded passes go on with other tokens, positions and sequences") {
    const c10::InferenceMode inference;
    for (const std::string name : {"llama", "gemma3_text"}) {
        CAPTURE(name);
        const OnDevice device;
        const auto decoder = load(name);
        REQUIRE(decoder->has_next());
        // Two sequences that begin at different positions and pass the end of a page; the judge computes each step by itself.
        SequenceState states[] = {decoder->make_state(), decoder->make_state()},
                      judges[] = {decoder->make_state(), decoder->make_state()};
        const Tokens prompts[] = {tokens_of(*decoder, 59, 1), tokens_of(*decoder, 3, 2)};
        const auto prompt = [&](SequenceState &state, const Tokens &tokens) {
            const auto rows = static_cast<std::int64_t>(tokens.size());
            state.reserve(rows);
            Batch batch;
            batch.add(state, tokens.data(), rows, 64);
            (void)decoder->forward(batch);
            batch.commit();
        };
        for (int i = 0; i < 2; ++i) prompt(states[i], prompts[i]), prompt(judges[i], prompts[i]);
        const Tokens next = tokens_of(*decoder, 24, 3);
        for (std::size_t step = 0; step + 1 < next.size(); ++step) {
            const auto batch_of = [&](SequenceState *pair) {
                Batch batch;
                for (std::size_t i = 0; i < 2; ++i) {
                    pair[i].reserve(1);
                    batch.add(pair[i], &next[step + i], 1, 64);
                }
                return batch;
            };
            const Batch batch = batch_of(states), judged = batch_of(judges);
            const RecordedPasses::Result result = decoder->next(batch);
            const at::Tensor got = decoder->told(result.logits).clone(), expected = decoder->logits(decoder->forward(judged));
            CHECK(got.equal(expected));
            CHECK(result.likeliest.to(at::kLong).equal(expected.argmax(1)));
            batch.commit();
            judged.commit();
        }
        // One before the end of the page and one behind it.
        CHECK(decoder->recorded()->count() == 2);
        CHECK(decoder->recorded()->failure().empty());
    }
}

TEST_CASE("what cannot be recorded is computed step by step, and said once") {
    const c10::InferenceMode inference;
    DeviceRuntime runtime = host_runtime();
    runtime.record = [](at::Device, std::function<void()>) -> std::unique_ptr<RecordedLaunches> {
        throw std::runtime_error("no\nsecond line");
    };
    const OnDevice device(runtime);
    const auto decoder = load("llama");
    SequenceState state = decoder->make_state(), judge = decoder->make_state();
    for (const std::int32_t token : tokens_of(*decoder, 6, 1)) {
        Batch batch, judged;
        state.reserve(1);
        judge.reserve(1);
        batch.add(state, &token, 1, 64);
        judged.add(judge, &token, 1, 64);
        CHECK(decoder->told(decoder->next(batch).logits).equal(decoder->logits(decoder->forward(judged))));
        batch.commit();
        judged.commit();
    }
    CHECK(decoder->recorded()->count() == 0);
    CHECK(decoder->recorded()->failure() == "no");
    // Who uses the model is told.
    TorchEngine engine;
    LoadOptions options;
    options.folder = std::filesystem::path(MILLM_FIXTURES) / "models" / "llama";
    auto model = engine.load(options, {});
    REQUIRE(model.ok());
    SequenceRequest request;
    request.prompt = {3, 4, 5};
    request.stop = {.max_new_tokens = 16, .ignore_eos = true};
    REQUIRE((*model)->add(std::move(request)).ok());
    CHECK((*model)->state_use().slower.empty());
    for (int i = 0; i < 6; ++i) REQUIRE((*model)->step().ok());
    CHECK((*model)->state_use().slower.find(": no") != std::string::npos);
    // A mixture asks the host which experts come next.
    CHECK_FALSE(load("mixtral")->has_next());
}

TEST_CASE("a layer's token takes ten launches") {
    const c10::InferenceMode inference;
    const OnDevice device;
    for (const std::optional<Scheme> scheme :
         {std::optional<Scheme>(Scheme::NF4), std::optional<Scheme>(Scheme::Int8), std::optional<Scheme>()}) {
        const auto decoder = load("llama", ComputeType::Float16, scheme);
        SequenceState state = decoder->make_state();
        const Tokens tokens = tokens_of(*decoder, 5, 1);
        state.reserve(5);
        Batch batch;
        batch.add(state, tokens.data(), 4, 64);
        (void)decoder->forward(batch);
        batch.commit();
        Batch single;
        single.add(state, &tokens[4], 1, 64);
        const std::uint64_t before = cuda::test::launches();
        const Functions functions;
        (void)decoder->next(single);
        const auto own = static_cast<std::int64_t>(cuda::test::launches() - before);
        const auto others = Functions::launching();
        CAPTURE(own);
        for (const std::string &name : others) CAPTURE(name);
        // Two norms, the way into the pages, attention, an activation and two sums; products: query, key and value at once, the
        // output, gate and up at once, down. Plain ones are libtorch's, each by itself. Beside the layers: embedding, last
        // norm, head, the likeliest token.
        const std::int64_t products = scheme ? 4 : 7;
        CHECK(own + static_cast<std::int64_t>(others.size()) <= decoder->description().depth() * (6 + products) + 12);
        CHECK(own >= decoder->description().depth() * 5);
    }
}

TEST_CASE("kernels that fail or give other numbers give way to libtorch's functions, and the user is told") {
    const c10::InferenceMode inference;
    struct Broken {
        std::string name;
        void (*breaks)(cuda::Kernels &kernels);
    };
    const Broken all[] = {
        {"norms", [](cuda::Kernels &k) { k.norm = [](const cuda::NormRows &, void *) {}; }},
        {"activations",
         [](cuda::Kernels &k) {
             k.activate = [](const cuda::ActivateRows &, void *) { throw std::runtime_error("no kernel image"); };
         }},
        {"rotary positions", [](cuda::Kernels &k) { k.prepare = [](const cuda::PrepareHeads &, void *) {}; }},
        {"attention", [](cuda::Kernels &k) { k.attend = [](const cuda::Attend &, void *) {}; }},
        {"products in 4 bits",
         [](cuda::Kernels &k) { k.multiply_four_bit = [](const cuda::Products<cuda::FourBitMatrix> &, void *) {}; }},
        {"products in 8 bits",
         [](cuda::Kernels &k) { k.multiply_int8 = [](const cuda::Products<cuda::Int8Matrix> &, void *) {}; }},
        {"the likeliest token",
         [](cuda::Kernels &k) { k.largest = [](const float *, std::int64_t, std::int64_t, std::int32_t *, void *) {}; }},
    };
    const std::vector<std::int64_t> pieces{20, 1, 1};
    for (const Scheme scheme : {Scheme::NF4, Scheme::Int8}) {
        at::Tensor expected;
        Tokens tokens;
        {
            const auto decoder = load("llama", ComputeType::Float32, scheme);
            tokens = tokens_of(*decoder, 22, 1);
            expected = run(*decoder, tokens, pieces);
        }
        for (const Broken &broken : all) {
            CAPTURE(broken.name);
            DeviceRuntime runtime = host_runtime();
            broken.breaks(runtime.kernels);
            const OnDevice device(runtime);
            std::vector<std::string> remarks;
            const auto decoder = load("llama", ComputeType::Float32, scheme, remarks);
            REQUIRE(remarks.size() == 1);
            CHECK(remarks.front().find(broken.name) != std::string::npos);
            CHECK(apart(run(*decoder, tokens, pieces), expected) < 2e-4);
        }
    }
}

}  // namespace millm::engine::test
