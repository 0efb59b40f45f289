#pragma once

#include "core/engine/architectures/config_reader.h"
#include "core/engine/architectures/description.h"
#include "core/engine/architectures/weight_names.h"

namespace millm::engine {

/// One row of the table of architectures.
struct Family {
    std::string_view model_type;                           ///< config.json's
    std::string_view architecture;                         ///< where config.json names none
    DecoderDescription (*describe)(ConfigReader &config);  ///< what differs between families; describe() adds the rest
    const WeightNames &names;
};

// One pair a family, in the file of its name.
DecoderDescription describe_gpt2(ConfigReader &config);
DecoderDescription describe_llama(ConfigReader &config);
DecoderDescription describe_mistral(ConfigReader &config);
DecoderDescription describe_qwen2(ConfigReader &config);
DecoderDescription describe_qwen3(ConfigReader &config);
extern const WeightNames gpt2_names;
extern const WeightNames llama_names;

}  // namespace millm::engine
