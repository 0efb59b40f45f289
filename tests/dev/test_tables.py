"""Tables of benchmarks: how rows become Markdown, and where they go in docs/benchmarks.md."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]


def ours(size, weights, threads, prefill, decode, **more):
    return {"program": "miLLM", "size": size, "weights": weights, "threads": threads, "sequences": 1, "prompt": 512, "prefill": prefill,
            "decode": decode, "load_s": 0.5, "unload_s": 0.001, "weight_bytes": 1.1e9, "read_gb_s": 20.0, "copy_gb_s": 4.0, "vocab": 1000,
            "hidden": 50000} | more


def theirs(size, file, threads, speed, n_prompt=0, n_gen=0, n_depth=0):
    return {"program": "llama.cpp", "size": size, "file": file, "n_threads": threads, "n_prompt": n_prompt, "n_gen": n_gen, "n_depth": n_depth,
            "samples_ts": [speed / 2, speed]}


class Beside(unittest.TestCase):
    def tables(self, *rows):
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
            file.write("".join(json.dumps(row) + "\n" for row in rows))
            file.flush()
            return subprocess.run([sys.executable, "-B", TOP / "bench/engine/beside.py", file.name], capture_output=True, text=True, check=True).stdout

    def test_ratios_are_to_the_best_of_the_same_bits_and_context_and_for_prompts_of_any(self):
        text = self.tables(ours("0.5b", "Q4", 2, 300, 30), ours("0.5b", "Q4", 2, 1, 40, prompt=1), theirs("0.5b", "0.5b-Q4_0.gguf", 2, 100, n_prompt=512),
                           theirs("0.5b", "0.5b.gguf", 2, 150, n_prompt=512), theirs("0.5b", "0.5b.gguf", 2, 999, n_prompt=512, n_depth=512),
                           theirs("0.5b", "0.5b-Q4_0.gguf", 2, 20, n_gen=128), theirs("0.5b", "0.5b-Q4_K_M.gguf", 2, 25, n_gen=128),
                           theirs("0.5b", "0.5b-Q4_0.gguf", 2, 15, n_gen=128, n_depth=512), theirs("0.5b", "0.5b-Q8_0.gguf", 2, 99, n_gen=128),
                           theirs("0.5b", "0.5b-Q4_0.gguf", 1, 88, n_gen=128))
        self.assertIn("| 0.5b | 4 bits | 2 | 300 | 150 (BF16) | 2.00 | 40.0 | 25.0 (Q4_K_M) | 1.60 | 30.0 | 15.0 (Q4_0) | 2.00 | 200 % | 1.00 |", text)
        self.assertIn("| 0.5b | 4 bits | 2 | 1100 | 0.50 | 55 % | 0.001 | 20.0 | 4.0 |", text)

    def test_contexts_sequences_and_mere_loads_have_their_own_tables(self):
        text = self.tables(ours("long", "Q4", 2, 800, 80, prompt=8192), theirs("long", "long-Q4_0.gguf", 2, 400, n_prompt=8192),
                           theirs("long", "long-Q4_0.gguf", 2, 40, n_gen=32, n_depth=8192), ours("0.5b", "Q8", 2, 300, 20, prompt=128),
                           ours("0.5b", "Q8", 2, 310, 130, prompt=128, sequences=16), ours("gemma-2-2b", "Q4", 2, 0, 0))
        self.assertIn("| 8192 | 4 bits | 800 | 400 | 2.00 | 80.0 | 40.0 | 2.00 |", text)
        self.assertIn("| 8 bits | 16 | 130.0 | 6.50 |", text)
        self.assertIn("| gemma-2-2b | 4 bits | 2 | 1100 | 0.50 |", text)
        self.assertNotIn("llama.cpp, its best at any", text)


class Written(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.document = pathlib.Path(folder.name) / "benchmarks.md"

    def write(self, name, table):
        return subprocess.run([sys.executable, "-B", TOP / "bench/write_table.py", self.document, name, f"./dev bench {name}"], input=table,
                              capture_output=True, text=True)

    def test_what_stood_between_the_marks_is_replaced_and_nothing_else(self):
        self.document.write_text("# Top\n<!-- a -->\nold\n<!-- end of a -->\nby hand\n<!-- b -->\n<!-- end of b -->\n")
        self.assertEqual(self.write("a", "| x |\n|---|\n| 1 |\n").returncode, 0)
        self.assertEqual(self.write("b", "one 1\n").returncode, 0)
        text = self.document.read_text()
        self.assertNotIn("old", text)
        self.assertRegex(text, r"(?s)^# Top\n<!-- a -->\n\n`\./dev bench a`, \d+ cores of .+, commit .+; \d{4}-\d\d-\d\d\.\n\n\| x \|\n\|---\|\n\| 1 \|\n\n"
                               r"<!-- end of a -->\nby hand\n<!-- b -->\n\n.+\n\n```text\none 1\n```\n\n<!-- end of b -->\n$")
        self.write("a", "| y |\n|---|\n")
        self.assertEqual(len(re.findall(r"\./dev bench a", self.document.read_text())), 1)

    def test_without_marks_or_a_table_the_document_stays(self):
        self.document.write_text("# Top\n<!-- a -->\n<!-- end of a -->\n")
        for name, table in (("b", "| x |\n"), ("a", "\n")):
            self.assertEqual(self.write(name, table).returncode, 1)
        self.assertEqual(self.document.read_text(), "# Top\n<!-- a -->\n<!-- end of a -->\n")

    def test_each_table_of_the_benchmarks_has_its_marks(self):
        names = re.search(r"bench_tables=\(([^)]*)\)", (TOP / "tools/bench.sh").read_text()).group(1).split()
        text = (TOP / "docs/benchmarks.md").read_text()
        self.assertTrue(names)
        for name in names:
            self.assertEqual((text.count(f"<!-- {name} -->\n"), text.count(f"<!-- end of {name} -->\n")), (1, 1), name)


if __name__ == "__main__":
    unittest.main()
