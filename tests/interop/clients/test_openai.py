"""OpenAI's own library."""
import base64
import enum
import json
import math
import struct

import openai
import pydantic
import pytest

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


class Weather(pydantic.BaseModel):
    """of a city"""

    city: str
    days: int


class Mood(enum.Enum):
    good = "good"
    bad = "bad"


class Review(pydantic.BaseModel):
    mood: Mood
    stars: int = pydantic.Field(ge=1, le=5)
    again: bool
    words: list[Mood] = pydantic.Field(max_length=2)


TOOL = openai.pydantic_function_tool(Weather, name="get_weather")


def client(server):
    return openai.OpenAI(base_url=server.openai, api_key="unused", max_retries=0, timeout=300)


def test_models(chat):
    assert [model.id for model in client(chat).models.list()] == ["smol"]
    assert client(chat).models.retrieve("smol").id == "smol"
    with pytest.raises(openai.NotFoundError):
        client(chat).models.retrieve("nobody")


def test_chat_and_its_stream_say_the_same(chat):
    request = {"model": "smol", "messages": QUESTION, "temperature": 0, "max_tokens": 40}
    whole = client(chat).chat.completions.create(**request)
    assert whole.choices[0].message.content == "The capital of France is Paris."
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage.prompt_tokens == 37 and whole.usage.completion_tokens == 8 and whole.usage.total_tokens == 45

    text, usage, reasons = "", None, []
    for chunk in client(chat).chat.completions.create(**request, stream=True, stream_options={"include_usage": True}):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            reasons.append(choice.finish_reason)
    assert text == whole.choices[0].message.content
    assert [reason for reason in reasons if reason] == ["stop"]
    assert (usage.prompt_tokens, usage.completion_tokens) == (37, 8)


async def ask(server):
    async with openai.AsyncOpenAI(base_url=server.openai, api_key="unused", max_retries=0) as each:
        answer = await each.chat.completions.create(model="smol", messages=QUESTION, temperature=0, max_tokens=40)
        return answer.choices[0].message.content


def test_many_at_once(chat):
    import asyncio

    async def all_of_them():
        return await asyncio.gather(*(ask(chat) for _ in range(8)))

    assert asyncio.run(all_of_them()) == ["The capital of France is Paris."] * 8


def test_stream_helper_gathers_the_answer(chat):
    request = {"model": "smol", "messages": QUESTION, "temperature": 0, "max_tokens": 40}
    with client(chat).chat.completions.stream(**request) as stream:
        pieces = [event.delta for event in stream if event.type == "content.delta"]
        final = stream.get_final_completion()
    assert "".join(pieces) == final.choices[0].message.content == "The capital of France is Paris."


def test_choices_logprobs_seed_and_stop(chat):
    answer = client(chat).chat.completions.create(model="smol", messages=QUESTION, temperature=1, seed=7, n=3, max_tokens=6, logprobs=True, top_logprobs=2)
    again = client(chat).chat.completions.create(model="smol", messages=QUESTION, temperature=1, seed=7, n=3, max_tokens=6)
    assert [choice.message.content for choice in again.choices] == [choice.message.content for choice in answer.choices]
    for choice in answer.choices:
        assert "".join(each.token for each in choice.logprobs.content).startswith(choice.message.content)
        for each in choice.logprobs.content:
            assert each.logprob <= 0 and len(each.top_logprobs) == 2
            assert each.top_logprobs[0].logprob >= each.top_logprobs[1].logprob
    stopped = client(chat).chat.completions.create(model="smol", messages=QUESTION, temperature=0, stop=[" France"], max_tokens=40)
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("The capital of", "stop")
    cut = client(chat).chat.completions.create(model="smol", messages=QUESTION, temperature=0, max_completion_tokens=3)
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == ("The capital of", "length")


def test_parse(chat):
    parsed = client(chat).chat.completions.parse(model="smol", messages=[{"role": "user", "content": "Review a film as JSON."}], response_format=Review,
                                                 temperature=0, max_tokens=200)
    review = parsed.choices[0].message.parsed
    assert isinstance(review, Review)
    with client(chat).chat.completions.stream(model="smol", messages=[{"role": "user", "content": "Review a film as JSON."}], response_format=Review,
                                              temperature=0, max_tokens=200) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.parsed == review


def test_parse_of_a_cut_answer_says_so(chat):
    with pytest.raises(openai.LengthFinishReasonError):
        client(chat).chat.completions.parse(model="smol", messages=QUESTION, response_format=Review, max_tokens=3)


def test_a_required_tool_has_arguments_by_its_schema(chat):
    for choice in ("required", {"type": "function", "function": {"name": "get_weather"}}):
        parsed = client(chat).chat.completions.parse(model="smol", messages=[{"role": "user", "content": "How is the weather in Bonn for 3 days?"}],
                                                     tools=[TOOL], tool_choice=choice, parallel_tool_calls=False, temperature=0, max_tokens=200)
        call, = parsed.choices[0].message.tool_calls
        assert call.function.name == "get_weather" and isinstance(call.function.parsed_arguments, Weather)
        if choice == "required":
            assert parsed.choices[0].finish_reason == "tool_calls"


