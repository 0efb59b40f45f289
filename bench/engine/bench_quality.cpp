// bench_quality FOLDER TEXT OUT [--threads N] [--cuda]   perplexity of a model folder in float32, as stored, and quantized
// with exact products and with fast ones.
//
// The quantized checkpoints are written as a download writes them, to OUT/Q8 and OUT/Q4, and loaded from there; OUT/ids.txt has
// the tokens and OUT/*.logits the first logits of each row, for peer_quality.py to hold against.
#include "bench/engine/plugin_host.h"
#include "bench/engine/stored_as.h"

#include <algorithm>
#include <cmath>
#include <fstream>

namespace {

using namespace millm::engine;
using namespace millm::bench;
namespace fs = std::filesystem;

constexpr std::size_t most_tokens = 4096, window = 512, kept_positions = 64;

/// exp of the mean next-token loss, in windows of `window` tokens that do not see each other.
double perplexity(LanguageModel &model, const std::vector<std::int32_t> &ids, const fs::path &kept) {
    const auto vocab = static_cast<std::size_t>(model.info().vocab);
    double loss = 0;
    std::size_t count = 0;
    for (std::size_t begin = 0; begin + 1 < ids.size(); begin += window) {
        const auto part = std::span(ids).subspan(begin, std::min(window, ids.size() - begin));
        const std::vector<float> logits = need(model.logits(part));
        if (begin == 0) {
            std::ofstream(kept, std::ios::binary)
                .write(reinterpret_cast<const char *>(logits.data()),
                       static_cast<std::streamsize>(std::min(kept_positions * vocab, logits.size()) * sizeof(float)));
        }
        for (std::size_t position = 0; position + 1 < part.size(); ++position, ++count) {
            const float *row = logits.data() + position * vocab;
            const double most = *std::max_element(row, row + vocab);
            double total = 0;
            for (std::size_t i = 0; i < vocab; ++i) total += std::exp(static_cast<double>(row[i]) - most);
            loss += most + std::log(total) - static_cast<double>(row[part[position + 1]]);
        }
    }
    return std::exp(loss / static_cast<double>(count));
}

}  // namespace

int main(int argc, char **argv) {
    if (argc < 4) stop("usage: bench_quality FOLDER TEXT OUT [--threads N] [--cuda]");
    const fs::path folder = argv[1], out = argv[3];
    const std::string text = read_file(argv[2]);
    LoadOptions options;
    const Choices choices = read_choices(argc, argv, 4);
    options.device = choices.device;
    Engine &engine = load_engine();
    engine.set_threads(choices.threads);
    convert(folder, out / "Q8", Scheme::Int8);
    convert(folder, out / "Q4", Scheme::NF4);

    const auto tokenizer = need(engine.load_tokenizer(folder));
    std::vector<std::int32_t> ids = need(tokenizer->encode(text, false));
    ids.resize(std::min(ids.size(), most_tokens));
    std::ofstream list(out / "ids.txt");
    for (const std::int32_t id : ids) list << id << '\n';
    list.close();

    struct Row {
        const char *name;
        fs::path folder;
        ComputeType compute;
        Products products = Products::Exact;
    };
    const Row rows[] = {{"float32", folder, ComputeType::Float32},
                        {"as stored", folder, ComputeType::Auto},
                        {"Q8", out / "Q8", ComputeType::Auto},
                        {"Q8 fast", out / "Q8", ComputeType::Auto, Products::Fast},
                        {"Q8 float32", out / "Q8", ComputeType::Float32},
                        {"Q4", out / "Q4", ComputeType::Auto},
                        {"Q4 fast", out / "Q4", ComputeType::Auto, Products::Fast},
                        {"Q4 float32", out / "Q4", ComputeType::Float32}};
    std::printf("miLLM: %s; %zu tokens in windows of %zu\n", engine.description().c_str(), ids.size(), window);
    std::printf("%-12s %-9s %11s %12s\n", "weights", "compute", "perplexity", "weights MB");
    for (const Row &row : rows) {
        options.folder = row.folder;
        options.compute = row.compute;
        options.products = row.products;
        const auto model = need(engine.load(options, {}));
        const double result = perplexity(*model, ids, out / (std::string(row.name) + ".logits"));
        std::printf("%-12s %-9s %11.4f %12.1f\n", row.name, model->info().compute_type.c_str(), result,
                    static_cast<double>(model->info().weight_bytes) / 1e6);
        std::fflush(stdout);
    }
    return 0;
}
