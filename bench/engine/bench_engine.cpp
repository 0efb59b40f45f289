// bench_engine FOLDER [--threads N] [--cuda] [--sequences N]   measures a model folder as stored and quantized while loading,
// with fast products and exact ones.
#include "bench/engine/plugin_host.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

namespace {

using namespace millm::engine;
using namespace millm::bench;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t prompt_tokens = 512, new_tokens = 128;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Speeds {
    double prefill = 0, decode = 0;  ///< tokens a second, over all sequences
};

Speeds run(LanguageModel &model, int sequences) {
    const std::int64_t prompt = std::min(prompt_tokens, model.info().context_length - new_tokens - 1);
    for (int s = 0; s < sequences; ++s) {
        SequenceRequest request;
        for (std::int64_t i = 0; i < prompt; ++i)
            request.prompt.push_back(static_cast<std::int32_t>((i * 7919 + s) % model.info().vocab));
        request.sampling.temperature = 0;
        request.stop.max_new_tokens = new_tokens + 1;
        request.stop.ignore_eos = true;
        const auto id = model.add(std::move(request));
        if (!id) stop(id.error().message);
    }
    Speeds speeds;
    Clock::time_point start = Clock::now();
    bool prefilling = true;
    std::int64_t decoded = 0;
    while (model.live_sequences() > 0) {
        const auto updates = model.step();
        if (!updates) stop(updates.error().message);
        bool all_done = true;
        for (const SequenceUpdate &update : *updates) {
            if (update.error) stop(update.error->message);
            all_done = all_done && update.prompt_tokens_done == prompt;
            if (!prefilling) decoded += static_cast<std::int64_t>(update.tokens.size());
        }
        if (prefilling && all_done) {
            speeds.prefill = static_cast<double>(prompt * sequences) / seconds_since(start);
            prefilling = false;
            start = Clock::now();
        }
    }
    speeds.decode = static_cast<double>(decoded) / seconds_since(start);
    return speeds;
}

void measure(Engine &engine, LoadOptions options, const char *name, int sequences) {
    const Clock::time_point start = Clock::now();
    auto model = engine.load(options, {});
    if (!model) {
        std::printf("%-12s %s\n", name, model.error().message.c_str());
        return;
    }
    const double load = seconds_since(start);
    run(**model, sequences);  // warms up
    Speeds best;
    for (int i = 0; i < 3; ++i) {
        const Speeds speeds = run(**model, sequences);
        best = {std::max(best.prefill, speeds.prefill), std::max(best.decode, speeds.decode)};
    }
    std::printf("%-12s %-9s %8.2f %14.1f %13.1f %11.1f\n", name, (*model)->info().compute_type.c_str(), load, best.prefill,
                best.decode, static_cast<double>((*model)->info().weight_bytes) / 1e6);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 2) stop("usage: bench_engine FOLDER [--threads N] [--cuda] [--sequences N]");
    LoadOptions options;
    options.folder = argv[1];
    const Choices choices = read_choices(argc, argv, 2);
    options.device = choices.device;
    const int sequences = choices.sequences;
    Engine &engine = load_engine();
    engine.set_threads(choices.threads);
    std::printf("miLLM: %s; %d sequence%s, prompt %lld, new %lld\n", engine.description().c_str(), sequences,
                sequences == 1 ? "" : "s", static_cast<long long>(prompt_tokens), static_cast<long long>(new_tokens));
    std::printf("%-12s %-9s %8s %14s %13s %11s\n", "weights", "compute", "load s", "prefill tok/s", "decode tok/s",
                "weights MB");
    measure(engine, options, "as stored", sequences);
    options.quantize = Scheme::Int8;
    measure(engine, options, "Q8", sequences);
    options.quantize = Scheme::NF4;
    measure(engine, options, "Q4", sequences);
    options.products = Products::Exact;
    measure(engine, options, "Q4 exact", sequences);
    options.quantize = Scheme::Int8;
    measure(engine, options, "Q8 exact", sequences);
    std::printf("threads:");
    for (const LoopThreads &loop : engine.loop_threads()) std::printf(" %s %d", loop.loop.c_str(), loop.threads);
    std::printf("\n");
    return 0;
}
