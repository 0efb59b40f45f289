#!/usr/bin/env python3
"""make_model.py FOLDER [--size SIZE] [--gguf FILE]   a model of random bfloat16 weights, the same at every run, for benchmarks.

FOLDER gets config.json and model.safetensors; FILE the same weights as llama.cpp reads them, without a vocabulary (wants the
package gguf; Llamas only). "long" has four layers of the half-billion shape, for contexts that would otherwise take hours;
gemma-2-2b and gemma-2-9b have those models' shapes.
"""
import argparse
import json
import os
from collections import namedtuple

import numpy as np

Shape = namedtuple("Shape", "family hidden inner layers heads kv_heads dim vocab")
SIZES = {
    "0.5b": Shape("llama", 1280, 3328, 24, 20, 10, 64, 32000),
    "1b": Shape("llama", 2048, 5632, 22, 32, 4, 64, 32000),
    "long": Shape("llama", 1280, 3328, 4, 20, 10, 64, 32000),
    "gemma-2-2b": Shape("gemma2", 2304, 9216, 26, 8, 4, 256, 256000),
    "gemma-2-9b": Shape("gemma2", 3584, 14336, 42, 16, 8, 256, 256000),
}
CONTEXT, EPSILON, THETA = 40960, 1e-6, 10000.0
DISTINCT = 1 << 24  # random values of a tensor, which then repeat: of 9 billion, all would take minutes


def tensors(shape):
    """Name of the Hub, name of llama.cpp, shape, heads of a rotated matrix (or 0)."""
    hidden, inner = shape.hidden, shape.inner
    query, key = shape.heads * shape.dim, shape.kv_heads * shape.dim
    yield "model.embed_tokens.weight", "token_embd.weight", (shape.vocab, hidden), 0
    for i in range(shape.layers):
        there, here = f"model.layers.{i}.", f"blk.{i}."
        yield there + "input_layernorm.weight", here + "attn_norm.weight", (hidden,), 0
        yield there + "self_attn.q_proj.weight", here + "attn_q.weight", (query, hidden), shape.heads
        yield there + "self_attn.k_proj.weight", here + "attn_k.weight", (key, hidden), shape.kv_heads
        yield there + "self_attn.v_proj.weight", here + "attn_v.weight", (key, hidden), 0
        yield there + "self_attn.o_proj.weight", here + "attn_output.weight", (hidden, query), 0
        yield there + "post_attention_layernorm.weight", here + "ffn_norm.weight", (hidden,), 0
        if shape.family == "gemma2":
            yield there + "pre_feedforward_layernorm.weight", None, (hidden,), 0
            yield there + "post_feedforward_layernorm.weight", None, (hidden,), 0
        yield there + "mlp.gate_proj.weight", here + "ffn_gate.weight", (inner, hidden), 0
        yield there + "mlp.up_proj.weight", here + "ffn_up.weight", (inner, hidden), 0
        yield there + "mlp.down_proj.weight", here + "ffn_down.weight", (hidden, inner), 0
    yield "model.norm.weight", "output_norm.weight", (hidden,), 0
    if shape.family == "llama":
        yield "lm_head.weight", "output.weight", (shape.vocab, hidden), 0


def values(number, shape):
    """The tensor as bfloat16's bits."""
    if len(shape) == 1:
        return np.full(shape, 0x3F80, np.uint16)  # ones
    count = int(np.prod(shape))
    floats = np.random.default_rng(number).standard_normal(min(count, DISTINCT), np.float32)
    floats *= 0.02
    return np.resize((floats.view(np.uint32) >> 16).astype(np.uint16), shape)


def config_of(shape):
    config = {
        "dtype": "bfloat16", "vocab_size": shape.vocab, "hidden_size": shape.hidden, "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads, "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.dim, "max_position_embeddings": CONTEXT, "rms_norm_eps": EPSILON, "rope_theta": THETA,
        "bos_token_id": 1, "eos_token_id": 2,
    }
    if shape.family == "llama":
        return config | {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "tie_word_embeddings": False}
    return config | {
        "architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "hidden_activation": "gelu_pytorch_tanh",
        "attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "query_pre_attn_scalar": shape.dim, "sliding_window": 4096,
        "tie_word_embeddings": True,
    }


def write_folder(folder, size):
    shape = SIZES[size]
    os.makedirs(folder, exist_ok=True)
    header, place = {}, 0
    for name, _, extents, _ in tensors(shape):
        end = place + 2 * int(np.prod(extents))
        header[name] = {"dtype": "BF16", "shape": list(extents), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    part = os.path.join(folder, "model.safetensors.part")
    with open(part, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for number, (_, _, extents, _) in enumerate(tensors(shape)):
            file.write(values(number, extents).tobytes())
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config_of(shape), file, indent=2)
    os.replace(part, os.path.join(folder, "model.safetensors"))


def write_gguf(path, size):
    import gguf

    shape = SIZES[size]
    writer = gguf.GGUFWriter(path + ".part", "llama", use_temp_file=True)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(shape.hidden)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.inner)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(THETA)
    writer.add_rope_dimension_count(shape.dim)
    writer.add_vocab_size(shape.vocab)
    writer.add_tokenizer_model("none")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    for number, (_, name, extents, rotated) in enumerate(tensors(shape)):
        bits = values(number, extents)
        if rotated:  # llama.cpp turns neighbours, the Hub's files halves
            bits = bits.reshape(rotated, 2, extents[0] // rotated // 2, extents[1]).swapaxes(1, 2).reshape(extents)
        if len(extents) == 1:
            writer.add_tensor(name, (bits.astype(np.uint32) << 16).view(np.float32))
        else:
            writer.add_tensor(name, np.ascontiguousarray(bits).view(np.uint8), raw_dtype=gguf.GGMLQuantizationType.BF16)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    os.replace(path + ".part", path)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--size", default="0.5b", choices=SIZES)
    parser.add_argument("--gguf")
    args = parser.parse_args()
    write_folder(args.folder, args.size)
    if args.gguf:
        write_gguf(args.gguf, args.size)
