// Ollama's official client, unchanged, against /api.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Ollama } from "ollama";
import { startServer } from "./server.mjs";

let server, client;
const asked = { model: "caller", messages: [{ role: "user", content: "Weather?" }] };
const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }];

before(async () => {
  server = await startServer("--load", "caller", "--folder", process.env.MILLM_TOOL_CALLER);
  client = new Ollama({ host: server.url });
});
after(() => server.stop());

test("lists and shows the models", async () => {
  const { models } = await client.list();
  assert.deepEqual(models.map((model) => model.name), ["caller"]);
  assert.equal(models[0].details.family, "llama");
  assert.equal((await client.ps()).models[0].name, "caller");
  const shown = await client.show({ model: "caller:latest" });
  assert.ok(shown.capabilities.includes("completion"));
  assert.equal(shown.model_info["llama.context_length"], 4096);
  await assert.rejects(client.show({ model: "other" }), /not found/);
});

test("chats, whole and in a stream", async () => {
  const whole = await client.chat({ ...asked, stream: false, options: { temperature: 0 } });
  assert.equal(whole.message.content, "Hello there.");
  assert.equal(whole.done_reason, "stop");
  assert.ok(whole.eval_count > 0 && whole.prompt_eval_count > 0 && whole.total_duration > 0);
  let text = "", done = false;
  for await (const part of await client.chat({ ...asked, stream: true })) {
    text += part.message.content;
    done = part.done;
  }
  assert.deepEqual([text, done], ["Hello there.", true]);
});

test("thinks and calls tools", async () => {
  const first = await client.chat({ ...asked, tools, think: true });
  assert.equal(first.message.thinking, "I need the weather.");
  assert.deepEqual(first.message.tool_calls[0].function, { name: "get_weather", arguments: { city: "Zürich", days: 2 } });
  const calls = [];
  for await (const part of await client.chat({ ...asked, tools, stream: true })) calls.push(...part.message.tool_calls ?? []);
  assert.equal(calls.length, 1);
  const second = await client.chat({ ...asked, tools, messages: [...asked.messages, first.message, { role: "tool", tool_name: "get_weather", content: "sunny" }] });
  assert.equal(second.message.content, "It is sunny in Zürich.");
});

test("continues and embeds texts", async () => {
  assert.equal((await client.generate({ model: "caller", prompt: "Weather?" })).response, "Hello there.");
  assert.equal((await client.generate({ model: "caller", prompt: "<|answer|>", raw: true })).response, "It is sunny in Zürich.");
  assert.equal((await client.generate({ model: "caller", prompt: "" })).done_reason, "load");
  const { embeddings } = await client.embed({ model: "caller", input: ["one", "two"] });
  assert.equal(embeddings.length, 2);
  assert.ok(Math.abs(Math.hypot(...embeddings[0]) - 1) < 1e-5);
  assert.deepEqual((await client.embeddings({ model: "caller", prompt: "one" })).embedding, embeddings[0]);
});

test("answers in a format", async () => {
  const format = { type: "object", properties: { zone: { enum: ["CET"] }, age: { enum: [1, 2] } }, required: ["zone", "age"], additionalProperties: false };
  const { message } = await client.chat({ ...asked, format });
  assert.deepEqual(Object.keys(JSON.parse(message.content)), ["zone", "age"]);
  assert.match((await client.generate({ model: "caller", prompt: "Weather?", format: "json", options: { num_predict: 40 } })).response, /^\{/);
});

test("raises errors with words", async () => {
  await assert.rejects(client.chat({ ...asked, model: "other" }), /not loaded/);
  await assert.rejects(client.chat({ ...asked, format: "xml" }), /format/);
  await assert.rejects(client.chat({ ...asked, options: { temperature: 9 } }), /temperature/);
  await assert.rejects(client.chat({ ...asked, messages: [{ role: "user", content: "x", images: ["eA=="] }] }), /images/);
});
