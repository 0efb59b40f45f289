#!/usr/bin/env python3
"""What the documents say is there: links, commands, options, files; and what must not be in the tree."""
import re
import unittest

import tree

DOCUMENTS = [path for path in tree.files() if path.suffix == ".md" and "fixtures" not in path.parts]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.S)
# Rooms whose files are named in backticks, with the whole path.
ROOMS = {"app", "bench", "cmake", "core", "docs", "packaging", "qml", "resources", "tests", "tools", "ui"}


def text(path):
    return (tree.TOP / path).read_text(encoding="utf-8")


def code(path):
    """Each line of code of a document: fenced blocks and backticks."""
    for block, inline in CODE.findall(text(path)):
        yield from (block or inline).splitlines()


class Documents(unittest.TestCase):
    def test_the_documents_that_must_be(self):
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/architecture.md"):
            self.assertTrue((tree.TOP / name).is_file(), name)

    def test_links_resolve(self):
        broken = []
        for path in DOCUMENTS:
            for link in LINK.findall(text(path)):
                if re.match(r"[a-z]+:|#", link):
                    continue
                if not (tree.TOP / path.parent / link.split("#")[0]).exists():
                    broken.append(f"{path}: {link}")
        self.assertEqual([], broken)

    def test_verbs_of_dev_exist(self):
        usage = re.search(r"usage\(\) \{(.*?)\n\}", text("dev"), re.S).group(1)
        verbs = set(re.findall(r"^  ([a-z]+) ", usage, re.M))
        self.assertIn("run", verbs)
        named = {(str(path), verb) for path in DOCUMENTS for line in code(path) for verb in re.findall(r"\./dev ([a-z]+)", line)}
        self.assertIn(("README.md", "run"), named)
        self.assertEqual([], sorted((path, verb) for path, verb in named if verb not in verbs))

    def test_options_are_the_programs(self):
        table = text("app/command_line.cpp")
        rows = re.findall(r'\{(nullptr|"[a-z-]+"), "([A-Z_]+)",', table)
        self.assertGreater(len(rows), 10)
        options = {option.strip('"') for option, _ in rows} - {"nullptr"} | {"help", "version", "demo", "json"}
        readme = text("README.md")
        missing = [name for option, name in rows if f"`{name}`" not in readme] + \
                  [option for option in options if f"--{option}" not in readme]
        self.assertEqual([], missing, "README.md's table of settings lacks these")
        unknown = {option for path in DOCUMENTS for line in code(path) for option in re.findall(r"\bmillm (?:serve )?(?:inspect [^ ]+ )?--([a-z-]+)", line)} - options
        self.assertEqual(set(), unknown)

    def test_files_named_exist(self):
        missing = []
        for path in DOCUMENTS:
            for line in code(path):
                if re.fullmatch(r"[\w.-]+(/[\w.{},*-]+)+/?", line) and line.split("/")[0] in ROOMS and not re.search(r"[{*]|[A-Z]{3,}", line):
                    if not (tree.TOP / line).exists():
                        missing.append(f"{path}: {line}")
        self.assertEqual([], missing)

    def test_the_changelog_is_open(self):
        changelog = text("CHANGELOG.md")
        self.assertRegex(changelog, r"(?m)^## \[Unreleased\]")
        version = re.search(r"project\(millm VERSION ([0-9.]+)", text("CMakeLists.txt")).group(1)
        self.assertRegex(version, r"^\d+\.\d+\.\d+$")


class Tree(unittest.TestCase):
    # Pieces of text that belong to one machine or one registry. Lock files name their registry by their own format.
    FORBIDDEN = re.compile(r"deb\.debian\.org|registry\.npmjs|pypi\.org|pythonhosted\.org|index\.crates\.io|static\.crates\.io"
                           r"|(?<![\w.$}*-])/(work|root)/[\w.]")
    BINARY = {".png", ".svg", ".ttf", ".otf", ".woff2", ".safetensors", ".bin", ".gz", ".pt", ".ico", ".npy"}

    def test_no_machine_and_no_registry_is_named(self):
        found = []
        for path in tree.files():
            if path.suffix in self.BINARY or path.name in ("Cargo.lock", "crates.txt") or "fixtures" in path.parts or path.parts[:2] == ("tests", "architecture"):
                continue
            try:
                for number, line in enumerate(text(path).splitlines(), 1):
                    if self.FORBIDDEN.search(line):
                        found.append(f"{path}:{number}: {line.strip()[:120]}")
            except UnicodeDecodeError:
                continue
        self.assertEqual([], found)

    def test_no_file_is_heavy(self):
        heavy = [f"{path}: {(tree.TOP / path).stat().st_size >> 10} KiB" for path in tree.files()
                 if (tree.TOP / path).stat().st_size > 2 << 20 and "fixtures" not in path.parts and path.parts[0] != "resources"]
        self.assertEqual([], heavy)

    def test_the_repository_is_light(self):
        self.assertLess(sum((tree.TOP / path).stat().st_size for path in tree.files()) >> 20, 44)

    def test_crates_of_the_package_are_those_of_the_lock(self):
        lock = set(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', text("core/engine/tokenizer/shim/Cargo.lock")))
        listed = {tuple(line.split(" | ")[:2]) for line in text("packaging/crates.txt").splitlines() if " | " in line}
        self.assertGreater(len(listed), 20)
        self.assertEqual(set(), listed - lock, "run ./dev shell tools/list-crates.py")
        # The lock also holds crates of other systems.
        self.assertIn(next(pair for pair in lock if pair[0] == "tokenizers"), listed)


if __name__ == "__main__":
    unittest.main()
