#define DOCTEST_CONFIG_IMPLEMENT
#include "core/engine/kernels/cpu/kernels.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char **argv) {
    // An instruction set that this processor lacks: ctest reports the test as not run.
    const char *level = std::getenv("MILLM_CPU_LEVEL");
    if (level != nullptr && !millm::engine::cpu::choose_level(level)) {
        for (const auto &known : millm::engine::cpu::levels()) {
            if (std::string_view(level) != known.id) continue;
            std::printf("not run: this processor has no %s\n", level);
            return 77;
        }
    }
    return doctest::Context(argc, argv).run();
}
