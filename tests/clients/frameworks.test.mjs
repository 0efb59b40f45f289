// Frameworks that stand on the clients, unchanged: LangChain and the Vercel AI SDK.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import * as ai from "ai";
import { z } from "zod";
import { startServer } from "./server.mjs";

const City = z.object({ city: z.enum(["Bonn", "Zürich"]), days: z.number().int().min(1).max(9) });
let server, vercel;
const langchain = (more = {}) => new ChatOpenAI({ model: "caller", temperature: 0, apiKey: "unused", maxRetries: 0, configuration: { baseURL: server.url + "/v1" }, ...more });

before(async () => {
  server = await startServer("--load", "caller", "--folder", process.env.MILLM_TOOL_CALLER);
  vercel = createOpenAICompatible({ name: "millm", baseURL: server.url + "/v1", supportsStructuredOutputs: true });
});
after(() => server.stop());

const weather = tool(async ({ city }) => `sunny in ${city}`, { name: "get_weather", description: "of a city", schema: z.object({ city: z.string(), days: z.number() }) });

test("LangChain answers, streams and counts", async () => {
  const answer = await langchain().invoke([new SystemMessage("Be short."), new HumanMessage("Weather?")]);
  assert.equal(answer.content, "Hello there.");
  assert.ok(answer.usage_metadata.input_tokens > 0 && answer.usage_metadata.output_tokens > 0);
  let text = "";
  for await (const piece of await langchain().stream("Weather?")) text += piece.content;
  assert.equal(text, "Hello there.");
  assert.deepEqual((await langchain().batch(["a", "b"])).map((each) => each.content), ["Hello there.", "Hello there."]);
});

test("LangChain binds tools", async () => {
  const model = langchain().bindTools([weather]);
  const first = await model.invoke("Weather?");
  assert.deepEqual(first.tool_calls.map(({ name, args }) => ({ name, args })), [{ name: "get_weather", args: { city: "Zürich", days: 2 } }]);
  const result = await weather.invoke(first.tool_calls[0]);
  assert.ok(result instanceof ToolMessage);
  assert.equal((await model.invoke([new HumanMessage("Weather?"), first, result])).content, "It is sunny in Zürich.");
  const forced = await langchain({ maxTokens: 400 }).bindTools([{ type: "function", function: { name: "go", parameters: z.toJSONSchema(City) } }], { tool_choice: "go", parallel_tool_calls: false }).invoke("Weather?");
  assert.equal(forced.tool_calls[0].name, "go");
  assert.ok(City.safeParse(forced.tool_calls[0].args).success);
});

test("LangChain gets structured output by either way", async () => {
  for (const method of ["jsonSchema", "functionCalling"]) {
    const city = await langchain({ maxTokens: 400 }).withStructuredOutput(City, { name: "city", method }).invoke("Which?");
    assert.ok(City.safeParse(city).success, method);
  }
});

test("LangChain embeds", async () => {
  const embeddings = new OpenAIEmbeddings({ model: "caller", apiKey: "unused", maxRetries: 0, configuration: { baseURL: server.url + "/v1" } });
  const [one, two] = await embeddings.embedDocuments(["one", "two"]);
  assert.ok(Math.abs(Math.hypot(...one) - 1) < 1e-5);
  assert.equal(one.length, two.length);
  assert.deepEqual(await embeddings.embedQuery("one"), one);
});

test("the Vercel AI SDK answers and streams", async () => {
  const { text, usage, finishReason } = await ai.generateText({ model: vercel("caller"), prompt: "Weather?", temperature: 0, maxRetries: 0 });
  assert.deepEqual([text, finishReason], ["Hello there.", "stop"]);
  assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
  let streamed = "";
  for await (const piece of ai.streamText({ model: vercel("caller"), prompt: "Weather?", temperature: 0, maxRetries: 0 }).textStream) streamed += piece;
  assert.equal(streamed, "Hello there.");
});

test("the Vercel AI SDK runs tools to the end, with the model's reasoning", async () => {
  const seen = [];
  const get_weather = ai.tool({ description: "of a city", inputSchema: z.object({ city: z.string(), days: z.number() }), execute: async (given) => { seen.push(given); return "sunny"; } });
  const { text, steps } = await ai.generateText({ model: vercel("caller"), prompt: "Weather?", temperature: 0, maxRetries: 0, tools: { get_weather }, stopWhen: ai.stepCountIs(4) });
  assert.equal(text, "It is sunny in Zürich.");
  assert.deepEqual(seen, [{ city: "Zürich", days: 2 }]);
  assert.equal(steps[0].reasoningText, "I need the weather.");
});

test("the Vercel AI SDK generates objects", async () => {
  const { object } = await ai.generateObject({ model: vercel("caller"), schema: City, prompt: "Which?", temperature: 0, maxRetries: 0 });
  assert.ok(City.safeParse(object).success);
  const stream = ai.streamObject({ model: vercel("caller"), schema: City, prompt: "Which?", temperature: 0, maxRetries: 0 });
  let last;
  for await (const part of stream.partialObjectStream) last = part;
  assert.deepEqual(last, object);
  assert.deepEqual(await stream.object, object);
});

test("the Vercel AI SDK embeds", async () => {
  const { embeddings } = await ai.embedMany({ model: vercel.textEmbeddingModel("caller"), values: ["one", "two"], maxRetries: 0 });
  assert.equal(embeddings.length, 2);
});
