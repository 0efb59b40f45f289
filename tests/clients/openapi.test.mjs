// The description is held against real answers: each operation is called, and what comes back has a status, a type and a form
// that /openapi.json names, no member more.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { sampleFolder, startServer, until } from "./server.mjs";

const key = "openapi-test-key";
let server, document, ajv;
const met = new Set(); // "GET /api/models 200"

/// Objects have the members that they are described with, and no other.
function strict(schema, combined = false) {
  if (Array.isArray(schema)) return schema.map((part) => strict(part, combined));
  if (schema === null || typeof schema !== "object") return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([name, part]) =>
    [name, ["const", "enum", "examples", "default", "example"].includes(name) ? part : strict(part, name === "allOf")]));
  if (schema.properties && schema.type && !("additionalProperties" in schema) && !combined) copy.unevaluatedProperties = false;
  return copy;
}

before(async () => {
  server = await startServer("--api-key", key);
  document = await (await fetch(server.url + "/openapi.json")).json();
  ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(strict(document), "api");
});
after(() => server.stop());

const pointer = (...parts) => parts.map((part) => "/" + encodeURIComponent(String(part).replaceAll("~", "~0").replaceAll("/", "~1"))).join("");

function check(where, pointerOfSchema, value) {
  const validate = ajv.getSchema("api#" + pointerOfSchema) ?? ajv.compile({ $ref: "api#" + pointerOfSchema });
  assert.ok(validate(value), `${where}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(value).slice(0, 800)}\n${JSON.stringify(validate.errors?.slice(0, 5))}`);
}

/// The JSON values in a body of that type.
function values(type, text) {
  if (type === "application/json") return [JSON.parse(text)];
  if (type === "application/x-ndjson") return text.trim().split("\n").map((line) => JSON.parse(line));
  if (type === "text/event-stream") return [...text.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1]));
  return [text];
}

