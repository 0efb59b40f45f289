// A target under libFuzzer. With MILLM_FUZZ_SEEDS=FOLDER it first writes the target's seeds there.
#include "tests/fuzz/fuzz.h"

#include <cstdlib>
#include <cstring>

namespace fuzz = millm::fuzz;

extern "C" {

std::size_t LLVMFuzzerMutate(std::uint8_t *data, std::size_t size, std::size_t most);

int LLVMFuzzerInitialize(int *, char ***) {
    const char *folder = std::getenv("MILLM_FUZZ_SEEDS");
    if (!folder) return 0;
    std::size_t number = 0;
    for (const fuzz::Bytes &seed : fuzz::target.seeds())
        fuzz::write(std::filesystem::path(folder) / ("seed-" + std::to_string(number++)), seed);
    return 0;
}

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    fuzz::target.run(fuzz::Bytes(reinterpret_cast<const char *>(data), size));
    return 0;
}

std::size_t LLVMFuzzerCustomMutator(std::uint8_t *data, std::size_t size, std::size_t most, unsigned seed) {
    fuzz::Random random(seed);
    if (!fuzz::target.mutate || fuzz::below(4, random) == 0) return LLVMFuzzerMutate(data, size, most);
    const fuzz::Bytes changed = fuzz::target.mutate(fuzz::Bytes(reinterpret_cast<const char *>(data), size), random);
    if (changed.size() > most) return LLVMFuzzerMutate(data, size, most);
    std::memcpy(data, changed.data(), changed.size());
    return changed.size();
}
}
