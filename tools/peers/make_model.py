#!/usr/bin/env python3
"""make_model.py FOLDER   writes a Llama of half a billion random bfloat16 weights, the same at every run, for the benchmarks."""
import sys

import torch
from transformers import AutoModelForCausalLM, LlamaConfig

torch.manual_seed(1234)
config = LlamaConfig(vocab_size=32000, hidden_size=1280, intermediate_size=3328, num_hidden_layers=24, num_attention_heads=20,
                     num_key_value_heads=10, head_dim=64, max_position_embeddings=2048, tie_word_embeddings=False, bos_token_id=1, eos_token_id=2)
AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).save_pretrained(sys.argv[1])
