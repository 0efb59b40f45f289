"""The spelling of config.json that most repositories have: that of transformers 4."""

import transformers

# Where version 4 had other names than rope_theta and partial_rotary_factor.
theta_names = {"gpt_neox": "rotary_emb_base"}
partial_names = {"gpt_neox": "rotary_pct"}
# Newer than version 4's spelling of rotation.
gemma4 = {"gemma4_text", "gemma4_unified_text"}
# Kept, though they are the class's defaults: the tokens, and what tells the kind of model.
kept = {"architectures", "model_type", "bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings"}


def older_rope(config: dict) -> None:
    rope = config.pop("rope_parameters", None)
    if rope is None:
        return
    family = config["model_type"]
    if family in gemma4:
        config["rope_parameters"] = rope
        return
    if "full_attention" in rope:
        full, local = rope["full_attention"], rope["sliding_attention"]
        config["rope_theta"] = full["rope_theta"]
        if family in ("gemma3_text", "gemma3n_text"):
            config["rope_local_base_freq"] = local["rope_theta"]
        rope = dict(full)
    rope = dict(rope)
    config[theta_names.get(family, "rope_theta")] = rope.pop("rope_theta")
    if "partial_rotary_factor" in rope:
        config[partial_names.get(family, "partial_rotary_factor")] = rope.pop("partial_rotary_factor")
    if family == "phi3":
        rope.pop("original_max_position_embeddings", None)
    kind = rope.pop("rope_type")
    # The older key of the two that stand in repositories.
    config["rope_scaling"] = None if kind == "default" else {"type": kind} | rope


def older_layers(config: dict) -> None:
    """layer_types, where version 4 had a pattern that says the same."""
    kinds = config.get("layer_types")
    if kinds is None:
        return
    family = config["model_type"]
    windowed = [kind == "sliding_attention" for kind in kinds]
    if family in ("gemma3_text", "cohere2", "exaone4"):
        for pattern in range(1, len(kinds) + 2):
            if windowed == [(layer + 1) % pattern != 0 for layer in range(len(kinds))]:
                config["sliding_window_pattern"] = pattern
                del config["layer_types"]
                return
    if family == "gemma2" and windowed == [(layer + 1) % 2 == 1 for layer in range(len(kinds))]:
        del config["layer_types"]
    if family in ("qwen2", "qwen3", "qwen2_moe"):
        if windowed == [bool(config.get("use_sliding_window")) and layer >= config["max_window_layers"] for layer in range(len(kinds))]:
            del config["layer_types"]


def older_heads(config: dict) -> None:
    """Heads of layers that see all, where the present form has an entry for each such layer."""
    sizes = config.get("per_layer_config")
    if config["model_type"] not in gemma4 or not sizes:
        return
    del config["per_layer_config"]
    first = next(iter(sizes.values()))
    config["global_head_dim"] = first.get("head_dim", config["head_dim"])
    config["num_global_key_value_heads"] = first.get("num_key_value_heads")


def older_config(config: dict) -> dict:
    older = dict(config)
    older_rope(older)
    older_layers(older)
    older_heads(older)
    older["torch_dtype"] = older.pop("dtype", "float32")
    older["transformers_version"] = "4.51.3"
    defaults = transformers.CONFIG_MAPPING[config["model_type"]]().to_dict()
    for name in list(older):
        if name not in kept and name in defaults and older[name] == defaults[name]:
            del older[name]
    return older
