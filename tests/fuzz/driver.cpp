// A target without libFuzzer: what was found before, the seeds, and a fixed number of changes of them, always the same ones.
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace fuzz = millm::fuzz;
namespace fs = std::filesystem;

namespace {

const char *kept = "fuzz-input";
fuzz::Bytes current;

/// Keeps the input that ended the process; only what a signal handler may do.
void keep(int signal) {
    const int file = ::open(kept, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0) {
        [[maybe_unused]] const auto done = ::write(file, current.data(), current.size());
        ::close(file);
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void keep_on_signals() {
    static char stack[64 * 1024];  // the usual one may be what has run out
    const stack_t other{stack, 0, sizeof stack};
    ::sigaltstack(&other, nullptr);
    struct sigaction action{};
    action.sa_handler = keep;
    action.sa_flags = SA_ONSTACK;
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM}) ::sigaction(signal, &action, nullptr);
}

void run(const fuzz::Bytes &input) {
    current = input;
    ::alarm(60);  // an input that takes so long never ends
    fuzz::target.run(input);
    ::alarm(0);
}

}  // namespace

/// [TARGET] [ROUNDS] or a file: that input alone.
int main(int argc, char **argv) {
    const std::string name = argc > 1 ? argv[1] : "";
    const std::string kept_as = "fuzz-" + fs::path(name).filename().string() + ".input";
    kept = kept_as.c_str();
    keep_on_signals();
    if (fs::is_regular_file(name)) {
        run(fuzz::read(name));
        return 0;
    }
    std::vector<fuzz::Bytes> inputs = fuzz::target.seeds();
    const std::size_t seeds = inputs.size();
    if (seeds == 0) fuzz::wrong("no seeds");
    const fs::path found = fuzz::fixtures() / "fuzz" / name;
    std::vector<fs::path> paths;
    if (fs::is_directory(found))
        for (const auto &entry : fs::directory_iterator(found)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const fs::path &path : paths) inputs.push_back(fuzz::read(path));
    for (const fuzz::Bytes &input : inputs) run(input);

    const char *wanted = std::getenv("MILLM_FUZZ_ROUNDS");
    const long rounds = std::atol(wanted ? wanted : argc > 2 ? argv[2] : "1000");
    fuzz::Random random(20260115);
    const std::size_t most = inputs.size() * 2;
    for (long i = 0; i < rounds; ++i) {
        fuzz::Bytes input = inputs[fuzz::below(inputs.size(), random)];
        const bool structured = fuzz::target.mutate && fuzz::below(4, random) > 0;
        for (std::size_t changes = 1 + fuzz::below(3, random); changes > 0; --changes)
            input = structured ? fuzz::target.mutate(input, random) : fuzz::mutate_bytes(std::move(input), random);
        if (input.size() > 1u << 20) continue;
        run(input);
        // Some changes go on from changed inputs.
        if (fuzz::below(50, random) != 0) continue;
        if (inputs.size() < most)
            inputs.push_back(std::move(input));
        else
            inputs[seeds + paths.size() + fuzz::below(most - seeds - paths.size(), random)] = std::move(input);
    }
    std::printf("%s: %zu seeds, %zu found before, %ld changes\n", name.c_str(), seeds, paths.size(), rounds);
}
