"""Vectors of texts: what an encoder's hidden states and a repository's pooling files make of one."""

import json
import pathlib

import torch
from safetensors.torch import load_file, save_file

from .draws import Draw

# As sentence-transformers' older files name them; several follow each other in this order.
flags = {"cls": "pooling_mode_cls_token", "max": "pooling_mode_max_tokens", "mean": "pooling_mode_mean_tokens",
         "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens", "weightedmean": "pooling_mode_weightedmean_tokens",
         "lasttoken": "pooling_mode_lasttoken"}
activations = {"Identity": lambda x: x, "Tanh": torch.tanh, "ReLU": torch.relu, "GELU": torch.nn.functional.gelu}


class Pooling:
    """Drawn, written as files, and computed."""

    def __init__(self, d: Draw, hidden: int, without: str):
        """`without`: the mode of a repository that has no such files."""
        self.modes, self.dense, self.written = [without], [], d.chance(0.75)
        if not self.written:
            return
        drawn = d.random.sample(list(flags), d.pick(1, 1, 1, 2))
        self.modes = [mode for mode in flags if mode in drawn]
        width = hidden * len(self.modes)
        for _ in range(d.pick(0, 0, 1, 2)):
            out = d.pick(16, 24, 40)
            generator = torch.Generator().manual_seed(d.between(0, 1 << 30))
            weight = torch.randn(out, width, generator=generator) / width**0.5
            bias = torch.randn(out, generator=generator) if d.chance(0.5) else None
            self.dense.append((weight, bias, d.pick(*activations)))
            width = out

    def write(self, folder: pathlib.Path) -> None:
        if not self.written:
            return
        modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
        (folder / "1_Pooling").mkdir()
        (folder / "1_Pooling/config.json").write_text(json.dumps({flag: mode in self.modes for mode, flag in flags.items()}))
        for weight, bias, activation in self.dense:
            path = f"{len(modules)}_Dense"
            modules.append((path, "Dense"))
            (folder / path).mkdir()
            kind = "linear" if activation == "Identity" else "activation"
            (folder / path / "config.json").write_text(json.dumps({
                "in_features": weight.shape[1], "out_features": weight.shape[0], "bias": bias is not None,
                "activation_function": f"torch.nn.modules.{kind}.{activation}"}))
            tensors = {"linear.weight": weight} | ({} if bias is None else {"linear.bias": bias})
            save_file(tensors, folder / path / "model.safetensors")
        modules.append((f"{len(modules)}_Normalize", "Normalize"))
        (folder / "modules.json").write_text(json.dumps([
            {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{name}"}
            for place, (path, name) in enumerate(modules)]))

    def vector(self, tokens: torch.Tensor) -> torch.Tensor:
        """[tokens, hidden] -> [size], of length one."""
        count = tokens.shape[0]
        weights = torch.arange(1, count + 1, dtype=tokens.dtype)[:, None]
        results = {"cls": lambda: tokens[0], "max": lambda: tokens.max(0).values, "mean": lambda: tokens.mean(0),
                   "mean_sqrt_len_tokens": lambda: tokens.sum(0) / count**0.5,
                   "weightedmean": lambda: (tokens * weights).sum(0) / weights.sum(), "lasttoken": lambda: tokens[-1]}
        vector = torch.cat([results[mode]() for mode in self.modes])
        for weight, bias, activation in self.dense:
            vector = activations[activation](torch.nn.functional.linear(vector, weight.to(vector), None if bias is None else bias.to(vector)))
        return torch.nn.functional.normalize(vector, dim=0)


def rename(folder: pathlib.Path, name_of) -> None:
    for file in folder.glob("*.safetensors"):
        save_file({name_of(name): value for name, value in load_file(file).items()}, file, {"format": "pt"})
    index = folder / "model.safetensors.index.json"
    if index.exists():
        written = json.loads(index.read_text())
        written["weight_map"] = {name_of(name): file for name, file in written["weight_map"].items()}
        index.write_text(json.dumps(written))


def to_greek(folder: pathlib.Path) -> None:
    """As checkpoints that came from TensorFlow call the parameters of norms."""
    rename(folder, lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"))


def prefixed(folder: pathlib.Path, prefix: str) -> None:
    """As checkpoints that have a head for masked words call the encoder's parameters."""
    rename(folder, lambda name: f"{prefix}.{name}")
    config = json.loads((folder / "config.json").read_text())
    config["architectures"] = [config["architectures"][0].removesuffix("Model") + "ForMaskedLM"]
    (folder / "config.json").write_text(json.dumps(config))
