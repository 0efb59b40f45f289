// bench_engine FOLDER [OPTIONS]   measures a model folder as stored, and as a download would have quantized it: load and unload
// from the page cache beside memcpy, prefill, and decode beside what a read loop reads.
#include "bench/engine/machine.h"
#include "bench/engine/plugin_host.h"
#include "bench/engine/stored_as.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>

namespace {

using namespace millm::engine;
using namespace millm::bench;
using Clock = std::chrono::steady_clock;

constexpr const char *usage = R"(usage: bench_engine FOLDER [OPTIONS]
  --weights 16,8,4   which of them (all)
  --exact            quantized ones with exact products too
  --threads N        (the cores that there are)
  --sequences N      side by side, each with a prompt of its own (1)
  --prompt N         tokens of a prompt (512)
  --new N            tokens written behind it (128)
  --rounds N         the best of so many counts (3); 0 only loads
  --cuda
  --json             a line of JSON for each row)";

struct Options {
    std::string weights = "16,8,4";
    bool exact = false, json = false;
    int threads = 0, sequences = 1, rounds = 3;
    std::int64_t prompt = 512, made = 128;
    DeviceId device;
};

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Tokens a second, over all sequences. Prefill ends with the last prompt; decode is what all of them write side by side: from
/// then until the first one ends.
struct Speeds {
    double prefill = 0, decode = 0;
};

Speeds run(LanguageModel &model, const Options &options) {
    const std::int64_t prompt = std::min(options.prompt, model.info().context_length - options.made - 1);
    for (int s = 0; s < options.sequences; ++s) {
        SequenceRequest request;
        for (std::int64_t i = 0; i < prompt; ++i)
            request.prompt.push_back(static_cast<std::int32_t>((i * 7919 + s) % model.info().vocab));
        request.sampling.temperature = 0;
        request.stop.max_new_tokens = options.made + 1;
        request.stop.ignore_eos = true;
        const auto id = model.add(std::move(request));
        if (!id) stop(id.error().message);
    }
    Speeds speeds;
    Clock::time_point start = Clock::now();
    bool prefilling = true;
    std::int64_t decoded = 0;
    std::set<SequenceId> begun;
    bool all = true;
    while (model.live_sequences() > 0) {
        const auto updates = need(model.step());
        for (const SequenceUpdate &update : updates) {
            if (update.error) stop(update.error->message);
            if (prefilling && !update.tokens.empty()) begun.insert(update.id);
            if (!prefilling && all) decoded += static_cast<std::int64_t>(update.tokens.size());
        }
        const bool ends = std::ranges::any_of(updates, [](const auto &update) { return update.finish != FinishReason::None; });
        if (!prefilling && all && ends) speeds.decode = static_cast<double>(decoded) / seconds_since(start);
        all = all && !ends;
        if (prefilling && std::ssize(begun) == options.sequences) {
            speeds.prefill = static_cast<double>(prompt * options.sequences) / seconds_since(start);
            prefilling = false;
            start = Clock::now();
        }
    }
    return speeds;
}

struct Row {
    std::string weights;
    std::filesystem::path folder;
    Products products = Products::Fast;
};

