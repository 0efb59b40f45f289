"""lm-evaluation-harness: our tasks scored over /v1/completions, and by its own Hugging Face backend (transformers, float32) on the same
folder. Both compute in float32, each with its own order of sums."""
import json
import math
import os
import pathlib
import subprocess
import sys

import pytest

TASKS = pathlib.Path(__file__).parent / "tasks"
NAMES = ["millm_capitals", "millm_prose", "millm_counting"]
WINDOW = 128  # shorter than the texts, so that windows roll


def evaluate(out: pathlib.Path, model: str, arguments: str):
    """(metrics by task, samples by task) of the harness's own command."""
    command = [sys.executable, "-m", "lm_eval", "run", "--model", model, "--model_args", arguments, "--tasks", ",".join(NAMES), "--include_path", ".",
               "--output_path", str(out), "--log_samples", "--seed", "7"]
    ran = subprocess.run(command, cwd=TASKS, env=os.environ | {"HF_HOME": str(out / "hf"), "OPENAI_API_KEY": "unused"}, capture_output=True, text=True, timeout=900)
    assert ran.returncode == 0, ran.stderr[-4000:]
    results = json.loads(next(out.rglob("results_*.json")).read_text())["results"]
    samples = {}
    for name in NAMES:
        lines = next(out.rglob(f"samples_{name}_*.jsonl")).read_text().splitlines()
        samples[name] = sorted((json.loads(line) for line in lines), key=lambda sample: sample["doc_id"])
    return results, samples


@pytest.fixture(scope="module")
def both(chat, chat_folder, tmp_path_factory):
    ours = evaluate(tmp_path_factory.mktemp("ours"), "local-completions",
                    f"model=smol,base_url={chat.openai}/completions,tokenizer={chat_folder},num_concurrent=4,max_length={WINDOW},tokenized_requests=True")
    theirs = evaluate(tmp_path_factory.mktemp("theirs"), "hf", f"pretrained={chat_folder},dtype=float32,max_length={WINDOW}")
    return ours, theirs


@pytest.mark.parametrize("name", NAMES)
def test_the_scores_are_equal(both, name):
    (ours, _), (theirs, _) = both
    numbers = {metric: value for metric, value in theirs[name].items() if isinstance(value, float) and math.isfinite(value)}
    assert numbers
    for metric, value in numbers.items():
        assert ours[name][metric] == pytest.approx(value, rel=1e-4), metric


def test_each_likelihood_is_equal(both):
    (_, ours), (_, theirs) = both
    compared = 0
    for name in ("millm_capitals", "millm_prose"):
        for mine, other in zip(ours[name], theirs[name], strict=True):
            for (one,), (two,) in zip(mine["resps"], other["resps"], strict=True):
                # (likelihood, whether it is what greedy decoding would say), or the likelihood of a whole text.
                one, two = (value if isinstance(value, list) else [value] for value in (one, two))
                assert float(one[0]) == pytest.approx(float(two[0]), abs=2e-3)
                assert one[1:] == two[1:]
                compared += 1
    assert compared > 30


def test_each_written_text_is_equal(both):
    (_, ours), (_, theirs) = both
    texts = [sample["resps"] for sample in theirs["millm_counting"]]
    assert sum(bool(text) for ((text,),) in texts) > len(texts) / 2
    assert [sample["resps"] for sample in ours["millm_counting"]] == texts
