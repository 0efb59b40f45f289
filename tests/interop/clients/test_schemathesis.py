"""schemathesis over the running server's own description: what it makes up by the description's schemas, and against them."""
import json
import pathlib
import subprocess
import sys
import urllib.request

import pytest

from server import Server

HERE = pathlib.Path(__file__).parent
# Answers that no made-up request can win from a server that is offline, and why.
NEVER_WON = {"POST /api/models": "the folders and repositories are not there", "POST /api/models/preview": "there is no Hub",
             "GET /api/hub/search": "there is no Hub", "POST /api/models/{id}/cancel": "nothing is being downloaded"}
LENGTHS = {"max_tokens", "max_completion_tokens", "max_output_tokens", "num_predict"}


def narrowed(value, model: str):
    """The description for the model that is loaded and for short answers: else all requests would end at an unknown name."""
    if isinstance(value, list):
        return [narrowed(each, model) for each in value]
    if not isinstance(value, dict):
        return value
    value = {name: narrowed(each, model) for name, each in value.items()}
    properties = value.get("properties")
    if isinstance(properties, dict):
        if "model" in properties:
            properties["model"] = {"const": model}
        for name in LENGTHS & properties.keys():
            properties[name] = properties[name] | {"maximum": 20}
    return value


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    server = Server(HERE.parents[1] / "fixtures/tool-caller", "caller")
    yield server
    server.stop()


def answered(events: pathlib.Path):
    """(operation, status) of each answer; other methods that were tried on its path are left out."""
    for line in events.read_text().splitlines():
        for event in json.loads(line).values():
            recorder = event.get("recorder") if isinstance(event, dict) else None
            for interaction in (recorder or {}).get("interactions", {}).values():
                if interaction.get("response") and interaction["request"]["method"] == recorder["label"].split()[0]:
                    yield recorder["label"], interaction["response"]["status_code"]


def test_the_answers_are_as_described(own, tmp_path):
    with urllib.request.urlopen(own.url + "/openapi.json") as answer:
        document = json.load(answer)
    requests = {name: narrowed(schema, own.name) for name, schema in document["components"]["schemas"].items() if name.endswith("Request")}
    document["components"]["schemas"] |= requests
    document["paths"]["/v1/models/{id}"]["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"const": own.name}}]
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                operation["requestBody"] = narrowed(operation["requestBody"], own.name)
    description, events = tmp_path / "openapi.json", tmp_path / "events.ndjson"
    description.write_text(json.dumps(document))
    ran = subprocess.run([sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run", str(description), "--url", own.url,
                          "--no-color", "--report", "ndjson", "--report-ndjson-path", str(events)], cwd=tmp_path, capture_output=True, text=True, timeout=1800)
    print(ran.stdout[-20000:])
    assert ran.returncode == 0, ran.stdout[-20000:] + ran.stderr[-2000:]
    assert own.alive()

    asked = list(answered(events))
    won = {operation for operation, status in asked if status < 300}
    assert {operation for operation, _ in asked} - won == set(NEVER_WON)
    assert len(asked) > 1000
