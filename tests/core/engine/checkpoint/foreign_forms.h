#pragma once

#include "tests/core/engine/checkpoint/support.h"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace millm::engine::testing {

/// A linear layer as another program packs it, of random codes and scales, and what they stand for.
struct PackedLayer {
    std::vector<TestTensor> tensors;
    std::vector<float> values;  ///< [out, in]
};

/// One of the forms that are read, packed here number by number, as its own program describes it.
struct ForeignForm {
    const char *name;
    const char *config;  ///< quantization_config
    PackedLayer (*pack)(const std::string &module, std::int64_t out, std::int64_t in, std::mt19937 &random);
};
/// Sizes have to be multiples of 32.
const std::vector<ForeignForm> &foreign_forms();

/// gpt-oss' stack of experts: `name`_blocks and _scales. The values are [experts, out, in].
PackedLayer packed_experts(const std::string &name, std::int64_t experts, std::int64_t out, std::int64_t in,
                           std::mt19937 &random);

/// A model whose linear layers are packed, and what they stand for by their weights' names.
struct PackedModel {
    std::string config;
    std::vector<TestTensor> tensors;
    std::map<std::string, std::vector<float>> values;

    TestTensor &named(const std::string &name);
    /// The same with the values in BF16.
    std::vector<TestTensor> plain() const;
};
/// A small Llama, or its config.json with this quantization_config.
PackedModel packed_model(const ForeignForm &form, unsigned seed = 7);
std::string small_config(const std::string &quantization);

TestTensor tensor_of(const std::string &name, const std::vector<float> &values, std::vector<std::int64_t> shape, DType dtype);
/// To the nearest number of 16 bits, as f32 again.
std::vector<float> rounded(std::vector<float> values, DType dtype);

}  // namespace millm::engine::testing
