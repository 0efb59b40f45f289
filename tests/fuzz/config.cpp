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
    const std::string llama = read(fixtures() / "checkpoint/bnb/models/llama/fp-bf16/config.json");
    for (
        const char *packed :
        {R"({"quant_method": "fp8", "weight_block_size": [128, 128], "expert_dtype": "fp8"})",
         R"({"quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": true, "checkpoint_format": "gptq_v2"})",
         R"({"quant_method": "awq", "bits": 4, "group_size": 128, "zero_point": true, "version": "gemm"})",
         R"({"quant_method": "modelopt", "quantization": {"quant_algo": "NVFP4"}})", R"({"quant_method": "mxfp4"})",
         R"({"quant_method": "compressed-tensors", "format": "pack-quantized", "sparsity_config": {"format": "dense"}, "config_groups":
             {"group_0": {"format": null, "weights": {"num_bits": 4, "type": "int", "strategy": "block", "block_structure": [128, 128],
             "group_size": 128, "symmetric": false, "actorder": "group"}}}})"})
        all.push_back(llama.substr(0, llama.rfind('}')) + ", \"quantization_config\": " + packed + "}");
    return all;
}

}  // namespace

const Target target{seeds, run, mutate_json};

}  // namespace millm::fuzz
