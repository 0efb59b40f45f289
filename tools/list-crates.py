#!/usr/bin/env python3
"""Writes packaging/crates.txt: the Rust crates inside the tokenizer, with licences and authors, for the package's copyright file.

Run inside the root after a change of Cargo.lock:  ./dev shell tools/list-crates.py
"""
import json
import pathlib
import subprocess

top = pathlib.Path(__file__).resolve().parent.parent
shim = top / "core/engine/tokenizer/shim"
metadata = json.loads(subprocess.check_output(
    ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"], cwd=shim))
used = {node["id"] for node in metadata["resolve"]["nodes"]}
lines = ["# Made by tools/list-crates.py. Crate, version, licence, authors, source."]
for package in sorted(metadata["packages"], key=lambda p: (p["name"], p["version"])):
    if package["id"] not in used or package["source"] is None:
        continue
    authors = ", ".join(a.split(" <")[0] for a in package["authors"]) or f"the {package['name']} authors"
    lines.append(" | ".join([package["name"], package["version"], package["license"] or "see source", authors, package["repository"] or ""]))
(top / "packaging/crates.txt").write_text("\n".join(lines) + "\n")
