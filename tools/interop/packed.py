"""Repositories that other programs packed: random small models, whose linear layers are packed as those programs write them, and what
transformers computes with the values that the codes stand for. Where transformers or compressed-tensors have the inverse, it is theirs."""

import json
import pathlib
import tempfile

import torch
from safetensors.torch import load_file, save_file

from . import reference
from .cases import prompts_of
from .draws import Draw
from .engine import Probe, Refused
from .families import families

# By the logits' spread: both multiply the same values in float32.
allowed_share = 2e-4
block_scaled = ["llama", "qwen2", "qwen3", "mistral", "qwen3_moe", "mixtral", "deepseek_v3"]
awq_order = [0, 2, 4, 6, 1, 3, 5, 7]
fp4_values = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])


def words(values: torch.Tensor, order=range(8)) -> torch.Tensor:
    """Eight numbers of 4 bits of the last dimension in one I32, the first of `order` in the lowest bits."""
    parts = values.reshape(*values.shape[:-1], -1, 8).to(torch.int64)
    total = sum(parts[..., place] << (4 * i) for i, place in enumerate(order))
    return torch.where(total >= 2**31, total - 2**32, total).to(torch.int32).contiguous()


def nearest_fp4(values: torch.Tensor) -> torch.Tensor:
    return (values[..., None] - fp4_values).abs().argmin(-1).to(torch.uint8)


def halves(codes: torch.Tensor) -> torch.Tensor:
    return (codes[..., 0::2] | codes[..., 1::2] << 4).contiguous()


def grouped(weight: torch.Tensor, size: int) -> torch.Tensor:
    return weight.reshape(weight.shape[0], -1, size)


class Form:
    """`config` is quantization_config; pack() gives the tensors by what follows the module's name, and the values. Nothing where the
    shape does not fit the form."""

    families = block_scaled

    def __init__(self, d: Draw):
        self.config = {}

    def pack(self, weight: torch.Tensor):
        raise NotImplementedError


