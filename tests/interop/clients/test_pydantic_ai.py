"""pydantic-ai."""
import asyncio
import enum

import pydantic
import pytest
from pydantic_ai import Agent, NativeOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings


class Town(enum.Enum):
    bonn = "Bonn"
    zurich = "Zürich"


class Trip(pydantic.BaseModel):
    """A trip to a town."""

    town: Town
    days: int


def agent(server, kind=OpenAIChatModel, **more):
    return Agent(kind(server.name, provider=OpenAIProvider(base_url=server.openai, api_key="unused")),
                 model_settings=ModelSettings(temperature=0, max_tokens=200, timeout=300, parallel_tool_calls=False), retries=0, **more)


@pytest.mark.parametrize("kind", [OpenAIChatModel, OpenAIResponsesModel])
def test_answers_and_streams(chat, kind):
    whole = agent(chat, kind).run_sync("What is the capital of France?")
    assert whole.output == "The capital of France is Paris."
    assert (whole.usage.input_tokens, whole.usage.output_tokens) == (37, 8)

    async def stream():
        async with agent(chat, kind).run_stream("What is the capital of France?") as result:
            return "".join([piece async for piece in result.stream_text(delta=True, debounce_by=None)])

    assert asyncio.run(stream()) == whole.output


@pytest.mark.parametrize("form", [NativeOutput, ToolOutput])
def test_structured_output(chat, form):
    assert isinstance(agent(chat, output_type=form(Trip)).run_sync("Plan a trip to Bonn of 3 days.").output, Trip)


@pytest.mark.parametrize("kind", [OpenAIChatModel, OpenAIResponsesModel])
def test_a_tool_runs_to_the_end(caller, kind):
    seen = []
    one = agent(caller, kind)

    @one.tool_plain
    def get_weather(city: str, days: int) -> str:
        """The weather of a city."""
        seen.append((city, days))
        return "sunny"

    result = one.run_sync("Weather?")
    assert result.output == "It is sunny in Zürich." and seen == [("Zürich", 2)]
    assert result.usage.requests == 2 and result.usage.tool_calls == 1
