#!/usr/bin/env python3
"""Reads the includes of every source and fails where an arrow between two layers points the wrong way.

docs/architecture.md draws the same picture for people. A new folder: append a row.
"""
import os
import pathlib
import re
import tempfile
import unittest

import tree

# layer (the longest matching folder wins): the layers, or single files of plain values, that it may include beside itself.
ARROWS = {
    "core/engine": [],
    "core/base": ["core/engine"],
    "core/storage": ["core/base"],
    "core/hub": ["core/base", "core/engine"],
    "core/system": ["core/base", "core/engine"],
    "core/downloads": ["core/base", "core/engine", "core/hub", "core/storage", "core/system", "core/models/model.h"],
    "core/models": ["core/base", "core/engine", "core/hub", "core/storage", "core/system", "core/downloads", "core/inference"],
    "core/conversations": ["core/base", "core/engine", "core/storage"],
    "core/inference": ["core/base", "core/engine", "core/system", "core/models/model.h"],
    "core/server": ["core/base", "core/engine", "core/storage", "core/hub", "core/models", "core/inference", "core/system", "core/downloads"],
    "ui": ["core/base", "core/engine", "core/hub", "core/models", "core/conversations", "core/inference", "core/system", "core/downloads"],
    "qml": ["ui"],
    "app": ["core/base", "core/engine", "core/storage", "core/hub", "core/system", "core/downloads", "core/models", "core/conversations",
            "core/inference", "core/server", "ui", "qml"],
    "tests": None,  # anything
    "bench": None,
}

# A header of a library (as written between < >, or between " "): who may include it. None of these: anybody.
LIBRARIES = [
    (re.compile(r"(torch|ATen|c10|caffe2)/"), {"core/engine", "tests", "bench"}),
    (re.compile(r"cuda|cublas"), {"core/engine", "tests", "bench"}),
    (re.compile(r"Q(HttpServer|WebSocket|TcpServer|AbstractHttpServer)"), {"core/server", "app", "tests", "bench"}),
    (re.compile(r"Qt?(Qml|Quick|JSValue)"), {"ui", "qml", "app", "tests", "bench"}),
    (re.compile(r"QSql"), {"core/storage", "tests", "bench"}),
    # Foreign JSON passes core/engine/input: a value there never throws.
    (re.compile(r"nlohmann/"), {"tests", "bench"}),
    (re.compile(r"Q[A-Z]|Qt"), {layer for layer in ARROWS if layer != "core/engine"}),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
SOURCES = {".h", ".cpp", ".cu", ".cuh"}


def layer_of(path):
    matching = [layer for layer in ARROWS if path.parts[:len(pathlib.Path(layer).parts)] == pathlib.Path(layer).parts]
    return max(matching, key=len, default=None)


def includes(top, path):
    """(project file or None, name as written) of each include of `path`."""
    for _, name in INCLUDE.findall((top / path).read_text(encoding="utf-8")):
        beside = pathlib.Path(os.path.normpath(path.parent / name))
        target = next((p for p in (pathlib.Path(name), beside) if (top / p).is_file()), None)
        yield target, name


def problems(top, paths):
    graph, found = {}, []
    for path in paths:
        if path.suffix not in SOURCES:
            continue
        layer = layer_of(path)
        if layer is None:
            found.append(f"{path}: of no layer; append a row to ARROWS")
            continue
        graph[path] = []
        for target, name in includes(top, path):
            if target is None:
                library = next(((pattern, users) for pattern, users in LIBRARIES if pattern.match(name)), None)
                if library and layer not in library[1]:
                    found.append(f"{path}: {layer} must not include <{name}>")
                continue
            graph[path].append((target, name))
            to = layer_of(target)
            if ARROWS[layer] is not None and to != layer and not {to, str(target)} & set(ARROWS[layer]):
                found.append(f"{path}: {layer} must not include {to} ({name})")
    return found + torch_outside(top, graph)


def torch_outside(top, graph):
    """Torch-free is also what a header brings along: follows the includes of each file outside of the engine."""
    torch = LIBRARIES[0][0]
    direct = {path for path in graph if any(target is None and torch.match(name) for target, name in includes(top, path))}
    found = []
    for start in graph:
        if layer_of(start) in ("core/engine", "tests", "bench"):
            continue
        queue, seen = [start], {start}
        while queue:
            path = queue.pop()
            if path in direct:
                found.append(f"{start}: reaches torch through {path}")
                break
            fresh = [target for target, _ in graph.get(path, []) if target not in seen]
            seen.update(fresh)
            queue.extend(fresh)
    return found


class Layers(unittest.TestCase):
    def test_the_tree(self):
        paths = tree.files()
        self.assertGreater(sum(path.suffix in SOURCES for path in paths), 100, "the sources were not found")
        self.assertEqual([], problems(tree.TOP, paths))

    def check(self, *sources):
        """Problems of a small tree: (path, text) each."""
        with tempfile.TemporaryDirectory() as folder:
            top = pathlib.Path(folder)
            for path, text in sources:
                (top / path).parent.mkdir(parents=True, exist_ok=True)
                (top / path).write_text(text)
            return problems(top, [pathlib.Path(path) for path, _ in sources])

    def test_an_arrow_against_the_direction_is_found(self):
        found = self.check(("core/server/a.cpp", '#include "ui/b.h"\n'), ("ui/b.h", ""))
        self.assertEqual(["core/server/a.cpp: core/server must not include ui (ui/b.h)"], found)

    def test_an_include_beside_the_file_is_followed(self):
        found = self.check(("ui/a.cpp", '#include "../core/server/b.h"\n'), ("core/server/b.h", ""))
        self.assertEqual(1, len(found))

    def test_qt_in_the_engine_is_found(self):
        self.assertEqual(1, len(self.check(("core/engine/a.cpp", "#include <QString>\n"))))
        self.assertEqual(1, len(self.check(("core/engine/a.cpp", "#  include <QtCore/qstring.h>\n"))))

    def test_torch_outside_of_the_engine_is_found(self):
        self.assertEqual(1, len([p for p in self.check(("core/models/a.cpp", "#include <torch/torch.h>\n")) if "must not" in p]))

    def test_a_json_library_that_throws_is_found(self):
        self.assertEqual(1, len(self.check(("core/engine/a.cpp", "#include <nlohmann/json.hpp>\n"))))

    def test_torch_behind_a_header_is_found(self):
        found = self.check(("core/engine/a.h", "#include <ATen/ATen.h>\n"), ("core/models/b.cpp", '#include "core/engine/a.h"\n'))
        self.assertEqual(["core/models/b.cpp: reaches torch through core/engine/a.h"], found)

    def test_a_folder_of_no_layer_is_found(self):
        self.assertEqual(1, len(self.check(("misc/a.cpp", ""))))

    def test_the_allowed_is_allowed(self):
        self.assertEqual([], self.check(("app/a.cpp", '#include "ui/b.h"\n#include <QObject>\n#include <vector>\n'), ("ui/b.h", '#include "core/models/c.h"\n'),
                                        ("core/models/c.h", ""), ("core/engine/d.cpp", "#include <torch/torch.h>\n")))


if __name__ == "__main__":
    unittest.main()
