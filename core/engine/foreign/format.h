#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/input/json_value.h"

#include <cstdint>
#include <string>

namespace millm::engine {

/// How another program packed a repository's linear layers, as quantization_config in config.json says. Names and types of the
/// tensors say which layers.
struct ForeignFormat {
    enum class Method : std::uint8_t {
        None,               ///< nothing is packed, or by bitsandbytes, whose forms are this program's own
        Fp8,                ///< DeepSeek, Qwen, Mistral: F8 with scales of blocks or of the whole
        FbgemmFp8,          ///< F8 with a scale a row
        Mxfp4,              ///< gpt-oss: stacks of experts in blocks of 32
        CompressedTensors,  ///< llm-compressor's several forms
        ModelOpt,           ///< NVIDIA's FP8 and NVFP4
        Gptq,
        Awq,
    };
    Method method = Method::None;
    std::string name;        ///< quant_method, and its form where it has several: "compressed-tensors, pack-quantized"
    std::string refusal;     ///< why it is not read, a sentence; empty where it is
    int bits = 4;            ///< of packed integers
    std::int64_t group = 0;  ///< inputs that a scale covers, of packed integers; -1: all of them
    std::int64_t block_rows = 0, block_columns = 0;  ///< that a scale of F8 covers; 0: by the scales' shape
    bool zeros = false;                              ///< packed integers have stored zero points
    bool ordered = false;                            ///< and their groups are told input by input
    bool zero_behind = false;                        ///< GPTQ's first format: a stored zero point is one less
    bool microscales = false;                        ///< FP4's scales are powers of two, else F8 under a scale of the whole
    DType dtype = DType::BF16;                       ///< that restored weights have: BF16 or F16

    bool packs() const { return method != Method::None; }
};

/// Of quantization_config, an object; `torch_dtype` is config.json's own.
ForeignFormat foreign_format(const JsonValue &quantization, const std::string &method, const std::string &torch_dtype);

}  // namespace millm::engine
