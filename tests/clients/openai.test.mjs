// The official client, unchanged, against /v1.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { startServer, until } from "./server.mjs";

let server, client;
const messages = [{ role: "user", content: "Tell me about the sea." }];
const chat = { model: "sample", messages, temperature: 0, max_tokens: 12 };

before(async () => {
  server = await startServer("--load", "sample");
  client = new OpenAI({ baseURL: server.url + "/v1", apiKey: "unused", maxRetries: 0 });
});
after(() => server.stop());

test("lists and retrieves the model", async () => {
  const models = await client.models.list();
  assert.deepEqual(models.data.map((model) => model.id), ["sample"]);
  assert.equal((await client.models.retrieve("sample")).owned_by, "miLLM");
  await assert.rejects(client.models.retrieve("other"), OpenAI.NotFoundError);
});

test("completes a chat", async () => {
  const answer = await client.chat.completions.create(chat);
  assert.equal(answer.choices[0].message.role, "assistant");
  assert.ok(answer.choices[0].message.content.length > 0);
  assert.ok(["stop", "length"].includes(answer.choices[0].finish_reason));
  assert.equal(answer.usage.total_tokens, answer.usage.prompt_tokens + answer.usage.completion_tokens);
});

test("streams a chat with usage", async () => {
  const whole = await client.chat.completions.create(chat);
  let text = "", finish = null, usage = null;
  for await (const chunk of await client.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } })) {
    text += chunk.choices[0]?.delta?.content ?? "";
    finish = chunk.choices[0]?.finish_reason ?? finish;
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, whole.choices[0].message.content);
  assert.equal(finish, whole.choices[0].finish_reason);
  assert.deepEqual(usage, whole.usage);
});

test("serves the client's own stream helper", async () => {
  const whole = await client.chat.completions.create({ ...chat, n: 1 });
  const stream = client.chat.completions.stream({ ...chat, logprobs: true, top_logprobs: 2 });
  assert.equal(await stream.finalContent(), whole.choices[0].message.content);
  const final = await stream.finalChatCompletion();
  assert.ok(final.choices[0].logprobs.content.every((token) => token.top_logprobs.length === 2 && Array.isArray(token.bytes)));
});

test("makes choices, from parts of text, with a seed", async () => {
  const asked = { ...chat, messages: [{ role: "user", content: [{ type: "text", text: "Tell me about the sea." }] }], n: 3, seed: 3, temperature: 1.2 };
  const first = await client.chat.completions.create(asked);
  const second = await client.chat.completions.create(asked);
  assert.equal(first.choices.length, 3);
  assert.deepEqual(first.choices.map((c) => c.message.content), second.choices.map((c) => c.message.content));
});

test("completes texts and token ids, with echo and scores", async () => {
  const plain = await client.completions.create({ model: "sample", prompt: "The little dog", temperature: 0, max_tokens: 6 });
  assert.equal(plain.object, "text_completion");
  const many = await client.completions.create({ model: "sample", prompt: ["The little dog", "Once upon"], temperature: 0, max_tokens: 6 });
  assert.deepEqual(many.choices.map((c) => c.index), [0, 1]);
  assert.equal(many.choices[0].text, plain.choices[0].text);
  const scored = await client.completions.create({ model: "sample", prompt: [5, 6, 7, 8], echo: true, logprobs: 1, max_tokens: 1, temperature: 0 });
  const scores = scored.choices[0].logprobs;
  assert.equal(scores.tokens.length, 5);
  assert.equal(scores.token_logprobs[0], null);
  assert.ok(scores.token_logprobs.slice(1).every((value) => value <= 0));
  let text = "";
  for await (const piece of await client.completions.create({ model: "sample", prompt: "The little dog", temperature: 0, max_tokens: 6, stream: true })) {
    text += piece.choices[0].text;
  }
  assert.equal(text, plain.choices[0].text);
});

