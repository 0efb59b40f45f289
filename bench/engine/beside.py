#!/usr/bin/env python3
"""beside.py ROWS   the tables of `./dev bench beside`, in Markdown, of the rows that bench_engine and llama-bench wrote (JSON lines)."""
import json
import re
import sys

BITS = {"as stored": "16 bits", "Q8": "8 bits", "Q4": "4 bits"}


def bits_of(file):
    found = re.search(r"-(Q\w+)\.gguf$", file)
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
                row["bits"], row["kind"] = bits_of(row["file"])
                row["best"] = max(row["samples_ts"])
                theirs.append(row)
    return ours, theirs


def table(head, rows):
    if not rows:
        return
    print("| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def share_of_memory(row):
    """What decode reads of the weights a second (all but the embedding's other rows), as a share of what a read loop reads."""
    return (row["weight_bytes"] - 2 * row["vocab"] * row["hidden"]) * row["decode"] / 1e9 / row["read_gb_s"]


def short_prompts(ours, theirs):
    """Prefill of 512 tokens, and decode with nothing before it and behind those 512: both programs' at the same context."""
    def peer(row, bits, **wanted):
        found = [r for r in theirs if r["size"] == row["size"] and r["n_threads"] == row["threads"] and bits in (None, r["bits"]) and
                 all(r[key] == value for key, value in wanted.items())]
        best = max(found, key=lambda r: r["best"])
        return best["best"], f"{best['best']:.{0 if bits is None else 1}f} ({best['kind']})"

    rows, single = [], {}
    for row in ours:
        if row["prompt"] != 512 or not row["decode"]:
            continue
        early = next(r for r in ours if r["prompt"] == 1 and all(r[key] == row[key] for key in ("size", "bits", "threads")))
        prefill, prefill_told = peer(row, None, n_prompt=512, n_gen=0, n_depth=0)
        first, first_told = peer(row, row["bits"], n_prompt=0, n_gen=128, n_depth=0)
        later, later_told = peer(row, row["bits"], n_prompt=0, n_gen=128, n_depth=512)
        one = single.setdefault((row["size"], row["bits"]), early)
        rows.append([row["size"], row["bits"], str(row["threads"]), f"{row['prefill']:.0f}", prefill_told, f"{row['prefill'] / prefill:.2f}",
                     f"{early['decode']:.1f}", first_told, f"{early['decode'] / first:.2f}", f"{row['decode']:.1f}", later_told,
                     f"{row['decode'] / later:.2f}", f"{100 * share_of_memory(early):.0f} %", f"{early['decode'] / one['decode']:.2f}"])
    table(["size", "weights", "threads", "prefill", "llama.cpp, its best at any", "ratio", "decode", "llama.cpp", "ratio", "decode behind 512", "llama.cpp", "ratio",
           "of the read loop", "times one thread's"], rows)


def loads(ours):
    rows = [row for row in ours if row["size"] != "long" and row["prompt"] == 512]
    table(["size", "weights", "threads", "MB", "load s", "of memcpy", "unload s", "read loop GB/s", "memcpy GB/s"],
          [[row["size"], row["bits"], str(row["threads"]), f"{row['weight_bytes'] / 1e6:.0f}", f"{row['load_s']:.2f}",
            f"{100 * row['weight_bytes'] / row['load_s'] / 1e9 / row['copy_gb_s']:.0f} %", f"{row['unload_s']:.3f}", f"{row['read_gb_s']:.1f}",
            f"{row['copy_gb_s']:.1f}"] for row in rows])


def long_prompts(ours, theirs):
    rows = []
    for row in ours:
        if row["size"] != "long":
            continue

        def peer(field, depth_field):
            return max(r["best"] for r in theirs if r["size"] == "long" and r["bits"] == row["bits"] and r[field] and r[depth_field] == row["prompt"])

        prefill, decode = peer("n_prompt", "n_prompt"), peer("n_gen", "n_depth")
        rows.append([str(row["prompt"]), row["bits"], f"{row['prefill']:.0f}", f"{prefill:.0f}", f"{row['prefill'] / prefill:.2f}",
                     f"{row['decode']:.1f}", f"{decode:.1f}", f"{row['decode'] / decode:.2f}"])
    table(["context", "weights", "prefill", "llama.cpp", "ratio", "decode", "llama.cpp", "ratio"], rows)


def side_by_side(ours):
    ours = [row for row in ours if row["size"] != "long" and row["prompt"] == 128]
    rows = []
    for row in ours:
        one = next(r for r in ours if r["bits"] == row["bits"])
        rows.append([row["bits"], str(row["sequences"]), f"{row['decode']:.1f}", f"{row['decode'] / one['decode']:.2f}"])
    table(["weights", "sequences", "decode, all together", "times one's"], rows)


if __name__ == "__main__":
    ours, theirs = read(sys.argv[1])
    short_prompts(ours, theirs)
    loads(ours)
    long_prompts(ours, theirs)
    side_by_side(ours)
