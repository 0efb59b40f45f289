"""The engine, asked through build/…/bin/millm_probe (tests/interop/probe.cpp)."""

import json
import pathlib
import subprocess
import tempfile
import threading

import torch


class Refused(Exception):
    """The engine's own answer: it has no implementation for this, or finds fault with it."""

    def __init__(self, error: dict):
        super().__init__(error["message"])
        self.code = error["code"]


longest_answer = 300  # seconds; tiny models take parts of one


class Probe:
    """One process, restarted if a question ends it."""

    def __init__(self, program: str):
        self.program = program
        self.process = None
        self.scratch = tempfile.TemporaryDirectory(prefix="millm-interop-")

    def ask(self, question: str, **fields) -> dict:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps({"do": question} | fields) + "\n")
        self.process.stdin.flush()
        alarm = threading.Timer(longest_answer, self.process.kill)
        alarm.start()
        line = self.process.stdout.readline()
        alarm.cancel()
        if not line:
            raise RuntimeError(f"the engine ended with status {self.process.wait()} at {question}")
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer

    def families(self) -> list:
        return self.ask("families")["families"]

    def load(self, folder, **options) -> dict:
        return self.ask("load", folder=str(folder), **options)

    def logits(self, ids: list) -> torch.Tensor:
        """[ids, vocab] float32."""
        to = pathlib.Path(self.scratch.name) / "logits"
        shape = self.ask("logits", ids=ids, to=str(to))["shape"]
        return torch.frombuffer(bytearray(to.read_bytes()), dtype=torch.float32).reshape(shape)

    def generate(self, prompts: list, tokens: int) -> list:
        return self.ask("generate", prompts=prompts, tokens=tokens)["tokens"]

    def embed(self, texts: list) -> torch.Tensor:
        """[texts, size] float32."""
        return torch.tensor(self.ask("embed", texts=texts)["vectors"], dtype=torch.float32)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()
        self.scratch.cleanup()