test("makes embeddings, of texts and token ids", async () => {
  // The client asks for base64 by itself, and decodes it.
  const [packed, plain] = await Promise.all(["base64", "float"].map((form) =>
    client.embeddings.create({ model: "sample", input: ["The little dog", "Once upon"], ...(form === "float" && { encoding_format: form }) })));
  assert.deepEqual(packed.data.map((entry) => entry.index), [0, 1]);
  assert.deepEqual(packed.data.map((entry) => entry.embedding.map(Math.fround)), plain.data.map((entry) => entry.embedding.map(Math.fround)));
  assert.ok(Math.abs(Math.hypot(...plain.data[0].embedding) - 1) < 1e-5);
  const ids = await client.embeddings.create({ model: "sample", input: [5, 6, 7], dimensions: 4 });
  assert.equal(ids.data[0].embedding.length, 4);
  assert.equal(ids.usage.prompt_tokens, 3);
});

test("raises the client's own errors", async () => {
  await assert.rejects(client.chat.completions.create({ ...chat, model: "gpt-4" }), (error) => error instanceof OpenAI.NotFoundError && error.code === "model_not_found");
  await assert.rejects(client.chat.completions.create({ ...chat, temperature: 5 }), (error) => error instanceof OpenAI.BadRequestError && error.param === "temperature");
  await assert.rejects(client.chat.completions.create({ ...chat, tool_choice: "required" }), (error) => error.status === 400 && error.param === "tool_choice");
  const long = [{ role: "user", content: "word ".repeat(20000) }];
  await assert.rejects(client.chat.completions.create({ ...chat, messages: long }), (error) => error.code === "context_length_exceeded");
  await assert.rejects(client.chat.completions.create({ ...chat, messages: long, stream: true }), (error) => error.status === 400);
});

test("ends a generation whose stream is broken off", async () => {
  const stream = await client.completions.create({ model: "sample", prompt: "Once upon a time", max_tokens: 100000, ignore_eos: true, stream: true });
  let pieces = 0;
  for await (const piece of stream) {
    assert.ok(piece.choices.length);
    if (++pieces === 3) break;  // the client closes the connection
  }
  await until(async () => (await server.call("GET", "/api/system")).pending_requests === 0);
});

test("answers many at once", async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => client.chat.completions.create(chat)));
  assert.equal(new Set(answers.map((answer) => answer.choices[0].message.content)).size, 1);
});

test("wants the key where there is one", async () => {
  const guarded = await startServer("--api-key", "s3cret");
  try {
    const stranger = new OpenAI({ baseURL: guarded.url + "/v1", apiKey: "wrong", maxRetries: 0 });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
    const friend = new OpenAI({ baseURL: guarded.url + "/v1", apiKey: "s3cret", maxRetries: 0 });
    assert.deepEqual((await friend.models.list()).data, []);
    await assert.rejects(friend.chat.completions.create(chat), (error) => error.status === 503 && error.code === "model_not_loaded");
  } finally {
    await guarded.stop();
  }
});

/// What a page of `origin` may do: a browser asks first, sends only what it is allowed to, and shows the answer only then.
function browser(origin) {
  const simple = new Set(["accept", "accept-language", "content-language"]);
  return async (url, init) => {
    const asked = [...new Headers(init.headers).keys()].filter((name) => !simple.has(name)).sort();
    const ask = { origin, "access-control-request-method": init.method, "access-control-request-headers": asked.join(",") };
    const preflight = await fetch(url, { method: "OPTIONS", headers: ask });
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").split(",").map((name) => name.trim());
    if (preflight.headers.get("access-control-allow-origin") !== origin) throw new Error("the origin is not allowed");
    for (const name of asked) if (!allowed.includes(name)) throw new Error(`the header ${name} is not allowed`);
    const headers = new Headers(init.headers);
    headers.set("origin", origin);
    const answer = await fetch(url, { ...init, headers });
    if (answer.headers.get("access-control-allow-origin") !== origin) throw new Error("the answer may not be read");
    return answer;
  };
}

test("works from a page of a configured origin, and of no other", async () => {
  const guarded = await startServer("--api-key", "s3cret", "--origin", "https://app.example");
  try {
    const from = (origin) => new OpenAI({ baseURL: guarded.url + "/v1", apiKey: "s3cret", maxRetries: 0, fetch: browser(origin) });
    assert.deepEqual((await from("https://app.example").models.list()).data, []);
    await assert.rejects(from("https://app.example").chat.completions.create(chat), (error) => error.code === "model_not_loaded");
    await assert.rejects(from("https://evil.example").models.list(), (error) => /not allowed/.test(error.cause?.message));
  } finally {
    await guarded.stop();
  }
});

