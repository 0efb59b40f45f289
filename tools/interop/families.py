"""One function a family: the fields of a small random configuration, as transformers' class names them."""

from .draws import Draw

families = {}
# The largest difference in float32 that is allowed: where a wrong epsilon shows as little as that, the finer one.
fine_tolerance = {"gemma3_text", "phi", "gpt_neox", "gptj"}


def family(function):
    families[function.__name__] = function
    return function


def tolerance(name: str) -> float:
    return 1e-4 if name in fine_tolerance else 2e-4


# ---- Llama and what is near it -------------------------------------------------------------------


@family
def llama(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3))
    return fields


@family
def mistral(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields), sliding_window=d.pick(None, d.window()))
    return fields


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


def qwen_window(d: Draw, fields: dict) -> dict:
    if d.chance(0.5):
        return {"use_sliding_window": False, "sliding_window": d.pick(None, 5), "max_window_layers": 28}
    return {"use_sliding_window": True, "sliding_window": d.window(), "max_window_layers": d.between(0, fields["num_hidden_layers"])}


@family
def qwen2(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields), **qwen_window(d, fields))
    return fields


@family
def qwen3(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields), attention_bias=d.chance(0.3), **qwen_window(d, fields))
    return fields


def sparse_layers(d: Draw, fields: dict) -> dict:
    layers = fields["num_hidden_layers"]
    return {"decoder_sparse_step": d.pick(1, 1, 2), "mlp_only_layers": d.pick([], [d.between(0, layers - 1)]),
            "norm_topk_prob": d.chance(0.5), "moe_intermediate_size": d.expert_inner()}


@family
def qwen2_moe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), **qwen_window(d, fields), **sparse_layers(d, fields), **d.experts(),
                  shared_expert_intermediate_size=d.expert_inner(), qkv_bias=d.chance(0.7))
    return fields


@family
def qwen3_moe(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), attention_bias=d.chance(0.3), **sparse_layers(d, fields), **d.experts())
    if d.chance(0.4):
        fields.update(use_sliding_window=True, sliding_window=d.window())
    return fields


@family
def gemma(d: Draw) -> dict:
    fields = d.base(act="gelu_pytorch_tanh")
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3))
    return fields


@family
def gemma2(d: Draw) -> dict:
    fields = d.base(act=None)
    fields.update(hidden_activation=d.pick("gelu_pytorch_tanh", "gelu_pytorch_tanh", "gelu"), rope_parameters=d.rope(fields, "default linear"),
                  query_pre_attn_scalar=d.pick(8, 10, 24), sliding_window=d.window(), attention_bias=d.chance(0.2),
                  final_logit_softcapping=d.pick(6.0, 30.0, None), attn_logit_softcapping=d.pick(3.0, 50.0, None))
    if d.chance(0.5):
        fields["layer_types"] = d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention")
    return fields


@family
def gemma3_text(d: Draw) -> dict:
    fields = d.base(act=None)
    fields.update(hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=d.pick(8, 10, 24), sliding_window=d.window(),
                  attention_bias=d.chance(0.2), final_logit_softcapping=d.pick(None, None, 20.0),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"),
                  rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0},
                                   "full_attention": d.pick({"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
                                                            {"rope_type": "default", "rope_theta": 1000000.0})})
    return fields


@family
def phi(d: Draw) -> dict:
    fields = d.base(act="gelu_new", eps="layer_norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear dynamic", partial=(0.4, 0.5, 0.75, 1.0)), qk_layernorm=d.chance(0.4))
    return fields


