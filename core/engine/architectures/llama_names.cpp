// The names of Llama's modules, which most families share, in all the forms that the Hub has of them.
#include "core/engine/architectures/weight_names.h"

namespace millm::engine {

const WeightNames &llama_names() {
    static const WeightNames names{
        "model.",
        "layers.",
        {{{Slot::TokenEmbedding}, "embed_tokens"}, {{Slot::FinalNorm}, "norm"}},
        {
            {{Slot::BeforeMixer}, "input_layernorm"},
            {{Slot::BeforeFeed}, "post_attention_layernorm"},
            {{Slot::Query}, "self_attn.q_proj"},
            {{Slot::Key}, "self_attn.k_proj"},
            {{Slot::Value}, "self_attn.v_proj"},
            {{Slot::Query, Slot::Key, Slot::Value}, "self_attn.qkv_proj"},
            {{Slot::QueryNorm}, "self_attn.q_norm"},
            {{Slot::KeyNorm}, "self_attn.k_norm"},
            {{Slot::Sinks}, "self_attn.sinks", Cut::Blocks, Storage::Tensor},
            {{Slot::AttentionOutput}, "self_attn.o_proj"},
            {{Slot::QueryDown}, "self_attn.q_a_proj"},
            {{Slot::QueryDownNorm}, "self_attn.q_a_layernorm"},
            {{Slot::QueryUp}, "self_attn.q_b_proj"},
            {{Slot::LatentDown}, "self_attn.kv_a_proj_with_mqa"},
            {{Slot::LatentNorm}, "self_attn.kv_a_layernorm"},
            {{Slot::LatentUp}, "self_attn.kv_b_proj"},
            {{Slot::Gate}, "mlp.gate_proj"},
            {{Slot::Up}, "mlp.up_proj"},
            {{Slot::Gate, Slot::Up}, "mlp.gate_up_proj"},
            {{Slot::Down}, "mlp.down_proj"},
            {{Slot::Router}, "mlp.gate"},
            {{Slot::RouterCorrection}, "mlp.gate.e_score_correction_bias", Cut::Blocks, Storage::Tensor},
            {{Slot::ExpertGate}, "mlp.experts.*.gate_proj"},
            {{Slot::ExpertUp}, "mlp.experts.*.up_proj"},
            {{Slot::ExpertDown}, "mlp.experts.*.down_proj"},
            {{Slot::ExpertGate, Slot::ExpertUp}, "mlp.experts.gate_up_proj", Cut::Blocks, Storage::StackedOutIn},
            {{Slot::ExpertDown}, "mlp.experts.down_proj", Cut::Blocks, Storage::StackedOutIn},
            {{Slot::SharedGate}, "mlp.shared_experts.gate_proj"},
            {{Slot::SharedUp}, "mlp.shared_experts.up_proj"},
            {{Slot::SharedDown}, "mlp.shared_experts.down_proj"},
            {{Slot::SharedGate}, "mlp.shared_expert.gate_proj"},
            {{Slot::SharedUp}, "mlp.shared_expert.up_proj"},
            {{Slot::SharedDown}, "mlp.shared_expert.down_proj"},
            {{Slot::SharedRouter}, "mlp.shared_expert_gate"},
        },
        {"lm_head"},
        {"self_attn.rotary_emb.inv_freq"},
    };
    return names;
}

}  // namespace millm::engine
