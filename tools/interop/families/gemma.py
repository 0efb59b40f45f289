"""The Gemmas: norms around the branches, windows in turns, later vectors of each token for each layer."""

from ..draws import Draw
from .table import family


@family
def gemma(d: Draw) -> dict:
    fields = d.base(act="gelu_pytorch_tanh")
    fields.update(rope_parameters=d.rope(fields, "default linear"), attention_bias=d.chance(0.3))
    return fields


@family
def gemma2(d: Draw) -> dict:
    fields = d.base(act=None)
    fields.update(hidden_activation=d.pick("gelu_pytorch_tanh", "gelu_pytorch_tanh", "gelu"),
                  rope_parameters=d.rope(fields, "default linear"), query_pre_attn_scalar=d.pick(8, 10, 24),
                  sliding_window=d.window(), attention_bias=d.chance(0.2), final_logit_softcapping=d.pick(6.0, 30.0, None),
                  attn_logit_softcapping=d.pick(3.0, 50.0, None))
    if d.chance(0.5):
        fields["layer_types"] = d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention")
    return fields


def rope_by_layer(full: dict) -> dict:
    """Rotation of windowed layers, and of those that see all."""
    return {"sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}, "full_attention": full}


@family
def gemma3_text(d: Draw) -> dict:
    fields = d.base(act=None)
    fields.update(hidden_activation="gelu_pytorch_tanh", query_pre_attn_scalar=d.pick(8, 10, 24), sliding_window=d.window(),
                  attention_bias=d.chance(0.2), final_logit_softcapping=d.pick(None, None, 20.0),
                  layer_types=d.pattern(fields["num_hidden_layers"], "sliding_attention", "full_attention"),
                  rope_parameters=rope_by_layer(d.pick({"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
                                                       {"rope_type": "default", "rope_theta": 1000000.0})))
    if d.chance(0.25):
        fields["use_bidirectional_attention"] = True  # EmbeddingGemma: an encoder
    return fields


def shared_kinds(d: Draw, layers: int, shared: int) -> list:
    """A kind for each layer. Those that share read the keys of the last one of their kind that has its own."""
    kinds = d.pattern(layers - shared, "sliding_attention", "full_attention")
    return kinds + [d.pick(*sorted(set(kinds))) for _ in range(shared)]


@family
def gemma3n_text(d: Draw) -> dict:
    fields = d.base(act=None)
    shared = d.pick(0, 1, 2)
    layers = fields["num_hidden_layers"] + max(1, shared)
    fields.update(num_hidden_layers=layers, hidden_activation="gelu_pytorch_tanh", sliding_window=d.window(),
                  attention_bias=d.chance(0.2), final_logit_softcapping=d.pick(6.0, 30.0),
                  layer_types=shared_kinds(d, layers, shared), num_kv_shared_layers=shared,
                  intermediate_size=[d.inner() for _ in range(layers)] if d.chance(0.5) else fields["intermediate_size"],
                  # Tokens that the table does not know have its first row.
                  vocab_size_per_layer_input=fields["vocab_size"] - d.pick(0, 9), hidden_size_per_layer_input=d.pick(6, 8),
                  altup_num_inputs=d.pick(2, 3), altup_active_idx=d.pick(0, 1), altup_correct_scale=d.chance(0.5),
                  altup_coef_clip=d.pick(120.0, 0.3), laurel_rank=d.pick(4, 6),
                  activation_sparsity_pattern=[d.pick(0.0, 0.3, 0.6) for _ in range(layers)],
                  rope_parameters=rope_by_layer(d.pick({"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
                                                       {"rope_type": "default", "rope_theta": 1000000.0})))
    return fields


@family
def gemma4_text(d: Draw) -> dict:
    fields = d.base(act=None)
    shared = d.pick(0, 1, 2)
    layers = fields["num_hidden_layers"] + max(1, shared)
    kinds = shared_kinds(d, layers, shared)
    # The last layer sees all, whatever is asked for; of those with keys of their own, one has to do so as well.
    kinds[-1] = kinds[-1 - shared] = "full_attention"
    if "sliding_attention" not in kinds[:layers - shared]:
        kinds[:-1] = ["full_attention"] * (layers - 1)
    fields.update(num_hidden_layers=layers, hidden_activation="gelu_pytorch_tanh", sliding_window=d.window(),
                  attention_bias=d.chance(0.2), final_logit_softcapping=d.pick(None, 6.0, 30.0), layer_types=kinds,
                  vocab_size_per_layer_input=fields["vocab_size"],
                  # The reference cuts the vectors of shared layers without asking whether there are any.
                  hidden_size_per_layer_input=d.pick(6, 8) if shared else d.pick(0, 6, 8),
                  num_kv_shared_layers=shared, global_head_dim=d.pick(8, 16), use_double_wide_mlp=d.chance(0.4),
                  rope_parameters=rope_by_layer({"rope_type": "proportional", "partial_rotary_factor": d.pick(0.25, 0.5),
                                                 "rope_theta": 1000000.0}))
    if d.chance(0.5):
        fields.update(attention_k_eq_v=True, num_global_key_value_heads=d.kv_heads(fields["num_attention_heads"]))
    if d.chance(0.4):
        fields.update(enable_moe_block=True, moe_intermediate_size=d.expert_inner(), **d.experts(top="top_k_experts"))
    return fields


@family
def gemma4_unified_text(d: Draw) -> dict:
    fields = gemma4_text(d)
    for field in ("vocab_size_per_layer_input", "hidden_size_per_layer_input", "enable_moe_block", "moe_intermediate_size",
                  "num_experts", "top_k_experts"):
        fields.pop(field, None)
    return fields