/// Calls an operation; its status, and its JSON.
async function ask(method, route, { path = route, body, headers = {}, query = "" } = {}) {
  const type = body === undefined || headers["content-type"] ? {} : { "content-type": "application/json" };
  const answer = await fetch(server.url + path + query, {
    method,
    headers: { authorization: "Bearer " + key, ...type, ...headers },
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await answer.text(), where = `${method} ${path} ${answer.status}`;
  const operation = document.paths[route][method.toLowerCase()];
  let place = ["paths", route, method.toLowerCase(), "responses", answer.status];
  let response = operation.responses[answer.status];
  assert.ok(response, `${where} is not described: ${text.slice(0, 300)}`);
  if (response.$ref) {
    place = response.$ref.slice(2).split("/");
    response = place.reduce((at, name) => at[name], document);
  }
  const contentType = answer.headers.get("content-type").split(";")[0];
  assert.ok(contentType in response.content, `${where} is not described as ${contentType}`);
  for (const value of values(contentType, text)) check(`${where} (${contentType})`, pointer(...place, "content", contentType, "schema"), value);
  if (answer.status === 429 || answer.status === 503) assert.ok(Number(answer.headers.get("retry-after")) > 0, where);
  met.add(`${method} ${route} ${answer.status} ${contentType}`);
  return { status: answer.status, json: contentType === "application/json" ? JSON.parse(text) : undefined, text };
}

async function expect(status, ...call) {
  const answer = await ask(...call);
  assert.equal(answer.status, status, `${call[0]} ${call[1]}: ${answer.text.slice(0, 500)}`);
  return answer.json?.data ?? answer.json;
}

const messages = [{ role: "user", content: "Hello" }];
const generating = {
  "/v1/chat/completions": { model: "sample", messages, max_tokens: 3 },
  "/v1/completions": { model: "sample", prompt: "Once", max_tokens: 3 },
  "/v1/responses": { model: "sample", input: "Hello", max_output_tokens: 16 },
  "/v1/messages": { model: "sample", messages, max_tokens: 3 },
  "/api/chat": { model: "sample", messages, stream: false, options: { num_predict: 3 } },
  "/api/generate": { model: "sample", prompt: "Once", stream: false, options: { num_predict: 3 } },
};
const others = {
  "/v1/embeddings": { model: "sample", input: ["one", "two"] },
  "/v1/messages/count_tokens": { model: "sample", messages },
  "/api/embed": { model: "sample", input: ["one", "two"] },
  "/api/embeddings": { model: "sample", prompt: "one" },
  "/tokenize": { prompt: "Hello" },
  "/detokenize": { tokens: [1, 2, 3] },
};

test("each operation wants the key as it says", async () => {
  for (const [route, methods] of Object.entries(document.paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      if (name === "parameters" || !operation.responses["401"] || operation.security?.length === 0) continue;
      const answer = await ask(name.toUpperCase(), route, { path: route.replace("{id}", "1"), headers: { authorization: "" }, body: operation.requestBody ? {} : undefined });
      assert.equal(answer.status, 401, `${name} ${route}`);
    }
  }
});

test("without a model", async () => {
  for (const [route, body] of Object.entries({ ...generating, ...others })) await expect(503, "POST", route, { body });
  await expect(200, "GET", "/v1/models");
  await expect(404, "GET", "/v1/models/{id}", { path: "/v1/models/sample" });
  await expect(200, "GET", "/api/ps");
});

test("bodies that are not as described", async () => {
  for (const route of [...Object.keys(generating), ...Object.keys(others), "/api/models", "/api/models/preview", "/api/show"]) {
    const operation = document.paths[route].post;
    await expect(400, "POST", route, { body: "{" });
    await expect(400, "POST", route, { body: {} });
    if (operation.responses["415"]) await expect(415, "POST", route, { body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } });
  }
  await expect(413, "POST", "/api/models", { body: { source: "local", local_path: "x".repeat(2 * 1024 * 1024) } });
});

test("a model's life", async () => {
  const paths = { path: "/api/models/999" };
  for (const [method, route, body] of [["GET", "/api/models/{id}"], ["DELETE", "/api/models/{id}"], ["PATCH", "/api/models/{id}", { name: "x" }]])
    await expect(404, method, route, { ...paths, body });
  await expect(404, "POST", "/api/models/{id}/quantize", { path: "/api/models/999/quantize", body: { quantization: "Q4" } });
  for (const verb of ["load", "unload", "cancel"]) await expect(404, "POST", `/api/models/{id}/${verb}`, { path: `/api/models/999/${verb}` });

  await expect(200, "POST", "/api/models/preview", { body: { repo_id: "somebody/sample" } });
  await expect(404, "POST", "/api/models/preview", { body: { repo_id: "somebody/nothing" } });
  await expect(200, "GET", "/api/hub/search", { query: "?query=sample" });
  const { id } = await expect(201, "POST", "/api/models", { body: { source: "local", local_path: sampleFolder, quantization: "FP16", custom_name: "sample" } });
  await expect(409, "POST", "/api/models", { body: { source: "local", local_path: sampleFolder, quantization: "FP16" } });

  // A download that is cut short; it may be over already where the machine is fast.
  for (let cut = false, tries = 0; !cut && tries < 20; ++tries) {
    const fetched = await expect(202, "POST", "/api/models", { body: { source: "huggingface", repo_id: "somebody/sample", quantization: "Q8" } });
    const cancelled = await ask("POST", "/api/models/{id}/cancel", { path: `/api/models/${fetched.id}/cancel` });
    cut = cancelled.status === 200;
    if (!cut) await until(async () => (await ask("DELETE", "/api/models/{id}", { path: `/api/models/${fetched.id}` })).status === 200);
  }
  const one = `/api/models/${id}`;
  await expect(400, "POST", "/api/models/{id}/quantize", { path: one + "/quantize", body: { quantization: "FP16" } });
  const made = await expect(202, "POST", "/api/models/{id}/quantize", { path: one + "/quantize", body: { quantization: "Q4" } });
  await until(async () => (await expect(200, "GET", "/api/models/{id}", { path: `/api/models/${made.id}` })).status === "ready");
  await expect(409, "POST", "/api/models/{id}/quantize", { path: one + "/quantize", body: { quantization: "Q4" } });
  await expect(409, "POST", "/api/models/{id}/cancel", { path: one + "/cancel" });
  await expect(200, "PATCH", "/api/models/{id}", { path: one, body: { name: "example" } });
  await expect(200, "PATCH", "/api/models/{id}", { path: one, body: { name: "sample" } });
  await expect(400, "POST", "/api/models/{id}/unload", { path: one + "/unload" });
  await expect(202, "POST", "/api/models/{id}/load", { path: one + "/load", body: { force: true } });
  await until(async () => (await expect(200, "GET", "/api/models/{id}", { path: one })).status === "loaded");
  await expect(200, "POST", "/api/models/{id}/unload", { path: one + "/unload" });
  await expect(200, "POST", "/api/models/{id}/load", { path: one + "/load", query: "?wait=true", body: { force: true } });
  await expect(400, "POST", "/api/models/{id}/load", { path: one + "/load" });
  await expect(409, "DELETE", "/api/models/{id}", { path: one });
  await expect(200, "GET", "/api/models");
  await expect(200, "GET", "/api/system");

  await expect(200, "GET", "/v1/models");
  await expect(200, "GET", "/v1/models/{id}", { path: "/v1/models/sample" });
  for (const route of ["/api/tags", "/api/ps", "/api/version"]) await expect(200, "GET", route);
  await expect(200, "POST", "/api/show", { body: { model: "sample" } });
  await expect(404, "POST", "/api/show", { body: { model: "nobody" } });
});

test("what is generated", async () => {
  for (const [route, body] of Object.entries(generating)) {
    await expect(200, "POST", route, { body });
    await expect(200, "POST", route, { body: { ...body, stream: true } });
    await expect(404, "POST", route, { body: { ...body, model: "nobody" } });
  }
  for (const [route, body] of Object.entries(others)) await expect(200, "POST", route, { body });
  await expect(200, "POST", "/tokenize", { body: { messages } });
  const chat = generating["/v1/chat/completions"], completion = generating["/v1/completions"];
  const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object", properties: { sunny: { type: "boolean" } }, required: ["sunny"], additionalProperties: false } } }];
  for (const more of [
    { logprobs: true, top_logprobs: 2, n: 2 },
    { stream: true, stream_options: { include_usage: true }, logprobs: true },
    { tools, tool_choice: "required", max_tokens: 100 },
    { tools, tool_choice: "required", max_tokens: 100, stream: true },
    { return_token_ids: true },
  ]) await expect(200, "POST", "/v1/chat/completions", { body: { ...chat, ...more } });
  for (const more of [
    { echo: true, logprobs: 2, max_tokens: 1 },
    { stream: true, logprobs: 1, stream_options: { include_usage: true } },
    { return_token_ids: true, n: 2 },
    { prompt: ["one", "two"], prompt_logprobs: 1 },
    { prompt: [1, 2, 3] },
  ]) await expect(200, "POST", "/v1/completions", { body: { ...completion, ...more } });
  await expect(200, "POST", "/v1/embeddings", { body: { model: "sample", input: "one", encoding_format: "base64", dimensions: 4 } });
  await expect(200, "POST", "/v1/messages", { body: { ...generating["/v1/messages"], max_tokens: 100, tools: [{ name: "weather", input_schema: tools[0].function.parameters }], tool_choice: { type: "any" } } });
  await expect(400, "POST", "/v1/completions", { body: { ...completion, prompt: "a long way to go ".repeat(20000) } });
});

test("the rest", async () => {
  for (const route of ["/api/health", "/api/health/ready", "/openapi.json", "/docs", "/metrics"]) await expect(200, "GET", route);
  const open = await ask("GET", "/socket.io/", { query: "?EIO=4&transport=polling" });
  const { sid } = JSON.parse(open.text.slice(1));
  await expect(200, "POST", "/socket.io/", { query: `?EIO=4&transport=polling&sid=${sid}`, body: "40/progress,", headers: { "content-type": "text/plain" } });
  await expect(400, "GET", "/socket.io/", { query: "?EIO=3&transport=polling" });
  const { data } = await (await fetch(server.url + "/api/models", { headers: { authorization: "Bearer " + key } })).json();
  for (const model of data) {
    if (model.status === "loaded") await expect(200, "POST", "/api/models/{id}/unload", { path: `/api/models/${model.id}/unload` });
    await expect(200, "DELETE", "/api/models/{id}", { path: `/api/models/${model.id}` });
  }
});

test("no operation was left out", () => {
  const left = [];
  for (const [route, methods] of Object.entries(document.paths)) {
    for (const [name, operation] of Object.entries(methods)) {
      if (name === "parameters") continue;
      for (const [status, response] of Object.entries(operation.responses)) {
        if (!status.startsWith("2")) continue;
        for (const type of Object.keys(response.content ?? {})) {
          const one = `${name.toUpperCase()} ${route} ${status} ${type}`;
          if (!met.has(one)) left.push(one);
        }
      }
    }
  }
  assert.deepEqual(left, []);
});
