// Requests as programs send them that cannot run here, replayed: each answer has the type, the headers, the form and the words that
// they read. A file a program in recorded; append an exchange, or a file.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { startServer } from "./server.mjs";

const key = "recorded-test-key";
const filled = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value === "KEY" ? key : value]));

/// The JSON values of an answer; a stream of OpenAI's must end as they wait for it.
function values(type, text) {
  if (type === "application/x-ndjson") return text.trim().split("\n").map((line) => JSON.parse(line));
  if (type !== "text/event-stream") return [JSON.parse(text)];
  const events = [...text.matchAll(/^data: (.*)$/gm)].map((match) => match[1]);
  assert.equal(events.pop(), "[DONE]");
  return events.map((event) => JSON.parse(event));
}

const wordsOf = (value) => value.response ?? value.message?.content ??
  (value.choices ?? []).map((choice) => choice.text ?? choice.delta?.content ?? choice.message?.content ?? "").join("");

/// Calls of OpenAI's deltas, put together.
function callsOf(chunks) {
  const calls = [];
  for (const delta of chunks.flatMap((chunk) => chunk.choices.flatMap((choice) => choice.delta.tool_calls ?? []))) {
    calls[delta.index] ??= { name: delta.function.name, arguments: "" };
    calls[delta.index].arguments += delta.function.arguments;
  }
  return calls.map((call) => ({ ...call, arguments: JSON.parse(call.arguments) }));
}

for (const file of readdirSync("recorded").sort()) {
  const { server: options, forms, exchanges } = JSON.parse(readFileSync(`recorded/${file}`));
  describe(file, () => {
    const ajv = new Ajv2020({ strict: false, allErrors: true });
    let server;
    before(async () => {
      const origin = options.origin ? ["--origin", options.origin] : [];
      server = await startServer("--api-key", key, "--load", "caller", "--folder", process.env.MILLM_TOOL_CALLER, ...origin);
    });
    after(() => server.stop());

    for (const { name, method, path, headers = {}, key: keyed = true, body, answer } of exchanges) test(name, async () => {
      const response = await fetch(server.url + path, {
        method,
        headers: { ...(keyed ? { Authorization: `Bearer ${key}` } : {}), ...filled(headers) },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      assert.equal(response.status, answer.status ?? 200, text);
      for (const [header, part] of Object.entries(answer.headers ?? {})) assert.ok(response.headers.get(header)?.toLowerCase().includes(part.toLowerCase()), `${header}: ${response.headers.get(header)}`);
      for (const header of answer.without ?? []) assert.equal(response.headers.get(header), null);
      if (!answer.form) return;
      const type = response.headers.get("content-type").split(";")[0];
      assert.equal(type, answer.type ?? "application/json");
      const all = values(type, text);
      const validate = ajv.compile(forms[answer.form]);
      for (const value of all) assert.ok(validate(value), `${ajv.errorsText(validate.errors)}\n${JSON.stringify(value)}`);
      if (answer.text !== undefined) assert.equal(all.map(wordsOf).join(""), answer.text);
      if (answer.calls) assert.deepEqual(callsOf(all), answer.calls);
      if (answer.usage) assert.ok(all.at(-1).usage.completion_tokens > 0 && all.at(-1).choices.length === 0);
      if (type === "application/x-ndjson") assert.deepEqual(all.map((value) => value.done), all.map((_, place) => place === all.length - 1));
    });
  });
}
