"""Llama and what is near it: gated feed-forward, RMS norms, rotation."""

from ..draws import Draw
from .table import family


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


def qwen_window(d: Draw, fields: dict) -> dict:
    if d.chance(0.5):
        return {"use_sliding_window": False, "sliding_window": d.pick(None, 5), "max_window_layers": 28}
    return {"use_sliding_window": True, "sliding_window": d.window(),
            "max_window_layers": d.between(0, fields["num_hidden_layers"])}


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


@family
def phi3(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    rope = d.rope(fields, "default longrope longrope", partial=(0.5, 0.75, 1.0))
    fields["original_max_position_embeddings"] = rope.pop("original_max_position_embeddings", fields["max_position_embeddings"])
    rope.pop("factor", None)
    fields.update(rope_parameters=rope, sliding_window=d.pick(None, d.window()))
    return fields


def granite_scales(d: Draw) -> dict:
    return {"embedding_multiplier": d.pick(1.0, 12.0), "logits_scaling": d.pick(1.0, 8.0),
            "residual_multiplier": d.pick(1.0, 0.22), "attention_multiplier": d.pick(1.0, 0.2, 0.4)}


@family
def granite(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3),
                  **granite_scales(d))
    return fields


@family
def hyperclovax(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3),
                  use_post_norm=d.chance(0.6), **granite_scales(d))
    return fields


@family
def jais2(d: Draw) -> dict:
    fields = d.base(act="relu2", eps="layer_norm_eps")
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.7), mlp_bias=d.chance(0.7))
    return fields


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
        full = {"rope_type": "yarn", "rope_theta": theta, "factor": 4.0, "original_max_position_embeddings": 40,
                "attention_factor": 1.2, "beta_fast": 32.0, "beta_slow": 1.0}
    fields.update(sliding_window=d.window(), attention_bias=d.chance(0.3),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"),
                  rope_parameters={"sliding_attention": {"rope_type": "default", "rope_theta": theta}, "full_attention": full})
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
    rope = {"type": "yarn", "rope_type": "yarn", "rope_theta": 1000000.0, "factor": 10.0, "original_max_position_embeddings": 16,
            "max_position_embeddings": 160, "beta_fast": 32.0, "beta_slow": 1.0, "mscale_all_dim": 1.0, "mscale": 1.0,
            "llama_4_scaling_beta": d.pick(0.1, 0.4)}
    fields.update(sliding_window=d.pick(None, d.window()), rope_parameters=rope)
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
def exaone4(d: Draw) -> dict:
    fields = d.base()
    window = d.pick(None, d.window(), d.window())
    kinds = d.pattern(fields["num_hidden_layers"], "sliding_attention",
                      "full_attention") if window else ["full_attention"] * fields["num_hidden_layers"]
    fields.update(rope_parameters=d.rope(fields, "default llama3"), sliding_window=window, layer_types=kinds)
    return fields


@family
def seed_oss(d: Draw) -> dict:
    fields = d.base()
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.6),
                  attention_out_bias=d.chance(0.4), mlp_bias=d.chance(0.3))
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
def helium(d: Draw) -> dict:
    fields = d.base(head_dim=False)
    fields["head_dim"] = fields["hidden_size"] // fields["num_attention_heads"]
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3), mlp_bias=d.chance(0.3))
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


@family
def internlm3(d: Draw) -> dict:
    fields = d.base()
    bias = d.chance(0.4)
    fields.update(rope_parameters=d.rope(fields, "default linear dynamic"), attention_bias=bias, mlp_bias=bias)
    return fields
