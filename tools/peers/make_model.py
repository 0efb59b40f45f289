#!/usr/bin/env python3
"""make_model.py FOLDER [--size 0.5b|1b|long] [--gguf FILE]   a Llama of random bfloat16 weights, the same at every run, for benchmarks.

FOLDER gets config.json and model.safetensors; FILE the same weights as llama.cpp reads them, without a vocabulary (wants the
package gguf). "long" has four layers of the half-billion shape, for contexts that would otherwise take hours.
"""
import argparse
import json
import os

import numpy as np

SIZES = {  # hidden, intermediate, layers, heads, kv heads
    "0.5b": (1280, 3328, 24, 20, 10),
    "1b": (2048, 5632, 22, 32, 4),
    "long": (1280, 3328, 4, 20, 10),
}
VOCAB, CONTEXT, EPSILON, THETA = 32000, 40960, 1e-6, 10000.0


def tensors(size):
    """Name of the Hub, name of llama.cpp, shape, heads of a rotated matrix (or 0)."""
    hidden, inner, layers, heads, kv_heads = SIZES[size]
    dim = hidden // heads
    yield "model.embed_tokens.weight", "token_embd.weight", (VOCAB, hidden), 0
    for i in range(layers):
        there, here = f"model.layers.{i}.", f"blk.{i}."
        yield there + "input_layernorm.weight", here + "attn_norm.weight", (hidden,), 0
        yield there + "self_attn.q_proj.weight", here + "attn_q.weight", (heads * dim, hidden), heads
        yield there + "self_attn.k_proj.weight", here + "attn_k.weight", (kv_heads * dim, hidden), kv_heads
        yield there + "self_attn.v_proj.weight", here + "attn_v.weight", (kv_heads * dim, hidden), 0
        yield there + "self_attn.o_proj.weight", here + "attn_output.weight", (hidden, heads * dim), 0
        yield there + "post_attention_layernorm.weight", here + "ffn_norm.weight", (hidden,), 0
        yield there + "mlp.gate_proj.weight", here + "ffn_gate.weight", (inner, hidden), 0
        yield there + "mlp.up_proj.weight", here + "ffn_up.weight", (inner, hidden), 0
        yield there + "mlp.down_proj.weight", here + "ffn_down.weight", (hidden, inner), 0
    yield "model.norm.weight", "output_norm.weight", (hidden,), 0
    yield "lm_head.weight", "output.weight", (VOCAB, hidden), 0


def values(number, shape):
    """The tensor as bfloat16's bits."""
    if len(shape) == 1:
        return np.full(shape, 0x3F80, np.uint16)  # ones
    floats = np.random.default_rng(number).standard_normal(shape, np.float32)
    floats *= 0.02
    return (floats.view(np.uint32) >> 16).astype(np.uint16)


def write_folder(folder, size):
    hidden, inner, layers, heads, kv_heads = SIZES[size]
    os.makedirs(folder, exist_ok=True)
    header, place = {}, 0
    for name, _, shape, _ in tensors(size):
        end = place + 2 * int(np.prod(shape))
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [place, end]}
        place = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    part = os.path.join(folder, "model.safetensors.part")
    with open(part, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for number, (_, _, shape, _) in enumerate(tensors(size)):
            file.write(values(number, shape).tobytes())
    config = {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "dtype": "bfloat16", "vocab_size": VOCAB,
        "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": layers, "num_attention_heads": heads,
        "num_key_value_heads": kv_heads, "head_dim": hidden // heads, "max_position_embeddings": CONTEXT, "hidden_act": "silu",
        "rms_norm_eps": EPSILON, "rope_theta": THETA, "tie_word_embeddings": False, "bos_token_id": 1, "eos_token_id": 2,
    }
    with open(os.path.join(folder, "config.json"), "w") as file:
        json.dump(config, file, indent=2)
    os.replace(part, os.path.join(folder, "model.safetensors"))


def write_gguf(path, size):
    import gguf

    hidden, inner, layers, heads, kv_heads = SIZES[size]
    writer = gguf.GGUFWriter(path + ".part", "llama", use_temp_file=True)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(hidden)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv_heads)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_rope_freq_base(THETA)
    writer.add_rope_dimension_count(hidden // heads)
    writer.add_vocab_size(VOCAB)
    writer.add_tokenizer_model("none")
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_BF16)
    for number, (_, name, shape, rotated) in enumerate(tensors(size)):
        bits = values(number, shape)
        if rotated:  # llama.cpp turns neighbours, the Hub's files halves
            bits = bits.reshape(rotated, 2, shape[0] // rotated // 2, shape[1]).swapaxes(1, 2).reshape(shape)
        if len(shape) == 1:
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