@family
def phi3(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    rope = d.rope(fields, "default longrope longrope", partial=(0.5, 0.75, 1.0))
    fields["original_max_position_embeddings"] = rope.pop("original_max_position_embeddings", fields["max_position_embeddings"])
    rope.pop("factor", None)
    fields.update(rope_parameters=rope, sliding_window=d.pick(None, d.window()))
    return fields


# ---- GPT and its kin -----------------------------------------------------------------------------


def gpt_base(d: Draw, act: str) -> dict:
    heads, size = d.heads(), d.head_dim()
    return {"vocab_size": d.vocab(), "n_positions": d.positions(), "n_embd": heads * size, "n_layer": d.layers(), "n_head": heads,
            "n_inner": d.pick(None, d.inner()) if not d.small else d.inner(), "activation_function": d.pick(act, act, "gelu", "relu"),
            "layer_norm_epsilon": d.epsilon(), "bos_token_id": 1, "eos_token_id": 2}


@family
def gpt2(d: Draw) -> dict:
    return gpt_base(d, "gelu_new") | {"scale_attn_weights": d.chance(0.8), "scale_attn_by_inverse_layer_idx": d.chance(0.3),
                                      "tie_word_embeddings": d.chance(0.7)}


@family
def gpt_neo(d: Draw) -> dict:
    heads, size, layers = d.heads(), d.head_dim(), d.layers()
    kinds = d.pattern(layers, "global", "local")
    return {"vocab_size": d.vocab(), "max_position_embeddings": d.positions(), "hidden_size": heads * size, "num_layers": layers,
            "attention_types": [[[kind], 1] for kind in kinds] if d.chance(0.5) or layers % 2 else [[["global", "local"], layers // 2]],
            "num_heads": heads, "intermediate_size": d.inner() if d.small else d.pick(None, d.inner()), "window_size": d.window(),
            "activation_function": d.pick("gelu_new", "gelu_new", "gelu"), "layer_norm_epsilon": d.epsilon(), "bos_token_id": 1, "eos_token_id": 2,
            "tie_word_embeddings": d.chance(0.7)}


@family
def gpt_neox(d: Draw) -> dict:
    fields = d.base(act="gelu", eps="layer_norm_eps", head_dim=False, kv=False)
    fields.update(hidden_act=d.pick("gelu", "gelu", "gelu_new"), rope_parameters=d.rope(fields, "default linear dynamic", partial=(0.25, 0.5, 1.0)),
                  use_parallel_residual=d.chance(0.6), attention_bias=d.chance(0.8))
    return fields


@family
def gptj(d: Draw) -> dict:
    fields = gpt_base(d, "gelu_new")
    size = fields["n_embd"] // fields["n_head"]
    fields.update(rotary_dim=d.pick(4, 6, size), tie_word_embeddings=False)
    return fields


@family
def codegen(d: Draw) -> dict:
    fields = gpt_base(d, "gelu_new")
    # Its projections are laid out for four partitions.
    size = fields["n_embd"] // fields["n_head"]
    heads = d.pick(4, 8) if not d.small else 4
    fields.update(n_head=heads, n_embd=heads * size, rotary_dim=d.pick(4, 6, size), n_ctx=fields["n_positions"], tie_word_embeddings=False)
    return fields


@family
def gpt_bigcode(d: Draw) -> dict:
    return gpt_base(d, "gelu_pytorch_tanh") | {"multi_query": d.chance(0.7), "scale_attn_weights": d.chance(0.8), "tie_word_embeddings": d.chance(0.7)}


@family
def opt(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    hidden = heads * size
    before = d.chance(0.7)
    return {"vocab_size": d.vocab(), "hidden_size": hidden, "num_hidden_layers": d.layers(), "ffn_dim": d.inner(),
            "max_position_embeddings": d.positions(), "do_layer_norm_before": before, "word_embed_proj_dim": d.pick(hidden, hidden, hidden // 2),
            "num_attention_heads": heads, "activation_function": d.pick("relu", "relu", "gelu"), "enable_bias": d.chance(0.7),
            "layer_norm_elementwise_affine": d.chance(0.8), "_remove_final_layer_norm": d.chance(0.2), "bos_token_id": 2, "eos_token_id": 2,
            "pad_token_id": 1, "tie_word_embeddings": d.chance(0.7)}


@family
def bloom(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    return {"vocab_size": d.vocab(), "hidden_size": heads * size, "n_layer": d.layers(), "n_head": heads, "layer_norm_epsilon": d.epsilon(),
            "apply_residual_connection_post_layernorm": d.chance(0.4), "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": d.chance(0.7)}


@family
def mpt(d: Draw) -> dict:
    heads, size = d.pick(2, 4) if d.small else d.pick(2, 3, 4, 6), d.head_dim()
    return {"vocab_size": d.vocab(), "d_model": heads * size, "n_layers": d.layers(), "n_heads": heads, "expansion_ratio": d.pick(2, 4),
            "max_seq_len": d.positions(), "layer_norm_epsilon": 1e-5, "tie_word_embeddings": True,
            "attn_config": {"clip_qkv": d.pick(None, 1.5), "softmax_scale": d.pick(None, 0.3), "alibi": True, "alibi_bias_max": d.pick(8, 8, 4)}}


@family
def falcon(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    fields = {"vocab_size": d.vocab(), "hidden_size": heads * size, "num_hidden_layers": d.layers(), "num_attention_heads": heads,
              "layer_norm_epsilon": d.epsilon(), "max_position_embeddings": d.positions(), "bos_token_id": 1, "eos_token_id": 2,
              "ffn_hidden_size": d.inner(), "activation": d.pick("gelu", "gelu", "relu"), "bias": d.chance(0.4),
              "tie_word_embeddings": d.chance(0.7)}
    form = d.pick("7b", "40b", "rw")
    if form == "7b":
        fields.update(multi_query=True, parallel_attn=d.chance(0.7), new_decoder_architecture=False, alibi=False)
    elif form == "40b":
        fields.update(new_decoder_architecture=True, num_kv_heads=d.kv_heads(heads), num_ln_in_parallel_attn=d.pick(None, 1, 2), alibi=False,
                      multi_query=d.chance(0.5), parallel_attn=True)
    else:
        fields.update(multi_query=False, new_decoder_architecture=False, alibi=True, parallel_attn=d.chance(0.4))
    fields["rope_parameters"] = d.rope(fields, "default linear dynamic")
    return fields


@family
def stablelm(d: Draw) -> dict:
    fields = d.base(eps="layer_norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear dynamic", partial=(0.25, 0.5, 1.0)), use_qkv_bias=d.chance(0.5),
                  qk_layernorm=d.chance(0.4), use_parallel_residual=d.chance(0.4))
    return fields


@family
def starcoder2(d: Draw) -> dict:
    fields = d.base(act="gelu_pytorch_tanh", eps="norm_epsilon", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear"), sliding_window=d.pick(None, d.window()), use_bias=d.chance(0.7))
    return fields


def granite_scales(d: Draw) -> dict:
    return {"embedding_multiplier": d.pick(1.0, 12.0), "logits_scaling": d.pick(1.0, 8.0), "residual_multiplier": d.pick(1.0, 0.22),
            "attention_multiplier": d.pick(1.0, 0.2, 0.4)}


@family
def granite(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3), **granite_scales(d))
    return fields


@family
def granitemoe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), **granite_scales(d), **d.experts(count="num_local_experts"))
    return fields


@family
def granitemoeshared(d: Draw) -> dict:
    return granitemoe(d) | {"shared_intermediate_size": d.pick(0, d.expert_inner(), d.expert_inner())}


@family
def olmo(d: Draw) -> dict:
    fields = d.base(eps=None, head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), clip_qkv=d.pick(None, 1.0))
    return fields


@family
def olmo2(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3))
    return fields


@family
def olmo3(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    theta = d.pick(10000.0, 500000.0)
    full = {"rope_type": "default", "rope_theta": theta}
    if d.chance(0.5):
        full = {"rope_type": "yarn", "rope_theta": theta, "factor": 4.0, "original_max_position_embeddings": 40, "attention_factor": 1.2,
                "beta_fast": 32.0, "beta_slow": 1.0}
    fields.update(sliding_window=d.window(), attention_bias=d.chance(0.3),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"),
                  rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": theta}, "full_attention": full})
    return fields


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
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), norm_topk_prob=d.chance(0.5), **d.experts())
    return fields


@family
def cohere(d: Draw) -> dict:
    fields = d.base(eps="layer_norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear dynamic"), attention_bias=d.chance(0.3), use_qk_norm=d.chance(0.5),
                  logit_scale=d.pick(0.0625, 0.25, 1.0))
    return fields


@family
def cohere2(d: Draw) -> dict:
    fields = d.base(eps="layer_norm_eps")
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), logit_scale=d.pick(0.0625, 0.25, 1.0),
                  sliding_window=d.window(), layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"))
    return fields


