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
from .cases import Vectors
from .draws import Draw
from .families import families
from .older_config import older_config
from .vectors import Pooling

largest_bytes = 120_000
prompt_length, continuation = 24, 32


def prompt(seed: int, vocab: int) -> list:
    dice = random.Random(seed)
    return [dice.randrange(3, vocab) for _ in range(prompt_length)]


def expected_of(name: str, model, ids: list) -> tuple:
    """The numbers and tensors, or why the model is no good fixture."""
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
    numbers = origin(name, model, ids) | {
        "logits_last": logits[-1].tolist(),
        "greedy_32": tokens,
        "greedy_32_min_top1_top2_margin": min(margins),
        "greedy_32_nocache_same": uncached == tokens,
        "logits_std": spread,
        "max_abs_diff_f32_vs_f64": noise,
    }
    if uncached != tokens:
        numbers["greedy_32_nocache"] = uncached
    return numbers, {"logits": logits.contiguous()}


def vector_of(name: str, model, ids: list, pooling: Pooling) -> tuple:
    """The same of an encoder."""
    what = Vectors(pooling)
    numbers = origin(name, model, ids) | {"modes": pooling.modes, "max_abs_diff_f32_vs_f64": what.noise(model, ids)}
    return numbers, {"embedding": what.of_reference(model, ids).contiguous()}


def origin(name: str, model, ids: list) -> dict:
    return {
        "name": name,
        "architecture": type(model).__name__,
        "model_type": model.config.model_type,
        "input_ids": [ids],
        "num_parameters_unique": sum(value.numel() for value in model.parameters()),
        "compute": "float32, attn_implementation=eager, CPU",
        "transformers_version": transformers.__version__,
        "torch_version": torch.__version__,
    }


def write(folder: pathlib.Path, family: str, seed: int, small: bool) -> str | None:
    """Nothing, or why this seed gives no good fixture."""
    fields = families[family](Draw(family, seed, small))
    model = reference.build(reference.config_of(family, fields), seed)
    ids = prompt(seed, model.config.vocab_size)
    pooling = None
    if reference.is_encoder(model.config):
        pooling = Pooling(Draw(family + "/pooling", seed, small), model.config.hidden_size, "mean")
        numbers, tensors = vector_of(folder.name, model, ids, pooling)
    else:
        numbers, tensors = expected_of(folder.name, model, ids)
    if numbers is None:
        return tensors
    with tempfile.TemporaryDirectory() as temporary:
        made = pathlib.Path(temporary)
        reference.save(model, made)
        size = sum(file.stat().st_size for file in made.glob("*.safetensors"))
        if size > largest_bytes:
            return f"{size} bytes"
        output = reference.logits(model, ids)
        if not torch.equal(reference.logits(reference.load(made), ids), output):
            return "another model after saving and loading"
        if pooling is not None:
            pooling.write(made)
        numbers["seed"] = seed
        (made / "expected.json").write_text(json.dumps(numbers))
        save_file(tensors | {"input_ids": torch.tensor([ids])}, made / "expected.safetensors")
        older = older_config(json.loads((made / "config.json").read_text()))
        if reference.means_the_same(made, older, ids, output):
            (made / "config.v4.json").write_text(json.dumps(older, indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        # With the modes of a source tree, not of a temporary folder.
        for file in sorted(made.rglob("*")):
            if file.is_dir():
                (folder / file.relative_to(made)).mkdir()
            else:
                shutil.copyfile(file, folder / file.relative_to(made))
    return None
