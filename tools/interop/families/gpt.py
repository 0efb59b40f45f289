"""GPT and its kin: layer norms, biases, learned positions or slopes; and decoders whose feed-forward has no gate or whose branches run side by side."""

from ..draws import Draw
from .table import family


def gpt_base(d: Draw, act: str) -> dict:
    heads, size = d.heads(), d.head_dim()
    return {"vocab_size": d.vocab(), "n_positions": d.positions(), "n_embd": heads * size, "n_layer": d.layers(), "n_head": heads,
            "n_inner": d.pick(None, d.inner()) if not d.small else d.inner(),
            "activation_function": d.pick(act, act, "gelu", "relu"), "layer_norm_epsilon": d.epsilon(), "bos_token_id": 1,
            "eos_token_id": 2}


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
            "activation_function": d.pick("gelu_new", "gelu_new", "gelu"), "layer_norm_epsilon": d.epsilon(), "bos_token_id": 1,
            "eos_token_id": 2, "tie_word_embeddings": d.chance(0.7)}


@family
def gpt_neox(d: Draw) -> dict:
    fields = d.base(act="gelu", eps="layer_norm_eps", head_dim=False, kv=False)
    fields.update(hidden_act=d.pick("gelu", "gelu", "gelu_new"),
                  rope_parameters=d.rope(fields, "default linear dynamic", partial=(0.25, 0.5, 1.0)),
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
    fields.update(n_head=heads, n_embd=heads * size, rotary_dim=d.pick(4, 6, size), n_ctx=fields["n_positions"],
                  tie_word_embeddings=False)
    return fields


@family
def gpt_bigcode(d: Draw) -> dict:
    return gpt_base(d, "gelu_pytorch_tanh") | {"multi_query": d.chance(0.7), "scale_attn_weights": d.chance(0.8),
                                               "tie_word_embeddings": d.chance(0.7)}


@family
def opt(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    hidden = heads * size
    before = d.chance(0.7)
    return {"vocab_size": d.vocab(), "hidden_size": hidden, "num_hidden_layers": d.layers(), "ffn_dim": d.inner(),
            "max_position_embeddings": d.positions(), "do_layer_norm_before": before,
            "word_embed_proj_dim": d.pick(hidden, hidden, hidden // 2), "num_attention_heads": heads,
            "activation_function": d.pick("relu", "relu", "gelu"), "enable_bias": d.chance(0.7),
            "layer_norm_elementwise_affine": d.chance(0.8), "_remove_final_layer_norm": d.chance(0.2), "bos_token_id": 2,
            "eos_token_id": 2, "pad_token_id": 1, "tie_word_embeddings": d.chance(0.7)}


@family
def bloom(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    return {"vocab_size": d.vocab(), "hidden_size": heads * size, "n_layer": d.layers(), "n_head": heads,
            "layer_norm_epsilon": d.epsilon(), "apply_residual_connection_post_layernorm": d.chance(0.4), "bos_token_id": 1,
            "eos_token_id": 2, "tie_word_embeddings": d.chance(0.7)}


@family
def mpt(d: Draw) -> dict:
    heads, size = d.pick(2, 4) if d.small else d.pick(2, 3, 4, 6), d.head_dim()
    return {"vocab_size": d.vocab(), "d_model": heads * size, "n_layers": d.layers(), "n_heads": heads,
            "expansion_ratio": d.pick(2, 4), "max_seq_len": d.positions(), "layer_norm_epsilon": 1e-5,
            "tie_word_embeddings": True,
            "attn_config": {"clip_qkv": d.pick(None, 1.5), "softmax_scale": d.pick(None, 0.3), "alibi": True}}


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
        fields.update(new_decoder_architecture=True, num_kv_heads=d.kv_heads(heads), num_ln_in_parallel_attn=d.pick(None, 1, 2),
                      alibi=False, multi_query=d.chance(0.5), parallel_attn=True)
    else:
        fields.update(multi_query=False, new_decoder_architecture=False, alibi=True, parallel_attn=d.chance(0.4))
    fields["rope_parameters"] = d.rope(fields, "default linear dynamic")
    return fields


@family
def phi(d: Draw) -> dict:
    fields = d.base(act="gelu_new", eps="layer_norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear dynamic", partial=(0.4, 0.5, 0.75, 1.0)),
                  qk_layernorm=d.chance(0.4))
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
    fields.update(rope_parameters=d.rope(fields, "default linear"), sliding_window=d.pick(None, d.window()),
                  use_bias=d.chance(0.7))
    return fields


@family
def cohere(d: Draw) -> dict:
    fields = d.base(eps="layer_norm_eps", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear dynamic"), attention_bias=d.chance(0.3),
                  use_qk_norm=d.chance(0.5), logit_scale=d.pick(0.0625, 0.25, 1.0))
    return fields


@family
def cohere2(d: Draw) -> dict:
    fields = d.base(eps="layer_norm_eps")
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3),
                  logit_scale=d.pick(0.0625, 0.25, 1.0), sliding_window=d.window(),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"))
    return fields


@family
def xglm(d: Draw) -> dict:
    heads, size = d.heads(), d.head_dim()
    return {"vocab_size": d.vocab(), "max_position_embeddings": d.positions(), "d_model": heads * size, "ffn_dim": d.inner(),
            "num_layers": d.layers(), "attention_heads": heads, "activation_function": d.pick("gelu", "gelu", "relu"),
            "scale_embedding": d.chance(0.7), "bos_token_id": 0, "eos_token_id": 2, "pad_token_id": 1,
            "tie_word_embeddings": d.chance(0.7)}


@family
def biogpt(d: Draw) -> dict:
    fields = d.base(act="gelu", eps="layer_norm_eps", head_dim=False, kv=False)
    fields.update(scale_embedding=d.chance(0.7), pad_token_id=1, bos_token_id=0)
    return fields


@family
def nemotron(d: Draw) -> dict:
    fields = d.base(act="relu2", eps="norm_eps")
    fields.update(rope_parameters=d.rope(fields, "default linear", partial=(0.5, 1.0)), attention_bias=d.chance(0.3),
                  mlp_bias=d.chance(0.3))
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
def nanochat(d: Draw) -> dict:
    fields = d.base(act="relu2", head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default"), final_logit_softcapping=d.pick(6.0, 15.0),
                  attention_bias=d.chance(0.3))
    return fields
