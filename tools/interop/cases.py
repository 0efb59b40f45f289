"""One case: a random small model of a family, made by transformers, computed by both."""

import dataclasses
import json
import pathlib
import tempfile

import torch

from . import reference
from .draws import Draw
from .engine import Probe, Refused
from .families import encoders, families, tolerance
from .older_config import older_config
from .vectors import Pooling, prefixed, to_greek

# Below this a token's lead over the second may be the other implementation's rounding.
certain_margin = 1e-3
# transformers rounds every intermediate result of a 16-bit model, the engine only keys and values, and on some processors inputs
# (docs/numerics.md): both are this near to the model in float32, by the logits' spread, or the engine three times as far as transformers.
sixteen_bit_share = {torch.bfloat16: 0.05, torch.float16: 0.006}
# A quarter of how much coarser than float32's their steps are: not all is rounded.
sixteen_bit_growth = {torch.bfloat16: 2.0**14, torch.float16: 2.0**11}
# What bitsandbytes' quantized values give in float32, by the logits' spread: its own processor code chooses the scales of scales by a
# coarser table, so that one in some hundred scales of 4 bits is a step off. A recurrence can make more of it.
quantized_share = {"Q8": 1e-4, "Q4": 0.02}
most_of_steps = 0.1
# Where float32 rounds that much itself: another order of sums, through a recurrence, ends up so many times as far.
most_noise = 4


@dataclasses.dataclass
class Outcome:
    family: str
    seed: int
    difference: float = 0.0  # of logits in float32
    sixteen_bit: float | None = None
    quantized: dict = dataclasses.field(default_factory=dict)
    tokens: int = 0  # that were compared
    refused: str = ""
    wrong: list = dataclasses.field(default_factory=list)
    form: str = ""
    fields: dict = dataclasses.field(default_factory=dict)


class Logits:
    """What of a model that continues texts is compared."""

    word = "logits"

    def of_engine(self, probe: Probe, ids: list) -> torch.Tensor:
        return probe.logits(ids)

    def of_reference(self, model, ids: list) -> torch.Tensor:
        return reference.logits(model, ids)

    def noise(self, model, ids: list) -> float:
        return reference.noise(model, ids, self.of_reference) or 0.0


class Vectors(Logits):
    """And of one that makes a vector of each text."""

    word = "vectors"

    def __init__(self, pooling: Pooling):
        self.pooling = pooling

    def of_engine(self, probe: Probe, ids: list) -> torch.Tensor:
        return probe.embed([ids])[0]

    def of_reference(self, model, ids: list) -> torch.Tensor:
        states = reference.logits(model, ids)
        return self.pooling.vector(states if states.dtype == torch.float64 else states.float())


def prompts_of(d: Draw, vocab: int) -> list:
    """Of unequal lengths: from shorter than any window to past several."""
    lengths = [d.between(3, 6), d.between(7, 20), d.between(24, 60)]
    d.random.shuffle(lengths)
    return [[d.random.randrange(0, vocab) for _ in range(length)] for length in lengths]


def leave_out(d: Draw, fields: dict) -> dict:
    """Some that are no size or count: files leave out what has its default, which has to be the engine's as well."""
    def stays(name: str, value) -> bool:
        if isinstance(value, (int, list)) and not isinstance(value, bool) or value is None or not d.chance(0.15):
            return True
        # A context this short is meant to be stretched, and the share of a head that is rotated is an even number.
        short = fields.get("max_position_embeddings", 160) < 160
        return name == "rope_parameters" and (short or "partial_rotary_factor" in str(value))
    return {name: value for name, value in fields.items() if stays(name, value)}


