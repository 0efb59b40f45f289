#!/usr/bin/env python3
"""Brings resources/translations up to date with the texts of the sources; with --into FOLDER copies that are looked at instead."""
import argparse
import pathlib
import shutil
import subprocess

root = pathlib.Path(__file__).resolve().parent.parent
home = root / "resources" / "translations"
# English needs a translation only where a number decides the words.
only_plurals = ["millm_en.ts"]


def update(lupdate: str, folder: pathlib.Path) -> None:
    for path in sorted(home.glob("*.ts")):
        copy = folder / path.name
        if copy != path:
            shutil.copy(path, copy)
        options = ["-pluralonly"] if path.name in only_plurals else []
        subprocess.run(
            [lupdate, "-silent", "-no-obsolete", "-locations", "none", "-I", ".", *options, "qml", "ui", "app", "-ts", str(copy)],
            cwd=root, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lupdate", default="lupdate")
    parser.add_argument("--into", type=pathlib.Path, default=home)
    arguments = parser.parse_args()
    update(arguments.lupdate, arguments.into)
