#!/usr/bin/env python3
"""peer_transformers.py FOLDER [--threads N]   the same figures as bench_engine, by transformers (bfloat16, CPU)."""
import argparse
import os
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
import torch
import transformers

PROMPT, NEW = 512, 128
parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("--threads", type=int, default=0)
parser.add_argument("--dtype", action="append", help="bfloat16 (default), float32; may be given several times")
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)
print(f"transformers {transformers.__version__}, torch {torch.__version__}, {torch.get_num_threads()} threads; 1 sequence, prompt {PROMPT}, new {NEW}")
print(f"{'weights':12} {'compute':9} {'load s':>8} {'prefill tok/s':>14} {'decode tok/s':>13} {'weights MB':>11}")
for name in args.dtype or ["bfloat16"]:
    start = time.perf_counter()
    model = transformers.AutoModelForCausalLM.from_pretrained(args.folder, dtype=getattr(torch, name)).eval()
    load = time.perf_counter() - start
    vocab, context = model.config.vocab_size, model.config.max_position_embeddings
    count = min(PROMPT, context - NEW - 1)
    ids = torch.tensor([[i * 7919 % vocab for i in range(count)]])
    prefill = decode = 0.0
    with torch.inference_mode():
        for round in range(4):  # the first one warms up
            start = time.perf_counter()
            out = model(ids, use_cache=True, logits_to_keep=1)
            token = out.logits[:, -1].argmax(-1, keepdim=True)
            middle = time.perf_counter()
            for _ in range(NEW):
                out = model(token, past_key_values=out.past_key_values, use_cache=True)
                token = out.logits[:, -1].argmax(-1, keepdim=True)
            end = time.perf_counter()
            if round:
                prefill, decode = max(prefill, count / (middle - start)), max(decode, NEW / (end - middle))
    weights = {p.data_ptr(): p.numel() * p.element_size() for p in model.parameters()}
    print(f"{'as stored':12} {name:9} {load:8.2f} {prefill:14.1f} {decode:13.1f} {sum(weights.values()) / 1e6:11.1f}")
