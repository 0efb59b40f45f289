"""Convolutions and recurrences between layers of attention."""

from ..draws import Draw
from .experts import grouped_routing, latent_attention, sparse_layers
from .llama import granite_scales
from .table import family


@family
def lfm2(d: Draw) -> dict:
    fields = d.base(act=None, eps="norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default"), conv_bias=d.chance(0.3), conv_L_cache=d.pick(2, 3, 4),
                  block_multiple_of=d.pick(4, 8), block_ffn_dim_multiplier=d.pick(1.0, 1.25),
                  block_auto_adjust_ff_dim=d.chance(0.6),
                  layer_types=d.pattern(fields["num_hidden_layers"], "conv", "full_attention"))
    return fields


@family
def lfm2_moe(d: Draw) -> dict:
    fields = d.base(act=None, eps="norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default"), conv_bias=d.chance(0.3), conv_L_cache=d.pick(2, 3, 4),
                  num_dense_layers=d.pick(0, 1), moe_intermediate_size=d.expert_inner(), norm_topk_prob=d.chance(0.5),
                  routed_scaling_factor=d.pick(1.0, 1.5), use_expert_bias=d.chance(0.6), **d.experts(),
                  layer_types=d.pattern(fields["num_hidden_layers"], "conv", "full_attention"))
    return fields


def gated_delta(d: Draw, layers: int) -> dict:
    keys = d.pick(1, 2)
    return {"linear_conv_kernel_dim": d.pick(2, 4), "linear_key_head_dim": d.pick(8, 12), "linear_value_head_dim": d.pick(8, 10),
            "linear_num_key_heads": keys, "linear_num_value_heads": keys * d.pick(1, 2),
            "layer_types": d.pattern(layers, "linear_attention", "full_attention")}


@family
def qwen3_next(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default", partial=(0.25, 0.5, 1.0)), attention_bias=d.chance(0.3),
                  shared_expert_intermediate_size=d.expert_inner(), **sparse_layers(d, fields), **d.experts(),
                  **gated_delta(d, fields["num_hidden_layers"]))
    return fields


@family
def qwen3_5_text(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default", partial=(0.25, 0.5, 1.0)), attention_bias=d.chance(0.3),
                  **gated_delta(d, fields["num_hidden_layers"]))
    return fields


@family
def qwen3_5_moe_text(d: Draw) -> dict:
    fields = d.base(inner=False)
    fields.update(rope_parameters=d.rope(fields, "default", partial=(0.25, 0.5, 1.0)), attention_bias=d.chance(0.3),
                  moe_intermediate_size=d.expert_inner(), shared_expert_intermediate_size=d.expert_inner(), **d.experts(),
                  **gated_delta(d, fields["num_hidden_layers"]))
    return fields


