"""Models that transformers makes, and what it computes with them: on the CPU, eager attention, one sequence at a time."""

import inspect
import json
import logging
import math
import os
import pathlib
import tempfile
import warnings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
warnings.filterwarnings("ignore")
logging.getLogger("torch.utils.flop_counter").setLevel(logging.ERROR)

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from .families import encoders  # noqa: E402

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)

# How a model's answer calls what it remembers, and takes it.
cache_names = ("past_key_values", "cache_params", "state")
# Saved, but made from the number of heads (minimax).
computed_buffers = ("slope_rate", "query_decay", "key_decay", "diagonal_decay")
# Far enough from flat that an error shows, near enough to be computed well.
logits_spread = 3.0


def implementation(config) -> str:
    # Eager attention counts Falcon's alibi twice, in the mask and in the scores; the default counts it once, as the model was trained.
    return "sdpa" if config.model_type == "falcon" else "eager"


def is_encoder(config) -> bool:
    # Gemma 4 has a word there.
    return config.model_type in encoders or getattr(config, "use_bidirectional_attention", False) is True


def class_of(config):
    return transformers.AutoModel if is_encoder(config) else transformers.AutoModelForCausalLM


class Refusal(Exception):
    """A configuration that transformers itself does not take."""


def config_of(family: str, fields: dict):
    try:
        return transformers.CONFIG_MAPPING[family](**json.loads(json.dumps(fields)))
    except Exception as error:  # of its validators, which have no common class
        raise Refusal(" ".join(str(error).split())) from error


def build(config, seed: int):
    """A model in float32 whose every parameter and saved buffer is random."""
    torch.manual_seed(seed)
    model = class_of(config).from_config(config, attn_implementation=implementation(config), experts_implementation="eager", dtype=torch.float32)
    model.eval()
    randomise(model, seed)
    if is_encoder(config):
        return model
    if model.config.tie_word_embeddings:
        part_from_embeddings(model, seed)
    spread_logits(model)
    return model


def is_weight(name: str, value) -> bool:
    return value.is_floating_point() and name.rpartition(".")[2] not in computed_buffers


def fan_in(module, name: str, value) -> int:
    if type(module).__name__ == "Conv1D":
        return value.shape[0]
    if isinstance(module, torch.nn.Conv1d):
        return value.shape[1] * value.shape[2]
    # Experts in one tensor that are multiplied from the left.
    if getattr(module, "is_transposed", False) or type(module).__name__ in ("GptOssExperts", "Llama4TextExperts"):
        return value.shape[1]
    return value.shape[-1]


@torch.no_grad()
def randomise(model, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)

    def noise(value):
        return torch.randn(value.shape, generator=generator)

    seen = set()
    saved = set(model.state_dict())
    for path, module in model.named_modules():
        values = list(module.named_parameters(recurse=False)) + list(module.named_buffers(recurse=False))
        for name, value in values:
            if f"{path}.{name}".lstrip(".") not in saved or value.data_ptr() in seen or not value.is_floating_point():
                continue
            seen.add(value.data_ptr())
            if value.numel() == 1 and name == "eps" or name in computed_buffers:
                continue  # a constant of the format, not a weight
            if isinstance(module, torch.nn.Embedding):
                size = 0.25 if model.config.tie_word_embeddings else 1.0
                value.copy_(noise(value) * (size if value.shape[0] == model.config.vocab_size else 0.5))
            elif name in ("sinks",):
                value.copy_(noise(value))
            elif value.dim() <= 1 or (value == value.flatten()[0]).all() and ("bias" in name or "norm" in path):
                value.add_(0.3 * noise(value))  # to the ones of a norm, the noughts of a bias
            else:
                value.copy_(noise(value) * (1.3 / math.sqrt(fan_in(module, name, value))))


@torch.no_grad()
def part_from_embeddings(model, seed: int) -> None:
    """A tied model finds the last token again in what it adds to it, and repeats it for ever, unless the last norm turns some
    channels over."""
    lists = [path for path, module in model.named_modules() if isinstance(module, torch.nn.ModuleList)]
    norms = [module for path, module in model.named_modules() if "norm" in f"{path}{type(module).__name__}".lower()
             and getattr(module, "weight", None) is not None and not any(path.startswith(outer) for outer in lists)]
    if norms:
        norms[-1].weight.copy_(2 * torch.randn(norms[-1].weight.shape, generator=torch.Generator().manual_seed(seed + 1)))


