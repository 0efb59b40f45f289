"""A model folder as it is, a real chat model for one: its tokenizer, its template, what it computes and answers."""

import json
import pathlib
import random

import tokenizers
import torch
from transformers.utils.chat_template_utils import render_jinja_template

from . import cases, reference
from .engine import Probe
from .text import text_of

questions = ["What is the capital of France?", "Write a two-sentence story about a lighthouse keeper.",
             "¿Cuántos días tiene un año?", "Give me a Python function that adds two numbers."]
answer_length = 48


def template_of(folder: pathlib.Path) -> tuple:
    """The template and its tokens; None where the folder has none."""
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text()) if path.exists() else {}
    separate = folder / "chat_template.jinja"
    template = separate.read_text() if separate.exists() else config.get("chat_template")
    tokens = {}
    for name in ("bos_token", "eos_token"):
        token = config.get(name)
        if token is not None:
            tokens[name] = token["content"] if isinstance(token, dict) else token
    return template, tokens


def compare_text(probe: Probe, folder: pathlib.Path, seed: int, count: int) -> tuple:
    """The ids of the questions as the model wants to be asked, and what differs."""
    wrong = []
    reader = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    template, tokens = template_of(folder)
    prompts = []
    for question in questions:
        conversation = [{"role": "user", "content": question}]
        asked = question
        if template is not None:
            asked = render_jinja_template(conversations=[conversation], chat_template=template, add_generation_prompt=True,
                                          **tokens)[0][0]
            variables = json.dumps({"messages": conversation, "add_generation_prompt": True})
            rendered = probe.ask("render", folder=str(folder), variables=variables)["text"]
            if rendered != asked:
                wrong.append(f"the template gives {rendered!r}, not {asked!r}")
        prompts.append(reader.encode(asked, add_special_tokens=template is None).ids)
    dice = random.Random(seed)
    texts = questions + [text_of(dice, []) for _ in range(count)]
    ids = probe.ask("encode", folder=str(folder), texts=texts, special=True)["ids"]
    wrong += [f"{text!r} is {got}" for text, got in zip(texts, ids) if got != reader.encode(text).ids]
    return prompts, wrong


def compare(probe: Probe, folder: pathlib.Path, seed: int, count: int) -> tuple:
    """Lines about what was compared, and what differs."""
    prompts, wrong = compare_text(probe, folder, seed, count)
    model = reference.load(folder)
    exact = [reference.logits(model, ids) for ids in prompts]
    probe.load(folder, compute="float32", threads=0)
    difference = max(float((probe.logits(ids) - logits).abs().max()) for ids, logits in zip(prompts, exact))
    spread = float(torch.cat(exact).std())
    lines = [f"{count + len(questions)} texts tokenized", f"float32: logits differ by {difference:.1e} of a spread of {spread:.1f}"]
    if not difference <= 2e-4 * max(1.0, spread):
        wrong.append(lines[-1])
    answers = probe.generate(prompts, answer_length)
    sure = 0
    for question, ids, got in zip(questions, prompts, answers):
        wanted, margins = reference.greedy(model, ids, answer_length)
        same = next((place for place, margin in enumerate(margins) if margin <= cases.certain_margin), answer_length)
        sure += same
        if got[:same] != wanted[:same]:
            wrong.append(f"the answer to {question!r} is {got}, not {wanted}")
    lines.append(f"{sure} greedy tokens compared")
    for scheme, share in cases.quantized_share.items():
        quantized = reference.load_quantized(folder, scheme)
        if quantized is None:
            continue
        expected = reference.logits(reference.restored(model, quantized), prompts[0])
        probe.load(folder, compute="float32", quantize=scheme, threads=0)
        difference = float((probe.logits(prompts[0]) - expected).abs().max())
        lines.append(f"{scheme}: logits differ by {difference:.1e} from bitsandbytes' values")
        if not difference <= share * spread:
            wrong.append(lines[-1])
    return lines, wrong
