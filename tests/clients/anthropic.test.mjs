// Anthropic's official client, unchanged, against /v1/messages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { startServer } from "./server.mjs";

let server, client;
const asked = { model: "caller", max_tokens: 64, messages: [{ role: "user", content: "Weather?" }] };
const tools = [{ name: "get_weather", description: "of a city", input_schema: { type: "object", properties: { city: { type: "string" } } } }];

before(async () => {
  server = await startServer("--load", "caller", "--folder", process.env.MILLM_TOOL_CALLER, "--api-key", "secret");
  client = new Anthropic({ baseURL: server.url, apiKey: "secret", maxRetries: 0 });
});
after(() => server.stop());

test("answers", async () => {
  const message = await client.messages.create({ ...asked, system: "Be short." });
  assert.deepEqual(message.content, [{ type: "text", text: "Hello there." }]);
  assert.equal(message.stop_reason, "end_turn");
  assert.ok(message.usage.input_tokens > 0 && message.usage.output_tokens > 0);
});

test("thinks, uses a tool and answers behind its result", async () => {
  const first = await client.messages.create({ ...asked, tools });
  assert.deepEqual(first.content.map((block) => block.type), ["thinking", "tool_use"]);
  assert.equal(first.content[0].thinking, "I need the weather.");
  assert.deepEqual(first.content[1].input, { city: "Zürich", days: 2 });
  assert.equal(first.stop_reason, "tool_use");
  const second = await client.messages.create({
    ...asked,
    tools,
    messages: [...asked.messages, { role: "assistant", content: first.content },
      { role: "user", content: [{ type: "tool_result", tool_use_id: first.content[1].id, content: [{ type: "text", text: "sunny" }] }] }],
  });
  assert.deepEqual(second.content, [{ type: "text", text: "It is sunny in Zürich." }]);
});

test("streams the same", async () => {
  const names = [];
  const stream = client.messages.stream({ ...asked, tools });
  stream.on("streamEvent", (event) => names.push(event.type));
  const message = await stream.finalMessage();
  assert.deepEqual(message.content.map((block) => block.type), ["thinking", "tool_use"]);
  assert.deepEqual(message.content[1].input, { city: "Zürich", days: 2 });
  assert.equal(message.stop_reason, "tool_use");
  assert.equal(names[0], "message_start");
  assert.equal(names.at(-1), "message_stop");
  assert.equal(names.filter((name) => name === "content_block_start").length, names.filter((name) => name === "content_block_stop").length);
});

test("counts tokens, stops at sequences and limits", async () => {
  const { max_tokens, ...counted } = asked;
  const { input_tokens } = await client.messages.countTokens(counted);
  assert.equal(input_tokens, (await client.messages.create(asked)).usage.input_tokens);
  const stopped = await client.messages.create({ ...asked, stop_sequences: ["there"] });
  assert.deepEqual([stopped.stop_reason, stopped.stop_sequence, stopped.content[0].text], ["stop_sequence", "there", "Hello "]);
  assert.equal((await client.messages.create({ ...asked, tools, max_tokens: 1 })).stop_reason, "max_tokens");
});

test("is held to a tool and to a schema", async () => {
  const schema = { type: "object", properties: { city: { enum: ["Bonn"] }, at: { enum: [1, 2] } }, required: ["city", "at"], additionalProperties: false };
  const held = [{ name: "get_weather", input_schema: schema }, { name: "get_time", input_schema: schema }];
  const message = await client.messages.create({ ...asked, max_tokens: 400, tools: held, tool_choice: { type: "tool", name: "get_time", disable_parallel_tool_use: true } });
  const call = message.content.find((block) => block.type === "tool_use");
  assert.equal(call.name, "get_time");
  assert.equal(call.input.city, "Bonn");
  const formed = await client.messages.create({ ...asked, max_tokens: 400, output_config: { format: { type: "json_schema", schema } } });
  assert.equal(JSON.parse(formed.content[0].text).city, "Bonn");
});

test("raises the client's own errors", async () => {
  await assert.rejects(client.messages.create({ ...asked, model: "other" }), Anthropic.NotFoundError);
  await assert.rejects(client.messages.create({ ...asked, temperature: 5 }), Anthropic.BadRequestError);
  await assert.rejects(client.messages.create({ ...asked, tools, tool_choice: { type: "tool", name: "none" } }), Anthropic.BadRequestError);
  await assert.rejects(client.messages.create({ ...asked, messages: [{ role: "user", content: [{ type: "image", source: {} }] }] }),
    (error) => error instanceof Anthropic.BadRequestError && error.message.includes("messages[0].content[0].type"));
  await assert.rejects(new Anthropic({ baseURL: server.url, apiKey: "wrong", maxRetries: 0 }).messages.create(asked), Anthropic.AuthenticationError);
});
