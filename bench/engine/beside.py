#!/usr/bin/env python3
"""beside.py ROWS   the tables of `./dev bench beside`, in Markdown, of the rows that bench_engine and llama-bench wrote (JSON lines)."""
import json
import re
import sys

BITS = {"as stored": "16 bits", "Q8": "8 bits", "Q4": "4 bits"}


def bits_of(path):
    found = re.search(r"-(Q\w+)\.gguf$", path)
    return {"Q8_0": "8 bits", None: "16 bits"}.get(found and found.group(1), "4 bits"), found.group(1) if found else "BF16"


def read(path):
    ours, theirs = [], []
    with open(path) as file:
        for line in file:
            row = json.loads(line)
            if row["program"] == "miLLM":
                row["bits"] = BITS[row["weights"]]
                ours.append(row)
            else:
                row["bits"], row["kind"] = bits_of(row["model_filename"])
                row["best"] = max(row["samples_ts"])
                theirs.append(row)
    return ours, theirs


def table(head, rows):
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def share_of_memory(row):
    """What decode reads of the weights a second (all but the embedding's other rows), as a share of what a read loop reads."""
    return (row["weight_bytes"] - 2 * row["vocab"] * row["hidden"]) * row["decode"] / 1e9 / row["read_gb_s"]


def short_prompts(ours, theirs):
    def peers(row, what):
        found = [r for r in theirs if r["size"] == row["size"] and r["n_threads"] == row["threads"] and not r["n_depth"] and
                 (r["n_gen"] if what == "decode" else r["n_prompt"])]
        if what == "decode":
            found = [r for r in found if r["bits"] == row["bits"]]
        best = max(found, key=lambda r: r["best"])
        return best["best"], best["kind"]

    rows, single = [], {}
    for row in ours:
        if row["size"] == "long":
            continue
        prefill, prefill_kind = peers(row, "prefill")
        decode, decode_kind = peers(row, "decode")
        key = row["size"], row["bits"]
        single.setdefault(key, row)
        rows.append([row["size"], row["bits"], str(row["threads"]), f"{row['prefill']:.0f}", f"{prefill:.0f} ({prefill_kind})",
                     f"{row['prefill'] / prefill:.2f}", f"{row['decode']:.1f}", f"{decode:.1f} ({decode_kind})", f"{row['decode'] / decode:.2f}",
                     f"{100 * share_of_memory(row):.0f} %", f"{row['decode'] / single[key]['decode']:.2f}"])
    table(["size", "weights", "threads", "prefill", "llama.cpp, its best at any", "ratio", "decode", "llama.cpp", "ratio", "of the read loop",
           "times the first row's"], rows)
    table(["size", "weights", "threads", "load s", "of memcpy", "unload s", "read loop GB/s", "memcpy GB/s"],
          [[row["size"], row["bits"], str(row["threads"]), f"{row['load_s']:.2f}", f"{100 * row['weight_bytes'] / row['load_s'] / 1e9 / row['copy_gb_s']:.0f} %",
            f"{row['unload_s']:.3f}", f"{row['read_gb_s']:.1f}", f"{row['copy_gb_s']:.1f}"] for row in ours if row["size"] != "long"])


def long_prompts(ours, theirs):
    rows = []
    for row in ours:
        if row["size"] != "long":
            continue
        def peer(field, depth_field):
            found = [r["best"] for r in theirs if r["size"] == "long" and r["bits"] == row["bits"] and r[field] and r[depth_field] == row["prompt"]]
            return max(found)
        prefill, decode = peer("n_prompt", "n_prompt"), peer("n_gen", "n_depth")
        rows.append([str(row["prompt"]), row["bits"], f"{row['prefill']:.0f}", f"{prefill:.0f}", f"{row['prefill'] / prefill:.2f}",
                     f"{row['decode']:.1f}", f"{decode:.1f}", f"{row['decode'] / decode:.2f}"])
    if rows:
        table(["context", "weights", "prefill", "llama.cpp", "ratio", "decode", "llama.cpp", "ratio"], rows)


if __name__ == "__main__":
    ours, theirs = read(sys.argv[1])
    short_prompts(ours, theirs)
    long_prompts(ours, theirs)