def test_tools_to_the_end(caller):
    messages = [{"role": "user", "content": "Weather?"}]
    request = {"model": "caller", "tools": [TOOL], "temperature": 0}
    first = client(caller).chat.completions.create(messages=messages, **request)
    message = first.choices[0].message
    call, = message.tool_calls
    assert first.choices[0].finish_reason == "tool_calls" and json.loads(call.function.arguments) == {"city": "Zürich", "days": 2}
    assert message.content in (None, "") and message.reasoning_content == "I need the weather."

    with client(caller).chat.completions.stream(messages=messages, **request) as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        streamed = stream.get_final_completion().choices[0].message
    assert [event.parsed_arguments for event in done] == [Weather(city="Zürich", days=2)]
    assert streamed.tool_calls[0].function.arguments == call.function.arguments

    messages += [message.model_dump(exclude_none=True), {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    assert client(caller).chat.completions.create(messages=messages, **request).choices[0].message.content == "It is sunny in Zürich."


def test_completions(chat):
    request = {"model": "smol", "prompt": ["The capital of France is", "One, two, three,"], "temperature": 0, "max_tokens": 5}
    whole = client(chat).completions.create(**request)
    assert [choice.index for choice in whole.choices] == [0, 1]
    assert whole.choices[0].text.startswith(" Paris") and whole.usage.completion_tokens == 10
    texts = ["", ""]
    for chunk in client(chat).completions.create(**request, stream=True):
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert texts == [choice.text for choice in whole.choices]
    scored = client(chat).completions.create(model="smol", prompt="The capital of France is Paris", echo=True, logprobs=1, max_tokens=0, temperature=0)
    logprobs = scored.choices[0].logprobs
    assert logprobs.token_logprobs[0] is None and all(value < 0 for value in logprobs.token_logprobs[1:])
    assert "".join(logprobs.tokens) == scored.choices[0].text == "The capital of France is Paris"


def test_responses(chat):
    request = {"model": "smol", "input": "What is the capital of France?", "temperature": 0, "max_output_tokens": 40}
    whole = client(chat).responses.create(**request)
    assert whole.output_text == "The capital of France is Paris." and whole.status == "completed"
    assert (whole.usage.input_tokens, whole.usage.output_tokens) == (37, 8)
    with client(chat).responses.stream(**request) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert text == stream.get_final_response().output_text == whole.output_text
    review = client(chat).responses.parse(model="smol", input="Review a film as JSON.", text_format=Review, temperature=0, max_output_tokens=200)
    assert isinstance(review.output_parsed, Review)
    short = client(chat).responses.create(model="smol", input="Tell a long story.", max_output_tokens=16, instructions="Be wordy.")
    assert (short.status, short.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_responses_run_tools(caller):
    tool = openai.pydantic_function_tool(Weather, name="get_weather")["function"] | {"type": "function"}
    given = [{"role": "user", "content": "Weather?"}]
    first = client(caller).responses.create(model="caller", input=given, tools=[tool], temperature=0)
    call, = [item for item in first.output if item.type == "function_call"]
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Zürich", "days": 2})
    given += [item.model_dump(exclude_none=True) for item in first.output] + [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}]
    assert client(caller).responses.create(model="caller", input=given, tools=[tool], temperature=0).output_text == "It is sunny in Zürich."


def test_embeddings(chat):
    # The library asks for base64 unless told otherwise.
    vectors = [each.embedding for each in client(chat).embeddings.create(model="smol", input=["a cat", "a cat", "bread"]).data]
    assert len(vectors[0]) == 576 and vectors[0] == pytest.approx(vectors[1], abs=1e-6) and vectors[0] != pytest.approx(vectors[2], abs=1e-2)
    assert math.hypot(*vectors[0]) == pytest.approx(1, abs=1e-5)
    plain = client(chat).embeddings.create(model="smol", input="a cat", encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(vectors[0], abs=1e-5) and plain.usage.prompt_tokens > 0
    raw = client(chat).embeddings.with_raw_response.create(model="smol", input="a cat", encoding_format="base64", dimensions=8)
    packed = base64.b64decode(json.loads(raw.text)["data"][0]["embedding"])
    assert len(struct.unpack("<8f", packed)) == 8


def test_errors_are_the_librarys_own(chat):
    for wrong, error in ((lambda: client(chat).chat.completions.create(model="nobody", messages=QUESTION), openai.NotFoundError),
                         (lambda: client(chat).chat.completions.create(model="smol", messages=QUESTION, temperature=9), openai.BadRequestError),
                         (lambda: client(chat).chat.completions.create(model="smol", messages=[{"role": "user", "content": "word " * 9000}]),
                          openai.BadRequestError)):
        with pytest.raises(error) as raised:
            wrong()
        assert raised.value.body["message"] and raised.value.request_id
