"""LangChain for Python."""
import enum
import math

import pydantic
import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

seen = []


@tool
def get_weather(city: str, days: int) -> str:
    """The weather of a city."""
    seen.append((city, days))
    return "sunny"


class Town(enum.Enum):
    bonn = "Bonn"
    zurich = "Zürich"


class Trip(pydantic.BaseModel):
    """A trip to a town."""

    town: Town
    days: int = pydantic.Field(ge=1, le=9)


def model(server, **more):
    return ChatOpenAI(model=server.name, base_url=server.openai, api_key="unused", temperature=0, max_retries=0, timeout=300, **more)


def test_answers_streams_and_counts(chat):
    messages = [SystemMessage("Be short."), HumanMessage("What is the capital of France?")]
    answer = model(chat, max_tokens=40).invoke(messages)
    assert "Paris" in answer.content
    assert answer.usage_metadata["total_tokens"] == answer.usage_metadata["input_tokens"] + answer.usage_metadata["output_tokens"] > 0
    pieces = list(model(chat, max_tokens=40, stream_usage=True).stream(messages))
    assert "".join(piece.content for piece in pieces) == answer.content
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    assert whole.usage_metadata["output_tokens"] == answer.usage_metadata["output_tokens"]
    assert [each.content for each in model(chat, max_tokens=40).batch([messages, messages])] == [answer.content] * 2


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_with_structured_output(chat, method):
    trip = model(chat, max_tokens=200).with_structured_output(Trip, method=method).invoke("Plan a trip to Bonn of 3 days.")
    assert isinstance(trip, Trip)


def test_json_mode(chat):
    question = 'Answer with a JSON object: {"town": the capital of France}'
    answer = model(chat, max_tokens=100).with_structured_output(None, method="json_mode").invoke(question)
    assert isinstance(answer, dict) and "Paris" in answer.values()


def test_bind_tools(chat, caller):
    first = model(caller).bind_tools([get_weather]).invoke("Weather?")
    assert [(call["name"], call["args"]) for call in first.tool_calls] == [("get_weather", {"city": "Zürich", "days": 2})]
    result = get_weather.invoke(first.tool_calls[0])
    assert isinstance(result, ToolMessage)
    assert model(caller).bind_tools([get_weather]).invoke([HumanMessage("Weather?"), first, result]).content == "It is sunny in Zürich."

    whole = None
    for piece in model(caller).bind_tools([get_weather]).stream("Weather?"):
        whole = piece if whole is None else whole + piece
    assert whole.tool_calls[0]["args"] == first.tool_calls[0]["args"]

    forced = model(chat, max_tokens=200).bind_tools([get_weather], tool_choice="get_weather").invoke("How is the weather in Bonn for 3 days?")
    assert isinstance(forced.tool_calls[0]["args"]["days"], int) and not forced.invalid_tool_calls


def test_an_agent_runs_to_the_end(caller):
    seen.clear()
    ended = create_agent(model(caller), [get_weather]).invoke({"messages": [HumanMessage("Weather?")]})
    assert seen == [("Zürich", 2)] and ended["messages"][-1].content == "It is sunny in Zürich."


def test_over_the_responses_api(chat, caller):
    answer = model(chat, use_responses_api=True, max_tokens=40).invoke("What is the capital of France?")
    assert answer.text == "The capital of France is Paris."
    assert "".join(piece.text for piece in model(chat, use_responses_api=True, max_tokens=40).stream("What is the capital of France?")) == answer.text
    seen.clear()
    ended = create_agent(model(caller, use_responses_api=True), [get_weather]).invoke({"messages": [HumanMessage("Weather?")]})
    assert seen == [("Zürich", 2)] and ended["messages"][-1].text == "It is sunny in Zürich."


def test_embeds(chat):
    # Unless told otherwise the library sends ids of OpenAI's own tokenizer, which no other model knows.
    embeddings = OpenAIEmbeddings(model="smol", base_url=chat.openai, api_key="unused", max_retries=0, check_embedding_ctx_length=False)
    one, two = embeddings.embed_documents(["a cat", "bread"])
    assert len(one) == len(two) == 576 and math.hypot(*one) == pytest.approx(1, abs=1e-5)
    assert embeddings.embed_query("a cat") == pytest.approx(one, abs=1e-5)
