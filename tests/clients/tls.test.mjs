// Stock clients over HTTPS: the certificate is one that Node was told to trust (NODE_EXTRA_CA_CERTS).
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { io } from "socket.io-client";
import { sampleFolder, startServer } from "./server.mjs";

let server;
before(async () => {
  server = await startServer("--tls-certificate", process.env.MILLM_TLS_CERTIFICATE, "--tls-key", process.env.MILLM_TLS_KEY, "--api-key", "a-secret");
  const ask = async (path, body) => {
    const answer = await fetch(server.url + path, { method: "POST", headers: { "content-type": "application/json", authorization: "Bearer a-secret" }, body: JSON.stringify(body) });
    assert.ok(answer.ok, path);
    return (await answer.json()).data;
  };
  const { id } = await ask("/api/models", { source: "local", local_path: sampleFolder, quantization: "FP16", custom_name: "sample" });
  await ask(`/api/models/${id}/load?wait=true`, { force: true });
});
after(() => server.stop());

test("prints an https address", () => assert.match(server.url, /^https:/));

test("streams chats to openai", async () => {
  const client = new OpenAI({ baseURL: server.url + "/v1", apiKey: "a-secret", maxRetries: 0 });
  const stream = await client.chat.completions.create({ model: "sample", messages: [{ role: "user", content: "Hello" }], max_tokens: 8, stream: true });
  let reason;
  for await (const chunk of stream) reason = chunk.choices[0]?.finish_reason ?? reason;
  assert.ok(["stop", "length"].includes(reason));
});

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  test(`carries events over ${transports.join(", then ")}`, async () => {
    const socket = io(server.url + "/progress", { forceNew: true, reconnection: false, transports, auth: { token: "a-secret" } });
    try {
      const [metrics] = await once(socket, "system:metrics");
      assert.ok(metrics);
      if (transports.length > 1 || transports[0] === "websocket") {
        if (socket.io.engine.transport.name !== "websocket") await once(socket.io.engine, "upgrade");
        assert.equal(socket.io.engine.transport.name, "websocket");
      }
    } finally {
      socket.close();
    }
  });
}