class Fp8(Form):
    def __init__(self, d: Draw):
        self.block = d.pick([128, 128], [d.between(3, 40), d.between(3, 40)], None)
        self.scales = d.pick(torch.float32, torch.bfloat16)
        self.config = {"quant_method": "fp8", "weight_block_size": self.block, "activation_scheme": "dynamic"}

    def pack(self, weight):
        rows, columns = self.block or weight.shape
        padded = torch.nn.functional.pad(weight, (0, -weight.shape[1] % columns, 0, -weight.shape[0] % rows))
        blocks = padded.reshape(padded.shape[0] // rows, rows, padded.shape[1] // columns, columns)
        scale = (blocks.abs().amax((1, 3)).clamp(min=1e-6) / 448).to(self.scales)
        spread = scale.float().repeat_interleave(rows, 0).repeat_interleave(columns, 1)[:weight.shape[0], :weight.shape[1]]
        codes = (weight / spread).clamp(-448, 448).to(torch.float8_e4m3fn)
        return {".weight": codes, ".weight_scale_inv": scale if self.block else scale.reshape(())}, codes.float() * spread


class CompressedTensors(Form):
    form, weights = "", {}

    def __init__(self, d: Draw):
        self.config = {"quant_method": "compressed-tensors", "format": self.form, "quantization_status": "compressed",
                       "ignore": ["lm_head"], "config_groups": {"group_0": {"targets": ["Linear"], "weights": self.weights}}}


class FloatRows(CompressedTensors):
    form, weights = "float-quantized", {"num_bits": 8, "type": "float", "strategy": "channel", "symmetric": True}

    def pack(self, weight):
        scale = (weight.abs().amax(1, keepdim=True).clamp(min=1e-6) / 448).bfloat16()
        codes = (weight / scale.float()).clamp(-448, 448).to(torch.float8_e4m3fn)
        return {".weight": codes, ".weight_scale": scale}, codes.float() * scale.float()


class IntRows(CompressedTensors):
    form, weights = "int-quantized", {"num_bits": 8, "type": "int", "strategy": "channel", "symmetric": True}

    def pack(self, weight):
        scale = (weight.abs().amax(1, keepdim=True).clamp(min=1e-6) / 127).bfloat16()
        codes = (weight / scale.float()).round().clamp(-128, 127).to(torch.int8)
        return {".weight": codes, ".weight_scale": scale}, codes.float() * scale.float()


def integers(weight: torch.Tensor, group: int, scale_type=torch.float16):
    """Codes [out, in] of 0 to 15, zero points and scales [out, groups], and what they stand for."""
    parts = grouped(weight, group)
    low, high = parts.amin(-1).clamp(max=0), parts.amax(-1).clamp(min=0)
    scale = ((high - low).clamp(min=1e-4) / 15).to(scale_type)
    zero = (-low / scale.float()).round().clamp(1, 15)
    codes = (parts / scale.float()[..., None] + zero[..., None]).round().clamp(0, 15)
    values = (codes - zero[..., None]) * scale.float()[..., None]
    return codes.reshape(weight.shape), zero, scale, values.reshape(weight.shape)


class PackedInts(CompressedTensors):
    form = "pack-quantized"

    def __init__(self, d: Draw):
        self.weights = {"num_bits": 4, "type": "int", "strategy": "group", "group_size": 16, "symmetric": d.chance(0.5)}
        super().__init__(d)

    def pack(self, weight):
        if weight.shape[1] % 16:
            return None
        codes, zero, scale, values = integers(weight, 16)
        if self.weights["symmetric"]:
            values = ((codes.reshape(*zero.shape, -1) - 8) * scale.float()[..., None]).reshape(weight.shape)
        parts = {".weight_packed": words(codes), ".weight_scale": scale, ".weight_shape": torch.tensor(weight.shape)}
        if not self.weights["symmetric"]:
            whole = torch.nn.functional.pad(zero, (0, 0, 0, -zero.shape[0] % 8))
            parts[".weight_zero_point"] = words(whole.T).T.contiguous()
        return parts, values


class Nvfp4(CompressedTensors):
    form, weights = "nvfp4-pack-quantized", {"num_bits": 4, "type": "float", "strategy": "tensor_group", "group_size": 16}

    def pack(self, weight):
        if weight.shape[1] % 16:
            return None
        factor = (448 * 6 / weight.abs().max().clamp(min=1e-6)).reshape(1)
        parts = grouped(weight, 16)
        scale = (parts.abs().amax(-1) / 6 * factor).clamp(2**-9, 448).to(torch.float8_e4m3fn)
        spread = (scale.float() / factor)[..., None]
        codes = nearest_fp4(parts / spread)
        values = (fp4_values[codes.long()] * spread).reshape(weight.shape)
        return {".weight_packed": halves(codes.reshape(weight.shape)), ".weight_scale": scale, ".weight_global_scale": factor}, values


class Gptq(Form):
    def __init__(self, d: Draw):
        self.first, self.ordered = d.chance(0.5), d.chance(0.5)
        self.config = {"quant_method": "gptq", "bits": 4, "group_size": 16, "desc_act": self.ordered, "sym": False,
                       "checkpoint_format": "gptq" if self.first else "gptq_v2"}

    def pack(self, weight):
        out, width = weight.shape
        if out % 8 or width % 16:
            return None
        order = torch.randperm(width, generator=torch.Generator().manual_seed(width)) if self.ordered else torch.arange(width)
        codes, zero, scale, values = integers(weight[:, order], 16)
        back = order.argsort()
        group_of = (torch.arange(width) // 16)[back].to(torch.int32)
        stored_zero = zero - 1 if self.first else zero
        return {".qweight": words(codes[:, back]).T.contiguous(), ".qzeros": words(stored_zero.T), ".scales": scale.T.contiguous(),
                ".g_idx": group_of}, values[:, back]


class Awq(Form):
    def __init__(self, d: Draw):
        self.config = {"quant_method": "awq", "bits": 4, "group_size": 16, "zero_point": True, "version": "gemm"}

    def pack(self, weight):
        if weight.shape[0] % 8 or weight.shape[1] % 16:
            return None
        codes, zero, scale, values = integers(weight, 16)
        return {".qweight": words(codes.T, awq_order), ".qzeros": words(zero.T, awq_order), ".scales": scale.T.contiguous()}, values


class Mxfp4(Form):
    """gpt-oss' experts, restored by transformers' own function."""

    families = ["gpt_oss"]

    def __init__(self, d: Draw):
        self.config = {"quant_method": "mxfp4", "modules_to_not_convert": ["lm_head"]}

    def pack_stack(self, stack):
        from transformers.integrations.mxfp4 import convert_moe_packed_tensors

        turned = stack.transpose(1, 2).contiguous()  # [experts, out, in]
        if turned.shape[2] % 32:
            return None
        parts = turned.reshape(*turned.shape[:2], -1, 32)
        exponent = torch.floor(torch.log2(parts.abs().amax(-1).clamp(min=1e-6) / 4))
        blocks, scales = halves(nearest_fp4(parts / 2**exponent[..., None])), (exponent + 127).to(torch.uint8)
        return {"_blocks": blocks, "_scales": scales}, convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)


forms = {"fp8": Fp8, "float-quantized": FloatRows, "int-quantized": IntRows, "pack-quantized": PackedInts, "nvfp4": Nvfp4, "gptq": Gptq,
         "awq": Awq, "mxfp4": Mxfp4}


def is_linear(name: str, value: torch.Tensor) -> bool:
    kept = ("embed", "lm_head", "norm", ".gate.", "router")
    return value.dim() == 2 and name.endswith(".weight") and not any(word in name for word in kept)


def pack_all(form: Form, tensors: dict) -> tuple:
    """The tensors of the packed file, and of a plain one of the same values."""
    packed, plain, count = {}, {}, 0
    for name, value in tensors.items():
        stack = isinstance(form, Mxfp4) and name.endswith(("gate_up_proj", "down_proj"))
        made = form.pack_stack(value.float()) if stack else None
        if not isinstance(form, Mxfp4) and is_linear(name, value):
            made = form.pack(value.float())
        if made is None:
            packed[name] = plain[name] = value.bfloat16() if reference.is_weight(name, value) else value
            continue
        parts, values = made
        count += 1
        packed.update({name.removesuffix(".weight") + end: part for end, part in parts.items()})
        plain[name] = values.bfloat16().contiguous()
    return packed, plain, count


def compare(probe: Probe, name: str, seed: int) -> tuple:
    """(what was compared, what is wrong) of one case: the first draw of sizes of which some fit the form."""
    d = Draw("packed/" + name, seed, False)
    form = forms[name](d)
    for attempt in range(20):
        case = compare_drawn(probe, name, form, d.pick(*form.families), seed + 1000 * attempt)
        if case is not None:
            return case
    return name, "no shape of twenty models fits the form"


def compare_drawn(probe: Probe, name: str, form: Form, family: str, seed: int):
    fields = families[family](Draw(family, seed, False))
    if isinstance(form, Mxfp4):
        fields.update(hidden_size=64, intermediate_size=96)
    try:
        model = reference.build(reference.config_of(family, fields), seed)
    except Exception:  # noqa: BLE001: the reference's own, of many classes: not every draw is one that it can make
        return None
    ids = prompts_of(Draw("packed/prompts", seed, False), model.config.vocab_size)[0]
    with tempfile.TemporaryDirectory(prefix="millm-interop-") as temporary:
        folder, plain_folder = pathlib.Path(temporary) / "packed", pathlib.Path(temporary) / "plain"
        for each in (folder, plain_folder):
            reference.save(model, each, "safetensors", torch.bfloat16)
        packed, plain, count = pack_all(form, load_file(folder / "model.safetensors"))
        if count == 0:
            return None
        for each, tensors in ((folder, packed), (plain_folder, plain)):
            save_file(tensors, each / "model.safetensors", metadata={"format": "pt"})
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps(config | {"quantization_config": form.config}))
        expected = reference.logits(reference.load(plain_folder), ids)
        case = f"{name}, {family}, {count} packed weights"
        try:
            probe.load(folder, compute="float32", context_length=len(ids) + 1)
        except Refused as refusal:
            return case, f"{refusal.code}: {refusal}"
        difference, spread = float((probe.logits(ids) - expected).abs().max()), float(expected.std())
        if not difference <= allowed_share * max(spread, 1):
            return case, f"logits differ by {difference:.2e} of a spread of {spread:.2f}"
        return f"{case}: {difference:.1e}", ""


def run(probe: Probe, seed: int, cases: int) -> tuple:
    lines, wrong = [], []
    for place in range(cases):
        name = list(forms)[place % len(forms)]
        own = seed + place // len(forms)
        line, fault = compare(probe, name, own)
        lines.append(f"{line} (seed {own})")
        if fault:
            wrong.append(f"{line} (seed {own}): {fault}")
    return lines, wrong
