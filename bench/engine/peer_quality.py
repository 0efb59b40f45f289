#!/usr/bin/env python3
"""peer_quality.py FOLDER OUT [--threads N]   what transformers and bitsandbytes make of the same files as bench_quality.

OUT is what bench_quality wrote: its quantized checkpoints are loaded by from_pretrained as any other, computed in float32, and
their logits held against those that miLLM had.
"""
import argparse
import logging
import math
import os

logging.disable(logging.WARNING)
os.environ.setdefault("HF_HUB_OFFLINE", "1")
import bitsandbytes
import torch
import transformers

WINDOW = 512
parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("out")
parser.add_argument("--threads", type=int, default=0)
args = parser.parse_args()
if args.threads:
    torch.set_num_threads(args.threads)


def widen(model):
    """Computes in float32, as miLLM does on the CPU; from_pretrained keeps a quantized checkpoint's 16 bits whatever it is asked.
    (bitsandbytes' int8 product goes through float16 all the same.)"""
    for module in model.modules():
        if isinstance(module, bitsandbytes.nn.Linear4bit):
            module.compute_dtype = module.weight.quant_state.dtype = torch.float32
    for parameter in model.parameters():
        if parameter.dtype in (torch.bfloat16, torch.float16):
            parameter.data = parameter.data.float()


transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
ids = torch.tensor([int(line) for line in open(os.path.join(args.out, "ids.txt"))])
print(f"transformers {transformers.__version__}, torch {torch.__version__}; {len(ids)} tokens in windows of {WINDOW}")
print(f"{'weights':12} {'compute':9} {'perplexity':>11} {'max |Δlogit|':>13} {'same best':>10}")
for name, folder, dtype in (
    ("float32", args.folder, "float32"),
    ("as stored", args.folder, "bfloat16"),
    ("Q8 float32", os.path.join(args.out, "Q8"), "float32"),
    ("Q4 float32", os.path.join(args.out, "Q4"), "float32"),
):
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
    if dtype == "float32":
        widen(model)
    ours = torch.from_file(os.path.join(args.out, name + ".logits"), size=os.path.getsize(os.path.join(args.out, name + ".logits")) // 4)
    loss, count = 0.0, 0
    with torch.inference_mode():
        for begin in range(0, len(ids) - 1, WINDOW):
            part = ids[begin : begin + WINDOW]
            logits = model(part[None]).logits[0].float()
            if begin == 0:
                ours = ours.view(-1, logits.shape[-1])
                theirs = logits[: len(ours)]
                difference = (ours - theirs).abs().max().item()
                same = (ours.argmax(-1) == theirs.argmax(-1)).float().mean().item()
            loss += torch.nn.functional.cross_entropy(logits[:-1], part[1:], reduction="sum").item()
            count += len(part) - 1
    print(f"{name:12} {str(next(p.dtype for p in model.parameters() if p.is_floating_point()))[6:]:9} {math.exp(loss / count):11.4f} {difference:13.5f} {same:10.1%}", flush=True)
    del model
