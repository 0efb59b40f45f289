"""Decoders with experts, and latent attention."""

from ..draws import Draw
from .llama import glm_base, granite_scales, qwen_window
from .table import family


@family
def mixtral(d: Draw) -> dict:
    fields = d.base()
    if d.chance(0.5):
        fields["hidden_size"] = fields["head_dim"] * fields["num_attention_heads"]
        fields["head_dim"] = None
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), sliding_window=d.pick(None, d.window()),
                  **d.experts(count="num_local_experts"))
    return fields


def sparse_layers(d: Draw, fields: dict) -> dict:
    layers = fields["num_hidden_layers"]
    return {"decoder_sparse_step": d.pick(1, 1, 2), "mlp_only_layers": d.pick([], [d.between(0, layers - 1)]),
            "norm_topk_prob": d.chance(0.5), "moe_intermediate_size": d.expert_inner()}


@family
def qwen2_moe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), **qwen_window(d, fields), **sparse_layers(d, fields),
                  **d.experts(), shared_expert_intermediate_size=d.expert_inner(), qkv_bias=d.chance(0.7))
    return fields


@family
def qwen3_moe(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), attention_bias=d.chance(0.3), **sparse_layers(d, fields),
                  **d.experts())
    if d.chance(0.4):
        fields.update(use_sliding_window=True, sliding_window=d.window())
    return fields


@family
def granitemoe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), **granite_scales(d),
                  **d.experts(count="num_local_experts"))
    return fields


@family
def granitemoeshared(d: Draw) -> dict:
    return granitemoe(d) | {"shared_intermediate_size": d.pick(0, d.expert_inner(), d.expert_inner())}


@family
def olmoe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), clip_qkv=d.pick(None, 1.0),
                  norm_topk_prob=d.chance(0.5), **d.experts())
    return fields


@family
def flex_olmo(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), norm_topk_prob=d.chance(0.5),
                  **d.experts())
    return fields


@family
def gpt_oss(d: Draw) -> dict:
    fields = d.base(act=None)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default yarn yarn"), sliding_window=d.window(),
                  **d.experts(count="num_local_experts"),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"))
    return fields


@family
def llama4_text(d: Draw) -> dict:
    fields = d.base()
    layers = fields["num_hidden_layers"]
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default llama3"), intermediate_size_mlp=d.inner(), attention_bias=d.chance(0.3),
                  **d.experts(count="num_local_experts"), interleave_moe_layer_step=d.pick(1, 2), use_qk_norm=d.chance(0.6),
                  no_rope_layers=d.pattern(layers, 1, 0), attention_chunk_size=d.pick(6, 16),
                  attn_temperature_tuning=d.chance(0.6), floor_scale=d.pick(4, 16), attn_scale=d.pick(0.1, 0.4))
    return fields


def grouped_routing(d: Draw, groups: bool = True) -> dict:
    count, group, top_group = d.pick((4, 1, 1), (4, 2, 1), (4, 2, 2)) if d.small else d.pick(
        (4, 1, 1), (4, 2, 1), (6, 3, 2), (8, 4, 2), (8, 2, 1))
    if not groups:
        group = top_group = 1
    # Each group's worth is the sum of its two best experts, so that it needs two.
    return {"n_routed_experts": count, "n_group": group, "topk_group": top_group,
            "num_experts_per_tok": d.between(1, min(3, count // group * top_group)), "norm_topk_prob": d.chance(0.6),
            "routed_scaling_factor": d.pick(1.0, 2.5, 1.5), "moe_intermediate_size": d.expert_inner(),
            "n_shared_experts": d.pick(1, 2), "first_k_dense_replace": d.pick(0, 1)}


@family
def glm4_moe(d: Draw) -> dict:
    return glm_base(d) | {"use_qk_norm": d.chance(0.5), "num_nextn_predict_layers": 0} | grouped_routing(d)


def latent_attention(d: Draw) -> dict:
    return {"q_lora_rank": d.pick(None, 12, 20), "kv_lora_rank": d.pick(8, 12, 20), "qk_rope_head_dim": d.pick(4, 8),
            "qk_nope_head_dim": d.pick(6, 8, 12), "v_head_dim": d.pick(6, 8, 10)}


def deepseek(d: Draw, kinds: str) -> dict:
    fields = d.base(head_dim=False, kv=False)
    fields.update(num_key_value_heads=fields["num_attention_heads"], hidden_size=d.hidden(), attention_bias=d.chance(0.3),
                  **latent_attention(d))
    fields["rope_parameters"] = d.rope(fields, kinds, rotary=fields["qk_rope_head_dim"])
    return fields


@family
def deepseek_v2(d: Draw) -> dict:
    routing = grouped_routing(d)
    routing.update(topk_method=d.pick("greedy", "group_limited_greedy"))
    return deepseek(d, "default yarn") | routing


@family
def deepseek_v3(d: Draw) -> dict:
    return deepseek(d, "default yarn") | grouped_routing(d) | {"rope_interleave": d.chance(0.7), "num_nextn_predict_layers": 0}


@family
def dots1(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), sliding_window=d.window(),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"), **grouped_routing(d))
    return fields


@family
def ernie4_5_moe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    layers = fields["num_hidden_layers"]
    start = d.pick(0, 1)
    fields.update(rope_parameters=d.rope(fields, "default linear"), use_bias=d.chance(0.4),
                  moe_intermediate_size=d.expert_inner(), **d.experts(top="moe_k", count="moe_num_experts"),
                  moe_num_shared_experts=d.pick(1, 2), moe_layer_start_index=start,
                  moe_layer_end_index=d.between(start, layers - 1), moe_layer_interval=d.pick(1, 1, 2))
    return fields


@family
def phimoe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default"), sliding_window=d.pick(None, d.window()),
                  attention_bias=d.chance(0.5), lm_head_bias=d.chance(0.5), **d.experts(count="num_local_experts"),
                  router_jitter_noise=0.01)
    fields["num_experts_per_tok"] = 2
    return fields


@family
def minimax_m2(d: Draw) -> dict:
    fields = d.base()
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default", partial=(0.5, 1.0)), **d.experts(count="num_local_experts"))
    return fields


@family
def glm4_moe_lite(d: Draw) -> dict:
    routing = grouped_routing(d)
    dense = routing.pop("first_k_dense_replace")
    fields = deepseek(d, "default yarn") | routing | {"rope_interleave": d.chance(0.7)}
    return fields | {"mlp_layer_types": ["dense"] * dense + ["sparse"] * (fields["num_hidden_layers"] - dense)}


@family
def hunyuan_v1_moe(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default"), attention_bias=d.chance(0.3), **d.experts(top="moe_topk"))
    fields["intermediate_size"] = d.expert_inner()
    return fields


@family
def solar_open(d: Draw) -> dict:
    routing = grouped_routing(d)
    routing.pop("first_k_dense_replace")
    fields = d.base(inner=False)
    fields.update(rope_parameters=d.rope(fields, "default yarn"), attention_bias=d.chance(0.3), **routing)
    return fields