test("calls tools, with the client's own helpers", async () => {
  const caller = await startServer("--load", "caller", "--folder", process.env.MILLM_TOOL_CALLER);
  try {
    const tools = new OpenAI({ baseURL: caller.url + "/v1", apiKey: "unused", maxRetries: 0 });
    const get_weather = { type: "function", function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } } };
    const asked = { model: "caller", messages: [{ role: "user", content: "Weather?" }], temperature: 0 };
    const stream = tools.chat.completions.stream({ ...asked, tools: [get_weather] });
    const streamed = await stream.finalChatCompletion();
    assert.equal(streamed.choices[0].finish_reason, "tool_calls");
    const [call] = streamed.choices[0].message.tool_calls;
    assert.deepEqual(JSON.parse(call.function.arguments), { city: "Zürich", days: 2 });
    // Calls the function and sends its result, until there is an answer.
    const seen = [];
    const run = tools.chat.completions.runTools({
      ...asked,
      tools: [{ type: "function", function: { ...get_weather.function, parse: JSON.parse, function: (given) => { seen.push(given); return "sunny"; } } }],
    });
    assert.equal(await run.finalContent(), "It is sunny in Zürich.");
    assert.deepEqual(seen, [{ city: "Zürich", days: 2 }]);

    // The same by the Responses API, whole and in a stream.
    const flat = [{ type: "function", ...get_weather.function }];
    const first = await tools.responses.create({ model: "caller", input: "Weather?", tools: flat, temperature: 0 });
    assert.deepEqual(first.output.map((item) => item.type), ["reasoning", "function_call"]);
    assert.equal(first.status, "completed");
    assert.ok(first.usage.output_tokens > 0);
    const asking = [{ role: "user", content: "Weather?" }, ...first.output, { type: "function_call_output", call_id: first.output[1].call_id, output: "sunny" }];
    assert.equal((await tools.responses.create({ model: "caller", input: asking, tools: flat, temperature: 0 })).output_text, "It is sunny in Zürich.");
    const events = [];
    const told = tools.responses.stream({ model: "caller", input: "Weather?", tools: flat, temperature: 0 });
    for await (const event of told) events.push(event.type);
    const final = await told.finalResponse();
    assert.deepEqual(JSON.parse(final.output[1].arguments), { city: "Zürich", days: 2 });
    assert.equal(events[0], "response.created");
    assert.equal(events.at(-1), "response.completed");
    assert.ok(events.includes("response.reasoning_text.delta") && events.includes("response.function_call_arguments.delta"));
    await assert.rejects(tools.responses.create({ model: "caller", input: "x", previous_response_id: "resp_1" }), OpenAI.BadRequestError);
  } finally {
    await caller.stop();
  }
});

const Animal = z.object({ name: z.enum(["Rex", "Mia"]), legs: z.number().int().min(2).max(8), kind: z.union([z.literal("dog"), z.null()]) });

test("parses answers of a schema", async () => {
  const answer = await client.chat.completions.parse({ ...chat, max_tokens: 200, response_format: zodResponseFormat(Animal, "animal") });
  const animal = answer.choices[0].message.parsed;
  assert.deepEqual(Object.keys(animal), ["name", "legs", "kind"]);
  assert.ok(Animal.safeParse(animal).success);
  const stream = client.chat.completions.stream({ ...chat, max_tokens: 200, response_format: zodResponseFormat(Animal, "animal") });
  assert.deepEqual((await stream.finalChatCompletion()).choices[0].message.parsed, animal);
  const responses = await client.responses.parse({ model: "sample", input: "Tell me about the sea.", temperature: 0, text: { format: zodTextFormat(Animal, "animal") } });
  assert.ok(Animal.safeParse(responses.output_parsed).success);
});

test("is held to a call", async () => {
  const tool = { type: "function", function: { name: "add_animal", strict: true, parameters: z.toJSONSchema(Animal) } };
  for (const tool_choice of ["required", { type: "function", function: { name: "add_animal" } }]) {
    const answer = await client.chat.completions.create({ ...chat, max_tokens: 400, tools: [tool], tool_choice, parallel_tool_calls: false });
    const [call] = answer.choices[0].message.tool_calls;
    assert.equal(call.function.name, "add_animal");
    assert.ok(Animal.safeParse(JSON.parse(call.function.arguments)).success);
  }
});
