// config.json: what the engine and the memory estimate make of it.
#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/quantization_config.h"
#include "core/engine/checkpoint/requirements.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/input/json.h"
#include "core/engine/memory_footprint.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

using namespace engine;

void run(const Bytes &input) {
    (void)requirements(input, {"model.safetensors", "config.json"});
    for (const SchemeInfo &scheme : schemes()) (void)is_prequantized(input, scheme.scheme);
    const auto written = with_quantization_config(input, Scheme::NF4, DType::BF16);
    if (written && !parse_json_object(*written, "config.json")) wrong("what was written is no JSON");
    const auto decoder = describe(input);
    if (!decoder) return;
    // A description that was let in is one whose bytes can be counted.
    std::vector<TensorInfo> tensors;
    std::uint64_t bytes = 0;
    for (TensorInfo &info : expected_tensors(*decoder, DType::BF16)) {
        if (info.elements() <= 0 || __builtin_add_overflow(bytes, info.bytes, &bytes)) wrong("a size past 64 bits");
        if (tensors.size() < 200) tensors.push_back(std::move(info));
    }
    (void)WeightPlan::match(*decoder, tensors);
    (void)expected_tensors(*decoder, DType::BF16);
    for (const SchemeInfo &scheme : schemes()) {
        FootprintOptions options;
        options.scheme = scheme.scheme;
        (void)memory_footprint(*decoder, tensors, options);
        (void)disk_bytes(*decoder, tensors, scheme.scheme);
    }
    (void)parameters_as_text(parameter_count(*decoder, tensors));
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all = fixture_files("config.json"), older = fixture_files("config.v4.json");
    all.insert(all.end(), older.begin(), older.end());
    return all;
}

}  // namespace

const Target target{seeds, run, mutate_json};

}  // namespace millm::fuzz