@torch.no_grad()
def spread_logits(model) -> None:
    ids = torch.arange(3, 35).remainder(model.config.vocab_size)[None]
    head = model.get_output_embeddings().weight
    for _ in range(6):
        spread = model(ids, use_cache=False).logits.std().item()
        if 1.5 <= spread <= 4.5 or not math.isfinite(spread):
            return
        head.mul_(min(max(logits_spread / spread, 0.1), 10.0))


@torch.no_grad()
def undo_rescaling(model) -> None:
    """RWKV divides some weights once it computes anything; its files hold them as they were."""
    base = getattr(model, "rwkv", None)
    if base is not None and base.layers_are_rescaled:
        base.train()
        base._rescale_layers()
        base.eval()


def save(model, folder: pathlib.Path, form: str = "safetensors", dtype: torch.dtype = torch.float32) -> None:
    """`form`: safetensors, sharded, bin, bin_sharded. save_pretrained gives the names that the Hub's files have."""
    undo_rescaling(model)
    model.config.dtype = dtype
    if not is_encoder(model.config):
        model.generation_config = transformers.GenerationConfig.from_model_config(model.config)
    copy = model if dtype == torch.float32 else clone(model).to(dtype)
    copy.config.dtype = dtype
    copy.save_pretrained(folder, max_shard_size="40KB" if "sharded" in form else "50GB")
    model.config.dtype = torch.float32
    if form.startswith("bin"):
        to_pickles(folder)


def load_quantized(folder: pathlib.Path, scheme: str):
    """As bitsandbytes quantizes while loading. Nothing where it leaves most of the weights alone: experts that transformers keeps in
    one tensor, or linear layers of a class of the family's own."""
    options = {"load_in_8bit": True} if scheme == "Q8" else {
        "load_in_4bit": True, "bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True,
        "bnb_4bit_compute_dtype": torch.float32}
    config = transformers.AutoConfig.from_pretrained(folder)
    model = class_of(config).from_pretrained(
        folder, attn_implementation=implementation(config), experts_implementation="eager", dtype=torch.float32, device_map="cpu",
        quantization_config=transformers.BitsAndBytesConfig(**options)).eval()
    found = any(type(module).__name__ in ("Linear8bitLt", "Linear4bit") for module in model.modules())
    return model if found and not any("experts" in name for name, _ in model.named_parameters()) else None


def four_bit_values(packed: torch.Tensor, state) -> torch.Tensor:
    """What bitsandbytes' codes and scales stand for. Its own dequantize_4bit reads scales by row on processors with AVX-512, also where
    a row is no multiple of a block."""
    scales = state.absmax.float()
    if state.nested:
        outer = state.state2
        scales = outer.code[state.absmax.long()] * outer.absmax.repeat_interleave(outer.blocksize)[:scales.numel()] + state.offset
    codes = torch.stack([packed.flatten() >> 4, packed.flatten() & 15], -1).flatten()[:state.shape.numel()].long()
    return (state.code[codes] * scales.repeat_interleave(state.blocksize)[:codes.numel()]).reshape(state.shape)


@torch.no_grad()
def restored(model, quantized):
    """`model` in float32 with the values that `quantized` holds: bitsandbytes rounds an 8-bit product's inputs as well, the format
    does not ask for it."""
    import bitsandbytes

    plain = clone(model)
    for path, module in quantized.named_modules():
        if isinstance(module, bitsandbytes.nn.Linear8bitLt):
            values = module.weight.CB if module.weight.CB is not None else module.weight.data
            scales = module.weight.SCB if module.weight.SCB is not None else module.state.SCB
            weight = values.float() * scales[:, None] / 127
        elif isinstance(module, bitsandbytes.nn.Linear4bit):
            weight = four_bit_values(module.weight.data, module.weight.quant_state)
        else:
            continue
        target = plain.get_submodule(path)
        target.weight.copy_(weight.T if type(target).__name__ == "Conv1D" else weight)
    return plain


def clone(model):
    undo_rescaling(model)
    other = class_of(model.config).from_config(model.config, attn_implementation=implementation(model.config),
                                               experts_implementation="eager", dtype=torch.float32)
    other.load_state_dict(model.state_dict())
    return other.eval()


