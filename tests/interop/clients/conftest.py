"""Two servers: one with a chat model that has learned to talk, one with a model whose every next token is a table."""
import os
import pathlib

import pytest

import chat_model
from server import Server

# No client gets into its head to call home.
os.environ.update(LANGSMITH_TRACING="false", LANGCHAIN_TRACING_V2="false", NO_PROXY="127.0.0.1,localhost", OPENAI_API_KEY="unused")

PROJECT = pathlib.Path(__file__).parents[3]


@pytest.fixture(scope="session")
def chat_folder() -> pathlib.Path:
    folder = pathlib.Path(os.environ["MILLM_CHAT_MODEL"])
    if not folder.exists():
        chat_model.write(folder)
    return folder


@pytest.fixture(scope="session")
def chat(chat_folder):
    server = Server(chat_folder, "smol")
    yield server
    server.stop()


@pytest.fixture(scope="session")
def caller():
    """Greets; with tools it thinks and calls get_weather for Zürich and 2 days; behind the result it answers."""
    server = Server(PROJECT / "tests/fixtures/tool-caller", "caller")
    yield server
    server.stop()