# ---- what people download today ------------------------------------------------------------------


@family
def gpt_oss(d: Draw) -> dict:
    fields = d.base(act=None)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default yarn yarn"), sliding_window=d.window(), **d.experts(count="num_local_experts"),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"))
    return fields


@family
def ministral(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), sliding_window=d.window(),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"))
    return fields


@family
def ministral3(d: Draw) -> dict:
    fields = d.base()
    fields.update(sliding_window=d.pick(None, d.window()),
                  rope_parameters={"type": "yarn", "rope_type": "yarn", "rope_theta": 1000000.0, "factor": 10.0, "original_max_position_embeddings": 16,
                                   "max_position_embeddings": 160, "beta_fast": 32.0, "beta_slow": 1.0, "mscale_all_dim": 1.0, "mscale": 1.0,
                                   "llama_4_scaling_beta": d.pick(0.1, 0.4)})
    return fields


@family
def llama4_text(d: Draw) -> dict:
    fields = d.base()
    layers = fields["num_hidden_layers"]
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default llama3"), intermediate_size_mlp=d.inner(), attention_bias=d.chance(0.3),
                  **d.experts(count="num_local_experts"), interleave_moe_layer_step=d.pick(1, 2), use_qk_norm=d.chance(0.6),
                  no_rope_layers=d.pattern(layers, 1, 0), attention_chunk_size=d.pick(6, 16), attn_temperature_tuning=d.chance(0.6),
                  floor_scale=d.pick(4, 16), attn_scale=d.pick(0.1, 0.4))
    return fields


