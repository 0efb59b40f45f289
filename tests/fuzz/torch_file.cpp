// pytorch_model.bin, as its bytes come.
#include "core/engine/checkpoint/torch_file.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

void run(const Bytes &input) {
    const auto file = std::as_bytes(std::span(input.data(), input.size()));
    (void)engine::may_be_complete_torch_file(file);
    const auto tensors = engine::read_torch_file(file);
    if (!tensors) return;
    for (const engine::TorchTensor &tensor : *tensors) {
        if (tensor.info.bytes > input.size()) wrong("a tensor larger than its file");
        std::vector<std::byte> bytes(tensor.info.bytes);
        engine::gather(file, tensor, bytes.data());
    }
}

std::vector<Bytes> seeds() {
    return fixture_files(".bin", 120 * 1024);
}

constexpr std::string_view pieces[] = {
    "PK\x01\x02", "PK\x03\x04", "PK\x05\x06",    "PK\x06\x06", "PK\x06\x07", "data.pkl", "archive/data/0",
    "byteorder",  "little",     "constants.pkl", "\x80\x02",   "..",         "/",        "\xff\xff\xff\xff"};

Bytes mutate(const Bytes &input, Random &random) {
    return mutate_pieces(input, pieces, random);
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
