#!/usr/bin/env python3
"""The engine's side of ./dev interop: the answers of millm_probe about a small model that transformers made."""
import array
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest

PROGRAM, FIXTURES = sys.argv[1], pathlib.Path(sys.argv[2])
FOLDER = FIXTURES / "models/llama_chat_tiny"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
IDS = EXPECTED["input_ids"][0]


def ask(*questions):
    """The answer to each question, of one process."""
    text = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([PROGRAM], input=text, capture_output=True, text=True, timeout=300, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def stored_logits():
    data = (FOLDER / "expected.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8:8 + length])["logits"]["data_offsets"]
    return array.array("f", data[8 + length + begin:8 + length + end])


class Probe(unittest.TestCase):
    def test_logits_and_tokens(self):
        with tempfile.TemporaryDirectory() as folder:
            to = pathlib.Path(folder) / "logits"
            loaded, shape, alone, together = ask(
                {"do": "load", "folder": str(FOLDER), "prefill_chunk": 5},
                {"do": "logits", "ids": IDS, "to": str(to)},
                {"do": "generate", "prompts": [IDS[:7]], "tokens": 9},
                {"do": "generate", "prompts": [IDS[:7], IDS], "tokens": 32})
            self.assertEqual("llama", loaded["model_type"])
            self.assertEqual([len(IDS), loaded["vocab"]], shape["shape"])
            values, reference = array.array("f", to.read_bytes()), stored_logits()
            self.assertEqual(len(reference), len(values))
            self.assertLess(max(abs(a - b) for a, b in zip(values, reference)), 2e-4)
        self.assertEqual(EXPECTED["greedy_32"], together["tokens"][1])
        self.assertEqual(alone["tokens"][0], together["tokens"][0][:9])

    def test_text_without_weights(self):
        # The members of `variables` keep their order, so it is a string.
        variables = json.dumps({"messages": [{"role": "user", "content": "Héllo"}], "add_generation_prompt": True})
        rendered, encoded = ask({"do": "render", "folder": str(FOLDER), "variables": variables},
                                {"do": "encode", "folder": str(FOLDER), "texts": ["Héllo", ""], "special": False})
        self.assertIn("Héllo", rendered["text"])
        self.assertEqual([], encoded["ids"][1])
        decoded, = ask({"do": "decode", "folder": str(FOLDER), "ids": encoded["ids"]})
        self.assertEqual(["Héllo", ""], decoded["texts"])

    def test_refusals_are_answers(self):
        answers = ask({"do": "load", "folder": str(FIXTURES / "none")}, {"do": "logits", "ids": [1], "to": "nowhere"},
                      {"do": "sing"}, {}, {"do": "families"})
        self.assertEqual(["Io", "InvalidArgument", "InvalidArgument", "InvalidArgument"], [answer["error"]["code"] for answer in answers[:4]])
        self.assertIn("llama", answers[4]["families"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
