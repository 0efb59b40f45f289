"""Writes a small model and what transformers computes with it, in the form of tests/fixtures/models."""

import json
import pathlib
import random
import shutil
import tempfile

import torch
import transformers
from safetensors.torch import save_file

from . import reference
from .draws import Draw
from .families import families
from .older_config import older_config

largest_bytes = 120_000
prompt_length, continuation = 24, 32


def prompt(seed: int, vocab: int) -> list:
    dice = random.Random(seed)
    return [dice.randrange(3, vocab) for _ in range(prompt_length)]


def expected_of(name: str, model, ids: list) -> tuple:
    """The numbers and the logits, or why the model is no good fixture."""
    logits = reference.logits(model, ids)
    spread = float(logits.std())
    if not 1.0 <= spread <= 5.0:
        return None, f"logits of std {spread:.2f}"
    tokens, margins = reference.greedy(model, ids, continuation)
    if min(margins) < 0.01:
        return None, f"a margin of {min(margins):.4f}"
    if len(set(tokens)) < 4:
        return None, f"{len(set(tokens))} different tokens"
    noise = reference.noise(model, ids)
    if noise is not None and noise > 4e-5:
        return None, f"noise of {noise:.1e}"
    uncached = reference.greedy_without_cache(model, ids, continuation)
    numbers = {
        "name": name,
        "architecture": type(model).__name__,
        "model_type": model.config.model_type,
        "input_ids": [ids],
        "logits_last": logits[-1].tolist(),
        "greedy_32": tokens,
        "greedy_32_min_top1_top2_margin": min(margins),
        "greedy_32_nocache_same": uncached == tokens,
        "num_parameters_unique": sum(value.numel() for value in model.parameters()),
        "logits_std": spread,
        "max_abs_diff_f32_vs_f64": noise,
        "compute": "float32, attn_implementation=eager, CPU",
        "transformers_version": transformers.__version__,
        "torch_version": torch.__version__,
    }
    if uncached != tokens:
        numbers["greedy_32_nocache"] = uncached
    return numbers, logits


def write(folder: pathlib.Path, family: str, seed: int, small: bool) -> str | None:
    """Nothing, or why this seed gives no good fixture."""
    fields = families[family](Draw(family, seed, small))
    model = reference.build(reference.config_of(family, fields), seed)
    ids = prompt(seed, model.config.vocab_size)
    numbers, logits = expected_of(folder.name, model, ids)
    if numbers is None:
        return logits
    with tempfile.TemporaryDirectory() as temporary:
        made = pathlib.Path(temporary)
        reference.save(model, made)
        size = sum(file.stat().st_size for file in made.glob("*.safetensors"))
        if size > largest_bytes:
            return f"{size} bytes"
        if not torch.equal(reference.logits(reference.load(made), ids), logits):
            return "another model after saving and loading"
        numbers["seed"] = seed
        (made / "expected.json").write_text(json.dumps(numbers))
        save_file({"logits": logits.contiguous(), "input_ids": torch.tensor([ids])}, made / "expected.safetensors")
        older = older_config(json.loads((made / "config.json").read_text()))
        if reference.means_the_same(made, older, ids, logits):
            (made / "config.v4.json").write_text(json.dumps(older, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in made.iterdir():  # with the modes of a source tree, not of a temporary folder
            shutil.copyfile(file, folder / file.name)
    return None
