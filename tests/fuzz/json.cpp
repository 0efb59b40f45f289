// The JSON door: what it reads, it writes so that it reads the same again.
#include "core/engine/input/json.h"
#include "core/engine/input/utf8.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

void run(const Bytes &input) {
    engine::JsonLimits limits;
    limits.values = 100'000;
    limits.doubled_names = input.size() % 2 == 0;
    const auto value = engine::parse_json(input, "input", limits);
    if (!value) {
        if (engine::valid_utf8_bytes(value.error().message) != value.error().message.size())
            wrong("a message that is no UTF-8");
        return;
    }
    const std::string text = value->dump();
    const auto again = engine::parse_json(text, "output", engine::long_list_limits);
    if (!again || again->dump() != text || again->shown() != value->shown())
        wrong("written and read again it is another value");
    for (const auto &[key, member] : value->members())
        if (value->find(key) != &member) wrong("a member that is not found");
    if (engine::parse_json(value->dump(1), "output", engine::long_list_limits)->dump() != text)
        wrong("another value over lines");
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all = fixture_files(".json", 4000);
    all.push_back(R"([NaN, Infinity, -Infinity, 1e400, -0, 1E+2, 1000000000000000019884624838656, "\ud83d\ude00\u00e4\n"])");
    all.push_back(R"({"a": {"b": [{}, [], null, true, false, ""]}, "a": 2})");
    return all;
}

}  // namespace

const Target target{seeds, run, mutate_json};

}  // namespace millm::fuzz
