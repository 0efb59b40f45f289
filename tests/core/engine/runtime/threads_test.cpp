// How many threads compute: counted, not timed.
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <thread>

namespace millm::engine::test {

namespace {

std::size_t threads_of_process() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

/// A prompt and some tokens at 4 bits, arranging of inputs too, and some sequences of a model with recurrences: every loop
/// runs.
void run_everything() {
    LoadOptions options;
    options.folder = sample_model();
    options.quantize = Scheme::NF4;
    const auto model = load(options);
    generate(*model, {greedy(std::vector<std::int32_t>(200, 300), 3)});

    LoadOptions recurrent;
    recurrent.folder = fixtures() / "models" / "mamba2";
    const auto other = load(recurrent);
    generate(*other, std::vector(4, greedy(std::vector<std::int32_t>(200, 3), 1)));
}

}  // namespace

TEST_CASE("every loop uses the threads that are set, and there is one pool of them") {
    const std::size_t before = threads_of_process();
    for (const int threads : {1, 2, 4, 2}) {
        CAPTURE(threads);
        engine().set_threads(threads);
        run_everything();
        for (const LoopThreads &loop : engine().loop_threads()) {
            CAPTURE(loop.loop);
            CHECK(loop.threads == threads);
        }
        // The caller is one of them. OpenMP may keep threads of an earlier, larger number.
        CHECK(threads_of_process() <= std::max<std::size_t>(before, 4));
    }
    engine().set_threads(2);
}

TEST_CASE("a number that is set from another thread is obeyed as well") {
    engine().set_threads(2);
    run_everything();
    std::thread([] { engine().set_threads(3); }).join();
    run_everything();
    for (const LoopThreads &loop : engine().loop_threads()) {
        CAPTURE(loop.loop);
        CHECK(loop.threads == 3);
    }
    engine().set_threads(2);
}

}  // namespace millm::engine::test
