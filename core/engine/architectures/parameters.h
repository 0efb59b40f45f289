#pragma once

#include "core/engine/architectures/weight_names.h"

#include <cstdint>
#include <vector>

namespace millm::engine {

/// A matrix or vector that a decoder computes with, whatever tensors hold it.
struct Parameter {
    Slot slot = Slot::None;
    TensorRole role = TensorRole::Unknown;
    std::vector<std::int64_t> shape;  ///< of linears [out, in]
    bool bias = false;
    std::int64_t count = 0;          ///< of a slot that there are several of, one an expert or a head; 0: it is one
    std::vector<std::int64_t> also;  ///< a vector's shape as some programs write it; empty: there is no other

    bool operator==(const Parameter &) const = default;
};

/// What lies outside the layers, without the head.
std::vector<Parameter> outer_parameters(const DecoderDescription &decoder);
/// One layer's, in the order a token passes them.
std::vector<Parameter> layer_parameters(const DecoderDescription &decoder, std::int64_t layer);

}  // namespace millm::engine
