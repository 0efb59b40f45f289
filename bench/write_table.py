#!/usr/bin/env python3
"""write_table.py DOCUMENT NAME COMMAND   puts what comes from standard input between the marks of NAME in a Markdown document.

The marks are the lines <!-- NAME --> and <!-- end of NAME -->; a document without them is an error, and stays as it is. In front of the table go the
command, the date, the commit and the processor. Text that is no Markdown table is fenced.
"""
import datetime
import os
import pathlib
import re
import subprocess
import sys

LEVELS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16")


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = {key: re.search(rf"^{key}\s*: (.*)$", text, re.M) for key in ("model name", "flags")}
    name = found["model name"].group(1).strip() if found["model name"] else "a processor without a name"
    flags = found["flags"].group(1).split() if found["flags"] else []
    levels = ", ".join(level for level in LEVELS if level in flags)
    return f"{name} ({levels})" if levels else name


def commit(folder):
    def git(*words):
        return subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, check=False).stdout.strip()

    changed = "and what was changed since" if git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs") else ""
    return f"{git('rev-parse', '--short', 'HEAD') or 'no commit'} {changed}".strip()


def main():
    document, name, command = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    table = sys.stdin.read().strip("\n")
    if not table:
        sys.exit(f"write_table.py: no table of {name}, {document} stays as it is")
    text = document.read_text()
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"write_table.py: {document} has no marks of {name}, it stays as it is")
    if not table.startswith("|"):
        table = f"```text\n{table}\n```"
    told = f"`{command}`, {os.cpu_count()} cores of {processor()}, commit {commit(document.parent)}; {datetime.date.today()}."
    head, rest = text.split(begin)
    tail = rest.split(end)[1]
    part = document.with_suffix(".part")
    part.write_text(f"{head}{begin}\n{told}\n\n{table}\n\n{end}{tail}")
    part.replace(document)


if __name__ == "__main__":
    main()
