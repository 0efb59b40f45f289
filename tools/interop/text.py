"""Random texts and conversations: tokenized and rendered by tokenizers and transformers, and by the engine."""

import contextlib
import gzip
import json
import pathlib
import random
import tempfile

import tokenizers
from transformers.utils.chat_template_utils import render_jinja_template

from .engine import Probe, Refused

pieces = ["the", "The", " a", "don't", "I'LL", "naïve", "cafe\u0301", "Straße", "ΑΒΓ", "привет", "שלום", "مرحبا", "你好", "こんにちは", "안녕", "🙂",
          "👨‍👩‍👧", "🇩🇪", "0", "42", "1234567", "3.14", "½", "²", ".", ",", "...", "!?", "--", "_", "(", "]}", "\\n", "<", "</s>", "<|x|>", "\u200b", "\u00a0",
          "\u2028", "\ufeff", "\r\n", "\n", "\n\n", "\t", " ", "  ", "     ", "def f(x):", "https://x.y/z?q=1", "aaaaaaaaaaaaaaaa", "\u0000", "\U0001f9ff"]


def text_of(dice: random.Random, specials: list) -> str:
    chosen = [dice.choice(specials) if specials and dice.random() < 0.05 else dice.choice(pieces) for _ in range(dice.randint(0, 30))]
    return dice.choice(["", " "]).join(chosen)


# ---- tokenizers ----------------------------------------------------------------------------------


@contextlib.contextmanager
def unpacked(folder: pathlib.Path):
    """The folder with tokenizer.json as it is in a repository."""
    if (folder / "tokenizer.json").exists():
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        (pathlib.Path(temporary) / "tokenizer.json").write_bytes(gzip.decompress((folder / "tokenizer.json.gz").read_bytes()))
        yield pathlib.Path(temporary)


def compare_tokenizer(probe: Probe, folder: pathlib.Path, seed: int, count: int) -> list:
    """What differs, a sentence each."""
    wrong = []
    with unpacked(folder) as there:
        reference = tokenizers.Tokenizer.from_file(str(there / "tokenizer.json"))
        specials = [token.content for token in reference.get_added_tokens_decoder().values()]
        dice = random.Random(f"{folder.name}/{seed}")
        texts = [text_of(dice, specials) for _ in range(count)]
        for special in (False, True):
            wanted = [reference.encode(text, add_special_tokens=special).ids for text in texts]
            got = probe.ask("encode", folder=str(there), texts=texts, special=special)["ids"]
            wrong += [f"{folder.name}: {text!r} is {ids}, not {right}" for text, ids, right in zip(texts, got, wanted) if ids != right]
            # Of any ids: half of them not what a text gives.
            lists = [ids if place % 2 else [dice.randrange(reference.get_vocab_size()) for _ in range(12)] for place,
                     ids in enumerate(wanted)]
            spoken = [reference.decode(ids, skip_special_tokens=special) for ids in lists]
            said = probe.ask("decode", folder=str(there), ids=lists, skip_special=special)["texts"]
            wrong += [f"{folder.name}: {ids} says {text!r}, not {right!r}" for ids, text, right in zip(lists, said, spoken) if text != right]
    return wrong


# ---- templates -----------------------------------------------------------------------------------

weather = {"type": "function", "function": {
    "name": "weather", "description": "It's <warm> & \"dry\"?", "parameters": {
        "type": "object", "properties": {"town": {"type": "string"}, "days": {"type": "integer", "default": 3}}, "required": ["town"]}}}


def conversation_of(dice: random.Random) -> dict:
    """Mostly as templates like it, at times out of turn."""
    messages = [{"role": "system", "content": text_of(dice, [])}] if dice.random() < 0.5 else []
    for turn in range(dice.randint(1, 5)):
        messages.append({"role": "user" if turn % 2 == 0 else "assistant", "content": text_of(dice, [])})
    if dice.random() < 0.1:
        dice.shuffle(messages)
    if dice.random() < 0.1:
        messages.append({"role": "tool", "content": json.dumps({"answer": 42})})
    variables = {"messages": messages, "add_generation_prompt": dice.random() < 0.6}
    if dice.random() < 0.2:
        variables["tools"] = [weather]
    if dice.random() < 0.2:
        variables["enable_thinking"] = dice.random() < 0.5
    return variables


def compare_template(probe: Probe, name: str, template: str, tokens: dict, seed: int, count: int) -> list:
    wrong = []
    dice = random.Random(f"{name}/{seed}")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "tokenizer_config.json").write_text(json.dumps(tokens | {"chat_template": template}))
        for _ in range(count):
            variables = conversation_of(dice)
            fields = dict(variables)
            conversation, tools = fields.pop("messages"), fields.pop("tools", None)
            try:
                wanted = render_jinja_template(conversations=[conversation], tools=tools, chat_template=template, **tokens,
                                               **fields)[0][0]
            except Exception as error:  # noqa: BLE001: Jinja's, of many classes, and what templates raise
                wanted = None
                why = error
            try:
                got = probe.ask("render", folder=folder, variables=json.dumps(variables, ensure_ascii=False))["text"]
            except Refused as refusal:
                got = None
                why = refusal
            if got != wanted:
                wrong.append(f"template {name}: {json.dumps(variables, ensure_ascii=False)} gives {got!r}, not {wanted!r}" +
                             (f" ({why})" if got is None or wanted is None else ""))
    return wrong


# ---- all of them ---------------------------------------------------------------------------------


def stored_templates(project: pathlib.Path, vocabularies: pathlib.Path):
    """(name, template, its tokens) of the tests' fixtures; those of vendors' packages where npm fetched them for the tests."""
    for file in sorted((project / "tests/fixtures/templates").glob("*.json")):
        described = json.loads(file.read_text())
        template = described.get("template")
        if template is None:
            source = described["template_source"]
            path = vocabularies / "node_modules" / source["npm"] / source["file"]
            if not path.exists():
                continue
            template = json.loads(path.read_text())[source["key"]]
        yield file.stem, template, {key: described[key] for key in ("bos_token", "eos_token") if described[key] is not None}


def stored_tokenizers(project: pathlib.Path, vocabularies: pathlib.Path):
    for folder in sorted((project / "tests/fixtures/tokenizers").iterdir()):
        if (folder / "tokenizer.json.gz").exists():
            yield folder
    for file in sorted(vocabularies.glob("node_modules/*/*/models/tokenizer.json")):
        yield file.parent


def compare(probe: Probe, project: pathlib.Path, vocabularies: pathlib.Path, seed: int, count: int) -> tuple:
    """How many texts and conversations were compared, and what differs."""
    wrong, texts, conversations = [], 0, 0
    for folder in stored_tokenizers(project, vocabularies):
        wrong += compare_tokenizer(probe, folder, seed, count)
        texts += count
    for name, template, tokens in stored_templates(project, vocabularies):
        wrong += compare_template(probe, name, template, tokens, seed, count)
        conversations += count
    return texts, conversations, wrong