void measure(Engine &engine, const Row &row, const Options &options, int threads, const MemoryRates &memory) {
    LoadOptions load_options;
    load_options.folder = row.folder;
    load_options.device = options.device;
    load_options.products = row.products;
    double load = 1e9, unload = 1e9;
    std::unique_ptr<LanguageModel> model;
    for (int i = 0; i < 3; ++i) {
        Clock::time_point start = Clock::now();
        model = need(engine.load(load_options, {}));
        load = std::min(load, seconds_since(start));
        if (i == 2) break;
        start = Clock::now();
        model.reset();
        unload = std::min(unload, seconds_since(start));
    }
    if (options.rounds > 1) run(*model, options);  // warms up
    Speeds best;
    for (int i = 0; i < options.rounds; ++i) {
        const Speeds speeds = run(*model, options);
        best = {std::max(best.prefill, speeds.prefill), std::max(best.decode, speeds.decode)};
    }
    const ModelInfo &info = model->info();
    const auto weights = static_cast<double>(info.weight_bytes);
    if (options.json) {
        std::printf(
            R"({"program": "miLLM", "weights": "%s", "compute": "%s", "threads": %d, "sequences": %d, "prompt": %lld, "new": %lld, )"
            R"("load_s": %.3f, "unload_s": %.3f, "prefill": %.2f, "decode": %.2f, "weight_bytes": %.0f, "read_gb_s": %.2f, )"
            R"("copy_gb_s": %.2f, "vocab": %lld, "hidden": %lld})"
            "\n",
            row.weights.c_str(), info.compute_type.c_str(), threads, options.sequences, static_cast<long long>(options.prompt),
            static_cast<long long>(options.made), load, unload, best.prefill, best.decode, weights, memory.read, memory.copy,
            static_cast<long long>(info.vocab), static_cast<long long>(info.hidden));
    } else {
        std::printf("%-12s %-9s %8.2f %6.0f%% %9.3f %14.1f %13.1f %11.1f\n", row.weights.c_str(), info.compute_type.c_str(),
                    load, 100 * weights / load / 1e9 / memory.copy, unload, best.prefill, best.decode, weights / 1e6);
    }
    std::fflush(stdout);
}

Options read_options(int argc, char **argv) {
    Options options;
    for (int i = 2; i < argc; ++i) {
        const std::string option = argv[i];
        const auto value = [&] {
            if (i + 1 >= argc) stop(option + " is followed by a value\n" + usage);
            return std::string(argv[++i]);
        };
        const auto number = [&](int least = 1) { return std::max(least, std::atoi(value().c_str())); };
        if (option == "--weights")
            options.weights = value();
        else if (option == "--exact")
            options.exact = true;
        else if (option == "--json")
            options.json = true;
        else if (option == "--threads")
            options.threads = number();
        else if (option == "--sequences")
            options.sequences = number();
        else if (option == "--prompt")
            options.prompt = number();
        else if (option == "--new")
            options.made = number();
        else if (option == "--rounds")
            options.rounds = number(0);
        else if (option == "--cuda")
            options.device.kind = DeviceKind::Cuda;
        else
            stop("unknown option " + option + "\n" + usage);
    }
    return options;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 2) stop(usage);
    const Options options = read_options(argc, argv);
    Engine &engine = load_engine();
    engine.set_threads(options.threads);
    const int threads = options.threads > 0 ? options.threads : static_cast<int>(std::thread::hardware_concurrency());
    const MemoryRates memory = memory_rates(threads);
    if (!options.json) {
        std::printf("miLLM: %s; %d threads, %d sequence%s, prompt %lld, new %lld; a read loop %.1f GB/s, memcpy %.1f GB/s\n",
                    engine.description().c_str(), threads, options.sequences, options.sequences == 1 ? "" : "s",
                    static_cast<long long>(options.prompt), static_cast<long long>(options.made), memory.read, memory.copy);
        std::printf("%-12s %-9s %8s %7s %9s %14s %13s %11s\n", "weights", "compute", "load s", "memcpy", "unload s",
                    "prefill tok/s", "decode tok/s", "weights MB");
    }
    const std::filesystem::path folder = argv[1];
    const struct {
        const char *bits, *name;
        Scheme scheme;
    } kinds[] = {{"16", "as stored", Scheme::Plain}, {"8", "Q8", Scheme::Int8}, {"4", "Q4", Scheme::NF4}};
    for (const auto &kind : kinds) {
        if (("," + options.weights + ",").find(std::string(",") + kind.bits + ",") == std::string::npos) continue;
        const Row row{kind.name, stored_as(folder, kind.scheme)};
        measure(engine, row, options, threads, memory);
        if (options.exact && kind.scheme != Scheme::Plain)
            measure(engine, {row.weights + " exact", row.folder, Products::Exact}, options, threads, memory);
    }
    if (options.json) return 0;
    std::printf("threads:");
    for (const LoopThreads &loop : engine.loop_threads()) std::printf(" %s %d", loop.loop.c_str(), loop.threads);
    std::printf("\n");
    return 0;
}