def to_pickles(folder: pathlib.Path) -> None:
    for file in sorted(folder.glob("*.safetensors")):
        tensors = load_file(file)
        torch.save(tensors, folder / file.name.replace("model", "pytorch_model").replace(".safetensors", ".bin"))
        file.unlink()
    index = folder / "model.safetensors.index.json"
    if index.exists():
        text = index.read_text().replace("model-", "pytorch_model-").replace(".safetensors", ".bin")
        (folder / "pytorch_model.bin.index.json").write_text(text)
        index.unlink()


def load(folder: pathlib.Path, dtype: torch.dtype = torch.float32):
    config = transformers.AutoConfig.from_pretrained(folder)
    return class_of(config).from_pretrained(
        folder, attn_implementation=implementation(config), experts_implementation="eager", dtype=dtype).eval()


def forget(model) -> None:
    """Dynamic rotation remembers the longest sequence that a model ever saw: each sequence begins anew."""
    for module in model.modules():
        if isinstance(getattr(module, "max_seq_len_cached", None), (int, torch.Tensor)) and hasattr(module, "original_inv_freq"):
            module.max_seq_len_cached = module.original_max_seq_len
            module.inv_freq = torch.nn.Buffer(module.original_inv_freq.clone(), persistent=False)


@torch.no_grad()
def logits(model, ids: list):
    """[ids, vocab], float64 where the model is. Of an encoder its last hidden states."""
    forget(model)
    if is_encoder(model.config):
        return model(torch.tensor([ids])).last_hidden_state[0]
    return model(torch.tensor([ids]), use_cache=False).logits[0]


@torch.no_grad()
def greedy(model, ids: list, count: int) -> tuple:
    """The next tokens with cache, and how far the best logit lay above the second each time."""
    forget(model)
    tokens, margins, past = [], [], {}
    takes_positions = "position_ids" in inspect.signature(model.forward).parameters
    step = torch.tensor([ids])
    for _ in range(count):
        # What generate() does for the families that begin anew where their rotation changes is not wanted: no case crosses that.
        # Bamba counts positions anew where nobody tells it.
        at = {"position_ids": torch.arange(len(ids) + len(tokens))[None, -step.shape[1]:]} if takes_positions else {}
        answer = model(step, use_cache=True, **past, **at)
        past = {name: answer[name] for name in cache_names if answer.get(name) is not None}
        best = answer.logits[0, -1].float().topk(2)
        tokens.append(int(best.indices[0]))
        margins.append(float(best.values[0] - best.values[1]))
        # A family whose answer holds no state reads all of it again.
        step = best.indices[:1][None] if past else torch.tensor([ids + tokens])
    return tokens, margins


@torch.no_grad()
def greedy_without_cache(model, ids: list, count: int) -> list:
    all_ids = list(ids)
    for _ in range(count):
        all_ids.append(int(logits(model, all_ids)[-1].argmax()))
    return all_ids[len(ids):]


def noise(model, ids: list, answer=logits) -> float | None:
    """What float32 rounds away: the largest difference from the same model in float64, in float32, and in float64 with each weight
    moved within its rounding, three times: one order of sums may happen to round little where others do not. Nothing where the
    model can't compute in float64."""
    try:
        exact = answer(clone(model).double(), ids)
        others = [answer(model, ids)] + [answer(moved(model, seed), ids) for seed in range(3)]
        return max(float((exact - other).abs().max()) for other in others)
    except RuntimeError:
        return None


@torch.no_grad()
def moved(model, seed: int):
    generator = torch.Generator().manual_seed(seed)
    other = clone(model).double()
    for weight in other.parameters():
        weight.mul_(1 + 2.0**-24 * (2 * torch.rand(weight.shape, generator=generator, dtype=torch.float64) - 1))
    return other


def means_the_same(folder: pathlib.Path, config: dict, ids: list, expected) -> bool:
    """Whether transformers reads `folder` with this config.json as the same model."""
    with tempfile.TemporaryDirectory() as temporary:
        other = pathlib.Path(temporary)
        for file in folder.iterdir():
            if file.name != "config.json":
                (other / file.name).symlink_to(file.resolve())
        (other / "config.json").write_text(json.dumps(config))
        try:
            return torch.equal(logits(load(other), ids), expected)
        except Exception:  # noqa: BLE001: of many classes, and each says that it does not
            return False
