#pragma once

#include "core/engine/architectures/fields.h"

namespace millm::engine {

/// One row of the table of architectures.
struct Family {
    std::string_view model_type;                           ///< config.json's
    std::string_view architecture;                         ///< where config.json names none
    DecoderDescription (*describe)(ConfigReader &config);  ///< what differs between families; describe() adds the rest
};

// One a family, in the file of its name or of the family that it comes from.
DecoderDescription describe_apertus(ConfigReader &config);
DecoderDescription describe_arcee(ConfigReader &config);
DecoderDescription describe_bamba(ConfigReader &config);
DecoderDescription describe_bert(ConfigReader &config);
DecoderDescription describe_biogpt(ConfigReader &config);
DecoderDescription describe_bloom(ConfigReader &config);
DecoderDescription describe_codegen(ConfigReader &config);
DecoderDescription describe_cohere(ConfigReader &config);
DecoderDescription describe_cohere2(ConfigReader &config);
DecoderDescription describe_deepseek_v2(ConfigReader &config);
DecoderDescription describe_deepseek_v3(ConfigReader &config);
DecoderDescription describe_dots1(ConfigReader &config);
DecoderDescription describe_ernie4_5(ConfigReader &config);
DecoderDescription describe_ernie4_5_moe(ConfigReader &config);
DecoderDescription describe_exaone4(ConfigReader &config);
DecoderDescription describe_falcon(ConfigReader &config);
DecoderDescription describe_falcon_h1(ConfigReader &config);
DecoderDescription describe_falcon_mamba(ConfigReader &config);
DecoderDescription describe_flex_olmo(ConfigReader &config);
DecoderDescription describe_gemma(ConfigReader &config);
DecoderDescription describe_gemma2(ConfigReader &config);
DecoderDescription describe_gemma3(ConfigReader &config);
DecoderDescription describe_gemma3n(ConfigReader &config);
DecoderDescription describe_gemma4(ConfigReader &config);
DecoderDescription describe_gemma4_unified(ConfigReader &config);
DecoderDescription describe_glm(ConfigReader &config);
DecoderDescription describe_glm4(ConfigReader &config);
DecoderDescription describe_glm4_moe(ConfigReader &config);
DecoderDescription describe_glm4_moe_lite(ConfigReader &config);
DecoderDescription describe_gpt2(ConfigReader &config);
DecoderDescription describe_gpt_bigcode(ConfigReader &config);
DecoderDescription describe_gpt_neo(ConfigReader &config);
DecoderDescription describe_gpt_neox(ConfigReader &config);
DecoderDescription describe_gpt_oss(ConfigReader &config);
DecoderDescription describe_gptj(ConfigReader &config);
DecoderDescription describe_granite(ConfigReader &config);
DecoderDescription describe_granitemoe(ConfigReader &config);
DecoderDescription describe_granitemoehybrid(ConfigReader &config);
DecoderDescription describe_granitemoeshared(ConfigReader &config);
DecoderDescription describe_helium(ConfigReader &config);
DecoderDescription describe_hunyuan(ConfigReader &config);
DecoderDescription describe_hunyuan_moe(ConfigReader &config);
DecoderDescription describe_hyperclovax(ConfigReader &config);
DecoderDescription describe_internlm3(ConfigReader &config);
DecoderDescription describe_jais2(ConfigReader &config);
DecoderDescription describe_jamba(ConfigReader &config);
DecoderDescription describe_kimi_linear(ConfigReader &config);
DecoderDescription describe_lfm2(ConfigReader &config);
DecoderDescription describe_lfm2_moe(ConfigReader &config);
DecoderDescription describe_llama(ConfigReader &config);
DecoderDescription describe_llama4(ConfigReader &config);
DecoderDescription describe_mamba(ConfigReader &config);
DecoderDescription describe_mamba2(ConfigReader &config);
DecoderDescription describe_minimax(ConfigReader &config);
DecoderDescription describe_minimax_m2(ConfigReader &config);
DecoderDescription describe_ministral3(ConfigReader &config);
DecoderDescription describe_mistral(ConfigReader &config);
DecoderDescription describe_mixtral(ConfigReader &config);
DecoderDescription describe_modernbert(ConfigReader &config);
DecoderDescription describe_mpt(ConfigReader &config);
DecoderDescription describe_nanochat(ConfigReader &config);
DecoderDescription describe_nemotron_h(ConfigReader &config);
DecoderDescription describe_nemotron(ConfigReader &config);
DecoderDescription describe_olmo(ConfigReader &config);
DecoderDescription describe_olmo2(ConfigReader &config);
DecoderDescription describe_olmo3(ConfigReader &config);
DecoderDescription describe_olmo_hybrid(ConfigReader &config);
DecoderDescription describe_olmoe(ConfigReader &config);
DecoderDescription describe_opt(ConfigReader &config);
DecoderDescription describe_phi(ConfigReader &config);
DecoderDescription describe_phi3(ConfigReader &config);
DecoderDescription describe_phimoe(ConfigReader &config);
DecoderDescription describe_qwen2(ConfigReader &config);
DecoderDescription describe_qwen2_moe(ConfigReader &config);
DecoderDescription describe_qwen3(ConfigReader &config);
DecoderDescription describe_qwen3_5(ConfigReader &config);
DecoderDescription describe_qwen3_5_moe(ConfigReader &config);
DecoderDescription describe_qwen3_moe(ConfigReader &config);
DecoderDescription describe_qwen3_next(ConfigReader &config);
DecoderDescription describe_recurrent_gemma(ConfigReader &config);
DecoderDescription describe_roberta(ConfigReader &config);
DecoderDescription describe_rwkv(ConfigReader &config);
DecoderDescription describe_seed_oss(ConfigReader &config);
DecoderDescription describe_smollm3(ConfigReader &config);
DecoderDescription describe_solar_open(ConfigReader &config);
DecoderDescription describe_stablelm(ConfigReader &config);
DecoderDescription describe_starcoder2(ConfigReader &config);
DecoderDescription describe_xglm(ConfigReader &config);

// What several of them share.
/// Granite's multipliers: of embeddings, scores, branches and logits.
DecoderDescription granite_fields(ConfigReader &config, AttentionDescription &attention, ResidualDescription &residual);
MoeDescription granite_moe_fields(ConfigReader &config, std::int64_t shared);
const WeightNames &granite_moe_names();
const WeightNames &norms_behind_names();  ///< olmo2's: post_attention_layernorm, post_feedforward_layernorm

}  // namespace millm::engine