def compare(probe: Probe, family: str, seed: int, small: bool = False) -> Outcome:
    d = Draw(family, seed, small)
    fields = leave_out(Draw(family + "/left out", seed, small), families[family](d))
    outcome = Outcome(family, seed, fields=fields)
    try:
        config = reference.config_of(family, fields)
    except reference.Refusal as refusal:
        outcome.refused = f"transformers: {refusal}"
        return outcome
    model = reference.build(config, seed)
    d = Draw(family + "/case", seed, small)
    dtype = d.pick(torch.float32, torch.float32, torch.bfloat16, torch.float16)
    form = d.pick("safetensors", "safetensors", "sharded", "bin", "bin_sharded")
    spelling = d.pick("v5", "v4")
    if dtype != torch.float32:
        # What is stored is what is meant: the reference computes in float32 on the rounded weights.
        model.load_state_dict({name: value.to(dtype).float() if reference.is_weight(name, value) else value
                               for name, value in model.state_dict().items()})
    prompts = prompts_of(d, model.config.vocab_size)
    what = Logits()
    if reference.is_encoder(model.config):
        # The padding token has a position of its own, which no text has a use for.
        prompts = [[max(token, 3) for token in ids] for ids in prompts]
        what = Vectors(Pooling(d, model.config.hidden_size, "mean"))
    with tempfile.TemporaryDirectory(prefix="millm-interop-") as temporary:
        folder = pathlib.Path(temporary)
        reference.save(model, folder, form, dtype)
        if spelling == "v4" and not respell(folder, model, prompts[0]):
            spelling = "v5"
        if isinstance(what, Vectors):
            what.pooling.write(folder)
            if d.chance(0.3):
                to_greek(folder)
            if d.chance(0.5) and family in encoders:
                prefixed(folder, model.base_model_prefix)
        outcome.form = f"{form} {str(dtype).removeprefix('torch.')} {spelling}"
        try:
            compare_float32(probe, outcome, d, model, folder, prompts, what)
            if dtype != torch.float32:
                compare_sixteen_bit(probe, outcome, model, folder, prompts, dtype, what)
            if seed % 4 == 0 and form == "safetensors":
                compare_quantized(probe, outcome, model, folder, prompts, what)
        except Refused as refusal:
            # Not every draw is one that the engine means to honour; a refusal names the field and is counted. Other errors are ours.
            if refusal.code == "Unsupported":
                outcome.refused = str(refusal)
            else:
                outcome.wrong.append(f"{refusal.code}: {refusal}")
        except RuntimeError as error:
            outcome.wrong.append(str(error))
    return outcome


def respell(folder: pathlib.Path, model, ids: list) -> bool:
    """The older form of config.json in its place, where transformers reads it as the same model."""
    path = folder / "config.json"
    older = older_config(json.loads(path.read_text()))
    same = reference.means_the_same(folder, older, ids, reference.logits(model, ids))
    if same:
        path.write_text(json.dumps(older))
    return same


def length_of(prompts: list, tokens: int) -> int:
    return max(map(len, prompts)) + tokens + 1


def compare_float32(probe: Probe, outcome: Outcome, d: Draw, model, folder: pathlib.Path, prompts: list, what: Logits) -> None:
    count = 40
    chunk = d.between(2, 9)
    expected = [what.of_reference(model, ids) for ids in prompts]
    answers = [reference.greedy(model, ids, count) for ids in prompts] if not isinstance(what, Vectors) else []
    for prefill_chunk in (512, chunk):
        probe.load(folder, compute="float32", prefill_chunk=prefill_chunk, context_length=length_of(prompts, count))
        for ids, wanted in zip(prompts, expected):
            difference = float((what.of_engine(probe, ids) - wanted).abs().max())
            outcome.difference = max(outcome.difference, difference)
            if difference <= tolerance(outcome.family):
                continue
            noise = what.noise(model, ids)  # a prompt's own: it differs by powers of ten
            if not difference <= most_noise * noise:
                outcome.wrong.append(f"{what.word} of {len(ids)} ids differ by {difference:.2e}, prefill_chunk {prefill_chunk} (float32's own noise: {noise:.1e})")
        if answers:
            compare_tokens(probe, outcome, prompts, answers, prefill_chunk)
        elif not torch.equal(probe.embed(prompts), torch.stack([what.of_engine(probe, ids) for ids in prompts])):
            outcome.wrong.append(f"other vectors alone than in a batch, prefill_chunk {prefill_chunk}")