def glm_base(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear", partial=(0.5, 1.0)), attention_bias=d.chance(0.6))
    return fields


@family
def glm(d: Draw) -> dict:
    return glm_base(d)


@family
def glm4(d: Draw) -> dict:
    return glm_base(d)


def grouped_routing(d: Draw, groups: bool = True) -> dict:
    count, group, top_group = d.pick((4, 1, 1), (4, 2, 1), (4, 2, 2)) if d.small else d.pick((4, 1, 1), (4, 2, 1), (6, 3, 2), (8, 4, 2), (8, 2, 1))
    if not groups:
        group = top_group = 1
    # Each group's worth is the sum of its two best experts, so that it needs two.
    return {"n_routed_experts": count, "n_group": group, "topk_group": top_group, "num_experts_per_tok": d.between(1, min(3, count // group * top_group)),
            "norm_topk_prob": d.chance(0.6), "routed_scaling_factor": d.pick(1.0, 2.5, 1.5), "moe_intermediate_size": d.expert_inner(),
            "n_shared_experts": d.pick(1, 2), "first_k_dense_replace": d.pick(0, 1)}


@family
def glm4_moe(d: Draw) -> dict:
    return glm_base(d) | {"use_qk_norm": d.chance(0.5), "num_nextn_predict_layers": 0} | grouped_routing(d)


def latent_attention(d: Draw) -> dict:
    return {"q_lora_rank": d.pick(None, 12, 20), "kv_lora_rank": d.pick(8, 12, 20), "qk_rope_head_dim": d.pick(4, 8), "qk_nope_head_dim": d.pick(6, 8, 12),
            "v_head_dim": d.pick(6, 8, 10)}


def deepseek(d: Draw, kinds: str) -> dict:
    fields = d.base(head_dim=False, kv=False)
    fields.update(num_key_value_heads=fields["num_attention_heads"], hidden_size=d.hidden(), attention_bias=d.chance(0.3), **latent_attention(d))
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
def smollm3(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear yarn"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3),
                  no_rope_layers=d.pattern(fields["num_hidden_layers"], 1, 0))
    if d.chance(0.4):
        fields.update(use_sliding_window=True, sliding_window=d.window())
    return fields


@family
def ernie4_5(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear"), use_bias=d.chance(0.4))
    return fields


@family
def ernie4_5_moe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    layers = fields["num_hidden_layers"]
    start = d.pick(0, 1)
    fields.update(rope_parameters=d.rope(fields, "default linear"), use_bias=d.chance(0.4), moe_intermediate_size=d.expert_inner(),
                  **d.experts(top="moe_k", count="moe_num_experts"), moe_num_shared_experts=d.pick(1, 2), moe_layer_start_index=start,
                  moe_layer_end_index=d.between(start, layers - 1), moe_layer_interval=d.pick(1, 1, 2))
    return fields


@family
def exaone4(d: Draw) -> dict:
    fields = d.base()
    window = d.pick(None, d.window(), d.window())
    kinds = d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention") if window else ["full_attention"] * fields["num_hidden_layers"]
    fields.update(rope_parameters=d.rope(fields, "default llama3"), sliding_window=window, layer_types=kinds)
    return fields


@family
def seed_oss(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.6), attention_out_bias=d.chance(0.4),
                  mlp_bias=d.chance(0.3))
    return fields


@family
def hunyuan_v1_dense(d: Draw) -> dict:
    fields = d.base()
    # "dynamic" with alpha is its own: the base is stretched once, for every length.
    rope = d.rope(fields, "default")
    if d.chance(0.6):
        rope = {"rope_type": "dynamic", "alpha": d.pick(100.0, 1000.0), "factor": 1.0, "rope_theta": 10000.0}
    fields.update(rope_parameters=rope, attention_bias=d.chance(0.3))
    return fields


@family
def apertus(d: Draw) -> dict:
    fields = d.base(act="xielu")
    fields.update(rope_parameters=d.rope(fields, "default llama3"), attention_bias=d.chance(0.3))
    return fields


@family
def arcee(d: Draw) -> dict:
    fields = d.base(act="relu2")
    fields.update(rope_parameters=d.rope(fields, "default yarn"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3))
    return fields


@family
def nemotron(d: Draw) -> dict:
    fields = d.base(act="relu2", eps="norm_eps")
    fields.update(rope_parameters=d.rope(fields, "default linear", partial=(0.5, 1.0)), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3))
    return fields


@family
def phimoe(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default"), sliding_window=d.pick(None, d.window()), attention_bias=d.chance(0.5),
                  lm_head_bias=d.chance(0.5), **d.experts(count="num_local_experts"), router_jitter_noise=0.01)
    fields["num_experts_per_tok"] = 2
    return fields


@family
def minimax_m2(d: Draw) -> dict:
    fields = d.base()
    fields["intermediate_size"] = d.expert_inner()
    fields.update(rope_parameters=d.rope(fields, "default", partial=(0.5, 1.0)), **d.experts(count="num_local_experts"))
    return fields


@family
def helium(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["head_dim"] = fields["hidden_size"] // fields["num_attention_heads"]
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3))
    return fields


@family
def nanochat(d: Draw) -> dict:
    fields = d.base(act="relu2", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default"), final_logit_softcapping=d.pick(6.0, 15.0), attention_bias=d.chance(0.3))
    return fields


@family
def xglm(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    return {"vocab_size": d.vocab(), "max_position_embeddings": d.positions(), "d_model": heads * size, "ffn_dim": d.inner(), "num_layers": d.layers(),
            "attention_heads": heads, "activation_function": d.pick("gelu", "gelu", "relu"), "scale_embedding": d.chance(0.7), "bos_token_id": 0,
            "eos_token_id": 2, "pad_token_id": 1, "tie_word_embeddings": d.chance(0.7)}


@family
def biogpt(d: Draw) -> dict:
    fields = d.base(act="gelu", eps="layer_norm_eps", head_dim=False, kv=False)
    fields.update(scale_embedding=d.chance(0.7), pad_token_id=1, bos_token_id=0)
    return fields


@family
def lfm2(d: Draw) -> dict:
    fields = d.base(act=None, eps="norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default"), conv_bias=d.chance(0.3), conv_L_cache=d.pick(2, 3, 4),
                  block_multiple_of=d.pick(4, 8), block_ffn_dim_multiplier=d.pick(1.0, 1.25), block_auto_adjust_ff_dim=d.chance(0.6),
                  layer_types=d.pattern(fields["num_hidden_layers"], "conv", "full_attention"))
    return fields


@family
def qwen3_next(d: Draw) -> dict:
    fields = d.base()
    keys = d.pick(1, 2)
    sparse = sparse_layers(d, fields)
    fields.update(rope_parameters=d.rope(fields, "default", partial=(0.25, 0.5, 1.0)), attention_bias=d.chance(0.3), linear_conv_kernel_dim=d.pick(2, 4),
                  linear_key_head_dim=d.pick(8, 12), linear_value_head_dim=d.pick(8, 10), linear_num_key_heads=keys,
                  linear_num_value_heads=keys * d.pick(1, 2), shared_expert_intermediate_size=d.expert_inner(), **sparse, **d.experts(),
                  layer_types=d.pattern(fields["num_hidden_layers"], "linear_attention", "full_attention"))
    return fields
