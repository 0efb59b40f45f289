"""What was compared, as tables."""

import collections
import textwrap

from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from .families import encoders as encoder_names
from .families import tolerance


def rows_of(outcomes: list) -> dict:
    by_family = collections.defaultdict(list)
    for outcome in outcomes:
        by_family[outcome.family].append(outcome)
    return dict(sorted(by_family.items()))


def number(value) -> str:
    return "" if value is None else f"{value:.1e}"


def largest(values) -> float | None:
    return max((value for value in values if value is not None), default=None)


def cells(name: str, cases: list) -> list:
    compared = [case for case in cases if not case.refused]
    return [
        name,
        str(len(compared)),
        number(largest(case.difference for case in compared)),
        number(tolerance(name)),
        str(sum(case.tokens for case in compared)),
        number(largest(case.sixteen_bit for case in compared)),
        number(largest(case.quantized.get("Q8") for case in compared)),
        number(largest(case.quantized.get("Q4") for case in compared)),
        str(sum(bool(case.refused) for case in cases) or ""),
        str(sum(bool(case.wrong) for case in cases) or ""),
    ]


headings = ["family", "cases", "float32", "allowed", "tokens", "16-bit", "Q8", "Q4", "refused", "WRONG"]


def table(outcomes: list) -> str:
    rows = [headings] + [cells(name, cases) for name, cases in rows_of(outcomes).items()]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    lines = ["  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]).rstrip() for row in rows]
    refusals = collections.Counter(f"{case.family}: {case.refused}" for case in outcomes if case.refused)
    lines += ["", *(f"refused {count} times: {why}" for why, count in sorted(refusals.items()))] if refusals else []
    wrong = sum(bool(case.wrong) for case in outcomes)
    lines += ["", f"{len(outcomes)} cases, {wrong} of them wrong"]
    return "\n".join(lines)


def listing(known: list) -> str:
    """transformers' table of decoders beside the engine's."""
    lines = []
    for name, architecture in sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.items()):
        if not isinstance(architecture, str):
            architecture = architecture[0]
        lines.append(f"{'yes' if name in known else '  -'}  {name:28} {architecture}")
    have = sum(name in known for name in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES)
    return "\n".join(lines + ["", f"the engine has {have} of {len(lines)}"])


def markdown(rows: list) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [rows[0], ["---"] * len(rows[0]), *rows[1:]])


def document(known: list, outcomes: list) -> str:
    import bitsandbytes
    import torch
    import transformers

    by_family = rows_of(outcomes)
    encoders = ", ".join(f"`{name}`" for name in sorted(encoder_names))
    columns = [0, 1, 2, 3, 4, 5, 6, 7]
    rows = [[headings[column] for column in columns]]
    for name in sorted(known):
        row = cells(name, by_family.get(name, []))
        rows.append([f"`{row[0]}`"] + [row[column] for column in columns[1:]] if name in by_family else [f"`{name}`", "none"] + [""] * (len(columns) - 2))
    missing = ", ".join(f"`{name}`" for name in sorted(MODEL_FOR_CAUSAL_LM_MAPPING_NAMES) if name not in known)
    besides = textwrap.fill(f"What transformers calls ...ForCausalLM besides: {missing}.", 130, break_long_words=False, break_on_hyphens=False)
    return f"""# Families

What the engine opens, by `model_type` of config.json, and what was compared: small random models, made and computed by transformers
{transformers.__version__} (torch {torch.__version__.split("+")[0]}, bitsandbytes {bitsandbytes.__version__}), opened by the engine.
`./dev interop --write` wrote this page; [interop.md](interop.md) says what a case is.

Columns: cases; largest difference of logits (of a spread of 1 to 5) in float32, and what is allowed; greedy tokens that were
compared and are equal; largest difference as stored in 16 bits from float32, and in 8 and 4 bits from bitsandbytes' values (not
compared where bitsandbytes leaves the weights alone: experts, Falcon). Encoders ({encoders}) have no logits: what is compared of them
is the vector of length one that pooling makes of a text.

{markdown(rows)}

## Not here

{besides}
"""
