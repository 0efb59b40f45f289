#!/usr/bin/env python3
"""The translations say all that the sources say, with the same places for numbers and names."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

top = pathlib.Path(__file__).resolve().parents[2]
home = top / "resources" / "translations"
mend = "run `./dev build update_translations`, then translate what is unfinished in resources/translations"
lupdate = "lupdate"


def places(text: str) -> list[str]:
    return sorted(re.findall(r"%L?[1-9n]", text))


def problems(path: pathlib.Path) -> list[str]:
    found = []
    for context in ElementTree.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            source, translation = message.findtext("source"), message.find("translation")
            numbered = message.get("numerus") == "yes"
            forms = [form.text or "" for form in translation.iter("numerusform")] if numbered else [translation.text or ""]
            where = f"{path.name}: {context.findtext('name')}: {source!r}"
            if translation.get("type") or not all(forms):
                found.append(f"{where} is {translation.get('type') or 'empty'}")
                continue
            if not numbered and re.search(r"%L?n", source):
                found.append(f"{where} has a number, but no plural")
            for at, form in enumerate(forms):
                # "The last one:": a form that stands for one number alone may spell it.
                spelled = numbered and at == 0 and not re.search(r"%L?n", form)
                wanted = [place for place in places(source) if not (spelled and place.endswith("n"))]
                if places(form) != wanted:
                    found.append(f"{where} has other places than {form!r}")
    return found


class Translations(unittest.TestCase):
    def test_nothing_is_missing(self):
        for path in sorted(home.glob("*.ts")):
            self.assertEqual([], problems(path), mend)

    def test_sources_say_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, str(top / "tools" / "update_translations.py"), "--lupdate", lupdate, "--into", folder],
                           check=True)
            for path in sorted(home.glob("*.ts")):
                fresh = pathlib.Path(folder, path.name)
                self.assertEqual([], problems(fresh), mend)
                self.assertEqual(path.read_text("utf-8"), fresh.read_text("utf-8"), mend)

    def test_errors_are_said(self):
        """The sentences that ui/error_words.cpp translates are those that the services write."""
        texts = re.findall(r'"Errors", "((?:[^"\\\\]|\\\\.)*)"', (top / "ui" / "error_words.cpp").read_text("utf-8"))
        self.assertGreater(len(texts), 30)
        written = "".join(path.read_text("utf-8") for folder in ("core", "app") for path in sorted((top / folder).rglob("*.cpp")))
        written = re.sub(r'"\s*"', "", written)  # literals of several lines
        begins = {"Download failed: %1": "Download failed: ", "The Hub cannot be searched: %1": "The Hub cannot be searched: "}
        self.assertEqual([], [text for text in texts if f'"{begins.get(text, text)}"' not in written])

    def test_faults_are_found(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "millm_xx.ts")
            path.write_text("""<TS><context><name>A</name>
                <message><source>%1 of %2</source><translation>%1</translation></message>
                <message><source>Load</source><translation type="unfinished"></translation></message>
                <message numerus="yes"><source>%n models</source>
                    <translation><numerusform>one</numerusform><numerusform>many</numerusform></translation></message>
            </context></TS>""", "utf-8")
            self.assertEqual(3, len(problems(path)), problems(path))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        lupdate = sys.argv.pop(1)
    unittest.main()
