"""LlamaIndex, by its class for servers that are like OpenAI's."""
import asyncio
import enum

import pydantic
from llama_index.core import PromptTemplate
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike

seen = []


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
    days: int


def model(server, **more):
    return OpenAILike(model=server.name, api_base=server.openai, api_key="unused", is_chat_model=True, is_function_calling_model=True,
                      temperature=0, max_tokens=200, max_retries=0, timeout=300, **more)


QUESTION = [ChatMessage(role="user", content="What is the capital of France?")]


def test_chats_and_streams(chat):
    answer = model(chat).chat(QUESTION)
    assert answer.message.content == "The capital of France is Paris."
    assert answer.raw.usage.completion_tokens == 8
    assert "".join(piece.delta or "" for piece in model(chat).stream_chat(QUESTION)) == answer.message.content


def test_completes(chat):
    plain = OpenAILike(model="smol", api_base=chat.openai, api_key="unused", is_chat_model=False, temperature=0, max_tokens=5, max_retries=0)
    text = plain.complete("The capital of France is").text
    assert text.startswith(" Paris")
    assert "".join(piece.delta for piece in plain.stream_complete("The capital of France is")) == text


def test_structured_output(chat):
    structured = model(chat, should_use_structured_outputs=True).as_structured_llm(Trip).complete("Plan a trip to Bonn of 3 days.").raw
    assert isinstance(structured, Trip)
    called = model(chat).structured_predict(Trip, PromptTemplate("Plan a trip to Bonn of 3 days."))
    assert isinstance(called, Trip)


def test_an_agent_runs_to_the_end(caller):
    seen.clear()

    async def run():
        return await FunctionAgent(tools=[FunctionTool.from_defaults(get_weather)], llm=model(caller), streaming=True).run("Weather?")

    assert str(asyncio.run(run())) == "It is sunny in Zürich." and seen == [("Zürich", 2)]
    calls = model(caller).get_tool_calls_from_response(model(caller).chat_with_tools([FunctionTool.from_defaults(get_weather)], "Weather?"))
    assert [(call.tool_name, call.tool_kwargs) for call in calls] == [("get_weather", {"city": "Zürich", "days": 2})]