@family
def olmo_hybrid(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    delta = gated_delta(d, fields["num_hidden_layers"])
    fields.update(rope_parameters=d.rope(fields, "default"), attention_bias=d.chance(0.3), **delta,
                  linear_allow_neg_eigval=d.chance(0.5))
    return fields


@family
def kimi_linear(d: Draw) -> dict:
    fields = d.base(head_dim=False, kv=False)
    layers = fields["num_hidden_layers"]
    routing = grouped_routing(d)
    fields.update(hidden_size=d.hidden(), num_key_value_heads=fields["num_attention_heads"],
                  model_max_length=fields.pop("max_position_embeddings"), **latent_attention(d) | {"q_lora_rank": None},
                  moe_intermediate_size=routing["moe_intermediate_size"], num_experts=routing["n_routed_experts"],
                  num_experts_per_token=routing["num_experts_per_tok"], num_expert_group=routing["n_group"],
                  topk_group=routing["topk_group"], moe_renormalize=routing["norm_topk_prob"],
                  routed_scaling_factor=routing["routed_scaling_factor"], num_shared_experts=routing["n_shared_experts"],
                  linear_head_dim=d.pick(8, 12), linear_num_heads=d.pick(1, 2), linear_conv_kernel_dim=d.pick(2, 4),
                  layer_types=d.pattern(layers, "linear_attention", "full_attention"),
                  mlp_layer_types=d.pattern(layers, "dense", "sparse"))
    return fields


@family
def minimax(d: Draw) -> dict:
    fields = d.base()
    fields["intermediate_size"] = d.expert_inner()
    factors = {f"{part}_{name}_factor": d.pick(1.0, 1.5, 0.7) for part in ("full_attn", "linear_attn", "mlp") for name in ("alpha", "beta")}
    fields.update(rope_parameters=d.rope(fields, "default"), **d.experts(count="num_local_experts"), block_size=d.pick(5, 16),
                  **factors, layer_types=d.pattern(fields["num_hidden_layers"], "linear_attention", "full_attention"))
    return fields


def state_space(d: Draw, heads: str, size: str, groups: str, state: str, kernel: str, hidden: int) -> dict:
    """The second Mamba's mixer: as many heads as give the expanded width."""
    count, group = d.pick((2, 1), (2, 2), (4, 2))
    return {heads: count, size: 2 * hidden // count, groups: group, state: d.pick(8, 12), kernel: d.pick(2, 4)}


@family
def mamba(d: Draw) -> dict:
    return {"vocab_size": d.vocab(), "hidden_size": d.hidden(), "state_size": d.pick(8, 12), "num_hidden_layers": d.layers(),
            "layer_norm_epsilon": d.epsilon(), "expand": 2, "conv_kernel": d.pick(2, 4), "use_bias": d.chance(0.4),
            "use_conv_bias": d.chance(0.6), "time_step_rank": d.pick(3, 5), "bos_token_id": 1, "eos_token_id": 2,
            "pad_token_id": 0, "tie_word_embeddings": d.chance(0.5)}


@family
def falcon_mamba(d: Draw) -> dict:
    return mamba(d) | {"mixer_rms_eps": d.epsilon()}


@family
def mamba2(d: Draw) -> dict:
    hidden = d.pick(24, 32)
    return {"vocab_size": d.vocab(), "hidden_size": hidden, "num_hidden_layers": d.layers(), "layer_norm_epsilon": d.epsilon(),
            "expand": 2, **state_space(d, "num_heads", "head_dim", "n_groups", "state_size", "conv_kernel", hidden),
            "use_bias": d.chance(0.4), "use_conv_bias": d.chance(0.6), "chunk_size": d.pick(8, 32), "bos_token_id": 1,
            "eos_token_id": 2, "pad_token_id": 0, "tie_word_embeddings": d.chance(0.5),
            # Narrower ones the reference applies to prompts alone.
            "time_step_limit": [0.0, 1e4]}


@family
def rwkv(d: Draw) -> dict:
    hidden = d.hidden()
    # Its random start divides by the number of layers less one, and its cache holds channels of the hidden size alone.
    return {"vocab_size": d.vocab(), "hidden_size": hidden, "num_hidden_layers": d.layers(), "intermediate_size": d.pick(None, 2 * hidden, 40),
            "layer_norm_epsilon": d.epsilon(), "rescale_every": d.pick(0, 1, 2, 6), "bos_token_id": 1, "eos_token_id": 2,
            "pad_token_id": 0, "tie_word_embeddings": d.chance(0.5)}


def mixed(d: Draw) -> dict:
    """Fields of the decoders that alternate between the second Mamba and attention, Bamba's names."""
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default"), attention_bias=d.chance(0.3), mamba_expand=2,
                  mamba_conv_bias=d.chance(0.6), mamba_proj_bias=d.chance(0.3), mamba_chunk_size=d.pick(8, 32),
                  **state_space(d, "mamba_n_heads", "mamba_d_head", "mamba_n_groups", "mamba_d_state", "mamba_d_conv", fields["hidden_size"]))
    return fields


@family
def bamba(d: Draw) -> dict:
    fields = mixed(d)
    kinds = d.pattern(fields["num_hidden_layers"], "mamba", "attention")
    fields.update(attn_layer_indices=[layer for layer, kind in enumerate(kinds) if kind == "attention"], mlp_bias=d.chance(0.3),
                  rope_parameters=d.rope(fields, "default", partial=(0.5, 1.0)))
    return fields


@family
def falcon_h1(d: Draw) -> dict:
    fields = mixed(d)
    scales = {f"{name}_multiplier": d.pick(1.0, 0.7, 1.4) for name in ("embedding", "key", "attention_out", "attention_in", "ssm_in", "ssm_out", "lm_head")}
    fields.update(mamba_d_ssm=2 * fields["hidden_size"], mlp_bias=d.chance(0.3), projectors_bias=d.chance(0.3),
                  mamba_rms_norm=d.chance(0.5), mamba_norm_before_gate=d.chance(0.5), **scales,
                  mlp_multipliers=[d.pick(1.0, 0.8), d.pick(1.0, 1.3)], ssm_multipliers=[d.pick(1.0, 0.8, 1.3) for _ in range(5)])
    return fields


@family
def granitemoehybrid(d: Draw) -> dict:
    fields = mixed(d)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(**granite_scales(d),
                  **(d.experts(count="num_local_experts") if d.chance(0.7) else {"num_local_experts": 0, "num_experts_per_tok": 0}),
                  shared_intermediate_size=d.inner(), position_embedding_type=d.pick(None, "rope"),
                  layer_types=d.pattern(fields["num_hidden_layers"], "mamba", "attention"))
    return fields


@family
def jamba(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(**d.experts(), expert_layer_period=2, expert_layer_offset=d.pick(0, 1), attn_layer_period=2,
                  attn_layer_offset=d.pick(0, 1), mamba_d_state=d.pick(8, 12), mamba_d_conv=d.pick(2, 4), mamba_expand=2,
                  mamba_dt_rank=d.pick(3, 5), mamba_conv_bias=d.chance(0.6), mamba_proj_bias=d.chance(0.3),
                  use_mamba_kernels=False)
    return fields


@family
def nemotron_h(d: Draw) -> dict:
    fields = d.base(act=None, eps="layer_norm_epsilon")
    routing = grouped_routing(d)
    routing.pop("first_k_dense_replace")
    layers = fields.pop("num_hidden_layers") + 1
    fields.update(layers_block_type=d.pattern(layers, "mamba", "attention", d.pick("mlp", "moe")), attention_bias=d.chance(0.3),
                  mlp_bias=d.chance(0.3), **routing, moe_shared_expert_intermediate_size=d.inner(), use_bias=d.chance(0.3),
                  use_conv_bias=d.chance(0.6), mamba_proj_bias=False, chunk_size=d.pick(8, 32), expand=2, use_mamba_kernels=False,
                  # The reference applies the limit to prompts alone: no step comes near it.
                  time_step_min=1e-6, time_step_floor=0.01,
                  **state_space(d, "mamba_num_heads", "mamba_head_dim", "n_groups", "ssm_state_size", "conv_kernel", fields["hidden_size"]))
    return fields


@family
def recurrent_gemma(d: Draw) -> dict:
    fields = d.base(act=None, head_dim=False)
    fields.update(hidden_activation="gelu_pytorch_tanh", rope_parameters=d.rope(fields, "default", partial=(0.5, 1.0)),
                  attention_bias=d.chance(0.4), lru_width=d.pick(fields["hidden_size"], 2 * fields["hidden_size"]),
                  attention_window_size=d.window(), conv1d_width=d.pick(2, 4), logits_soft_cap=d.pick(6.0, 30.0),
                  block_types=d.pick(["recurrent", "attention"], ["recurrent", "recurrent", "attention"]))
    fields.pop("max_position_embeddings")
    fields["num_hidden_layers"] = max(fields["num_hidden_layers"], 3)  # one of attention at least
    return fields


@family
def zamba2(d: Draw) -> dict:
    hidden, heads = d.pick(24, 32), d.pick(2, 4)
    layers = 4 + d.pick(0, 1)
    return {"vocab_size": d.vocab(), "max_position_embeddings": d.positions(), "hidden_size": hidden, "num_hidden_layers": layers,
            "layers_block_type": ["mamba", "hybrid", "mamba", "hybrid", "mamba"][:layers], "mamba_d_state": d.pick(8, 12),
            "mamba_d_conv": d.pick(2, 4), "mamba_expand": 2, "mamba_ngroups": d.pick(1, 2), "n_mamba_heads": d.pick(2, 4),
            "use_mamba_kernels": False, "use_conv_bias": d.chance(0.6), "chunk_size": d.pick(8, 32),
            "add_bias_linear": d.chance(0.4), "intermediate_size": d.inner(), "num_attention_heads": heads,
            "num_mem_blocks": d.pick(1, 2), "use_shared_attention_adapter": d.chance(0.4), "adapter_rank": 4,
            "use_mem_rope": d.chance(0.5), "rms_norm_eps": d.epsilon(), "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
            "tie_word_embeddings": d.chance(0.5)}


@family
def rwkv(d: Draw) -> dict:
    hidden = d.pick(24, 32)
    return {"vocab_size": d.vocab(), "context_length": d.positions(), "hidden_size": hidden, "num_hidden_layers": d.layers(),
            "attention_hidden_size": hidden, "intermediate_size": d.inner(), "layer_norm_epsilon": d.epsilon(),
            "rescale_every": d.pick(0, 2), "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": False}