def compare_tokens(probe: Probe, outcome: Outcome, prompts: list, answers: list, prefill_chunk: int) -> None:
    count = len(answers[0][0])
    tokens = probe.generate(prompts, count)
    alone = probe.generate(prompts[:1], count)[0]
    if alone != tokens[0]:
        outcome.wrong.append(f"other tokens alone than in a batch, prefill_chunk {prefill_chunk}")
    for ids, got, (wanted, margins) in zip(prompts, tokens, answers):
        sure = next((place for place, margin in enumerate(margins) if margin <= certain_margin), count)
        outcome.tokens += sure
        if got[:sure] != wanted[:sure]:
            place = next(place for place in range(sure) if got[place] != wanted[place])
            outcome.wrong.append(f"token {place} after {len(ids)} is {got[place]}, not {wanted[place]} (margin {margins[place]:.3f}), "
                                 f"prefill_chunk {prefill_chunk}")


def compare_sixteen_bit(probe: Probe, outcome: Outcome, model, folder: pathlib.Path, prompts: list, dtype: torch.dtype,
                        what: Logits) -> None:
    probe.load(folder, compute="auto", context_length=length_of(prompts, 1))
    native = reference.load(folder, dtype)
    results = []  # (the engine's distance from float32, what is allowed) of each prompt
    for ids in prompts:
        exact = what.of_reference(model, ids)
        own = float((what.of_reference(native, ids).float() - exact).abs().max())
        results.append((float((what.of_engine(probe, ids) - exact).abs().max()), max(3 * own, sixteen_bit_share[dtype] * float(exact.std()))))
    # Where rounding turns over which expert is chosen, a prompt's answer is another one and nobody's error.
    chosen = min if any("expert" in field for field in outcome.fields) else max
    outcome.sixteen_bit, allowed = chosen(results, key=lambda result: result[0] / result[1])
    if not outcome.sixteen_bit <= allowed:
        # A model that float32's rounding moves is moved as much more by the rounding of 16 bits.
        allowed = sixteen_bit_growth[dtype] * max(what.noise(model, ids) for ids in prompts)
    if not outcome.sixteen_bit <= allowed:
        outcome.wrong.append(f"{what.word} in {dtype} differ by {outcome.sixteen_bit:.2e} from float32, {allowed:.2e} is allowed")


def compare_quantized(probe: Probe, outcome: Outcome, model, folder: pathlib.Path, prompts: list, what: Logits) -> None:
    ids = prompts[-1]
    for scheme, share in quantized_share.items():
        quantized = reference.load_quantized(folder, scheme)
        if quantized is None:
            return
        expected = what.of_reference(reference.restored(model, quantized), ids)
        probe.load(folder, compute="float32", quantize=scheme, context_length=length_of(prompts, 1))
        difference = float((what.of_engine(probe, ids) - expected).abs().max())
        outcome.quantized[scheme] = difference
        spread = float(expected.std())
        if difference > share * spread and difference <= most_of_steps * spread:
            # Is it those few scales alone? What bitsandbytes wrote down has none that are off.
            with tempfile.TemporaryDirectory(prefix="millm-interop-") as written:
                quantized.save_pretrained(written)
                if isinstance(what, Vectors):
                    what.pooling.write(pathlib.Path(written))
                probe.load(written, compute="float32", context_length=length_of(prompts, 1))
                difference = float((what.of_engine(probe, ids) - expected).abs().max())
        if not difference <= share * spread:
            outcome.wrong.append(f"{what.word} in {scheme} differ by {difference:.2e} from bitsandbytes' values, of a spread of {spread:.2f}")
