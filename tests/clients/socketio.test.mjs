// The stock Socket.IO client, in all its transports, against /progress.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { io } from "socket.io-client";
import { sampleFolder, startServer, until } from "./server.mjs";

let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

const transports = { "default (polling, then upgrade)": undefined, "websocket": ["websocket"], "polling": ["polling"] };

function connect(url, options = {}, nsp = "/progress") {
  return io(url + nsp, { forceNew: true, reconnection: false, ...options });
}

/// All events in order.
function record(socket) {
  const events = [];
  socket.onAny((name, payload) => events.push({ name, payload }));
  return events;
}

async function wholeLife(events) {
  const created = await server.call("POST", "/api/models", { source: "huggingface", repo_id: "somebody/sample", quantization: "Q8", trust_remote_code: false });
  const id = created.id;
  const has = (name) => events.some((event) => event.name === name && event.payload.model_id === id);
  await until(() => has("model:download:complete"));
  await server.call("POST", `/api/models/${id}/load`, { force: true });
  await until(() => has("model:load:complete"), 120000);
  await server.call("POST", `/api/models/${id}/unload`);
  await until(() => has("model:unload:complete"));
  await server.call("DELETE", `/api/models/${id}`);
  await until(() => has("model:deleted"));
  return events.filter((event) => event.payload.model_id === id);
}

for (const [name, list] of Object.entries(transports)) {
  test(`tells a model's whole life over ${name}`, { timeout: 480000 }, async () => {
    const socket = connect(server.url, list ? { transports: list } : {});
    const events = record(socket);
    await once(socket, "connect");
    if (!list) await until(() => socket.io.engine.transport.name === "websocket");
    const mine = await wholeLife(events);
    const names = mine.map((event) => event.name);
    assert.equal(names[0], "model:created");
    assert.equal(names.at(-1), "model:deleted");
    const progress = mine.filter((event) => event.name === "model:download:progress").map((event) => event.payload);
    assert.ok(progress.length > 0);
    for (const one of progress) assert.deepEqual(Object.keys(one).sort(), ["bytes_downloaded", "model_id", "progress", "speed_mbps", "total_bytes"]);
    progress.reduce((last, one) => (assert.ok(one.progress >= last && one.progress <= 100), one.progress), 0);
    assert.ok(names.indexOf("model:download:complete") < names.indexOf("model:load:complete"));
    const loading = mine.filter((event) => event.name === "model:load:progress").map((event) => event.payload);
    for (const one of loading) assert.ok(["loading_weights", "quantizing", "moving_to_gpu"].includes(one.stage));
    const complete = mine.find((event) => event.name === "model:load:complete").payload;
    assert.equal(complete.model.status, "loaded");
    assert.ok(!("model" in mine.at(-1).payload));
    socket.close();
  });

  test(`sends the machine's figures over ${name}`, { timeout: 120000 }, async () => {
    const socket = connect(server.url, list ? { transports: list } : {});
    const [first] = await once(socket, "system:metrics");
    assert.ok(first.ram.total_mb > 16 && first.disk_free_mb > 0 && "pending_requests" in first);
    await once(socket, "system:metrics");
    socket.close();
  });

  test(`refuses other namespaces over ${name}`, { timeout: 120000 }, async () => {
    const socket = connect(server.url, list ? { transports: list } : {}, "/other");
    const [error] = await once(socket, "connect_error");
    assert.equal(error.message, "Invalid namespace");
    socket.close();
  });

  test(`takes binary events over ${name} and goes on`, { timeout: 120000 }, async () => {
    const socket = connect(server.url, list ? { transports: list } : {});
    await once(socket, "connect");
    socket.emit("something", { bytes: new Uint8Array([1, 2, 3]) }, Buffer.from("more"));
    socket.emit("text", "ünd €");
    const [metrics] = await once(socket, "system:metrics");
    assert.ok(metrics && socket.connected);
    socket.close();
  });
}

for (const [name, list] of Object.entries(transports)) {
  test(`acknowledges over ${name}`, { timeout: 120000 }, async () => {
    const socket = connect(server.url, list ? { transports: list } : {});
    await once(socket, "connect");
    assert.deepEqual(await socket.timeout(60000).emitWithAck("state"), { success: true, data: null });
    for (const args of [["subscribe", 5], ["bytes", Buffer.from("some")]]) {
      const answer = await socket.timeout(60000).emitWithAck(...args);
      assert.equal(answer.success, false);
      assert.equal(answer.error.code, "NOT_FOUND");
    }
    socket.close();
  });

  test(`comes again after a restart over ${name}, and is told how things stand`, { timeout: 480000 }, async () => {
    const first = await startServer();
    const socket = connect(first.url, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 500, ...(list ? { transports: list } : {}) });
    await once(socket, "connect");
    const id = socket.id, gone = once(socket, "disconnect"), events = record(socket);
    await first.stop();
    await gone;
    const second = await startServer("--port", new URL(first.url).port, "--load", "sample");
    try {
      await until(() => events.some((event) => event.name === "model:updated" && event.payload.model.status === "loaded"));
      assert.ok(socket.connected && socket.id !== id);
      // And told further on.
      const model = await second.call("POST", "/api/models", { source: "huggingface", repo_id: "somebody/sample", quantization: "Q8", trust_remote_code: false });
      await until(() => events.some((event) => event.name === "model:download:complete" && event.payload.model_id === model.id));
    } finally {
      socket.close();
      await second.stop();
    }
  });
}

test("tells who comes late what is under way", { timeout: 480000 }, async () => {
  const slow = await startServer("--hub-pace", "200000");
  try {
    const { id } = await slow.call("POST", "/api/models", { source: "huggingface", repo_id: "somebody/sample", quantization: "Q8", trust_remote_code: false });
    await until(async () => (await slow.call("GET", `/api/models/${id}`)).download_progress > 0);
    const socket = connect(slow.url), events = record(socket);
    await until(() => events.length >= 2);
    assert.equal(events[0].name, "model:updated");
    assert.equal(events[0].payload.model.status, "downloading");
    assert.equal(events[1].name, "model:download:progress");
    assert.ok(events[1].payload.model_id === id && events[1].payload.progress > 0);
    await slow.call("POST", `/api/models/${id}/cancel`);
    await until(() => events.some((event) => event.name === "model:deleted"));
    // Who asks now hears nothing of it.
    const before = events.length;
    await socket.timeout(60000).emitWithAck("state");
    assert.ok(events.slice(before).every((event) => event.name === "system:metrics"));
    socket.close();
  } finally {
    await slow.stop();
  }
});

test("names failures", { timeout: 240000 }, async () => {
  const socket = connect(server.url);
  const events = record(socket);
  await once(socket, "connect");
  await assert.rejects(server.call("POST", "/api/models", { source: "huggingface", repo_id: "somebody/nothing", quantization: "Q4", trust_remote_code: false }), (error) => error.status === 404);
  assert.equal(events.filter((event) => event.name.startsWith("model:")).length, 0);
  socket.close();
});

test("has room for many, and forgets who left", { timeout: 240000 }, async () => {
  const sockets = Array.from({ length: 40 }, (_, index) => connect(server.url, { transports: [index % 2 ? "websocket" : "polling"] }));
  await Promise.all(sockets.map((socket) => once(socket, "system:metrics")));
  const created = once(sockets[0], "model:created"), last = once(sockets[39], "model:created");
  const model = await server.call("POST", "/api/models", { source: "local", local_path: sampleFolder, quantization: "FP16", trust_remote_code: false, custom_name: "many" });
  assert.equal((await created)[0].model_id, model.id);
  assert.equal((await last)[0].model.name, "many");
  sockets.forEach((socket) => socket.close());
  const listeners = async () => Number(/millm_event_listeners (\d+)/.exec(await (await fetch(server.url + "/metrics")).text())[1]);
  await until(async () => (await listeners()) === 0);
  await server.call("DELETE", `/api/models/${model.id}`);
});

test("wants the key as auth token or header", { timeout: 240000 }, async () => {
  const guarded = await startServer("--api-key", "s3cret");
  try {
    const stranger = connect(guarded.url);
    assert.equal((await once(stranger, "connect_error"))[0].message, "Unauthorized");
    stranger.close();
    for (const options of [{ auth: { token: "s3cret" } }, { extraHeaders: { authorization: "Bearer s3cret" } }, { auth: { token: "s3cret" }, transports: ["websocket"] }]) {
      const friend = connect(guarded.url, options);
      await once(friend, "connect");
      friend.close();
    }
  } finally {
    await guarded.stop();
  }
});

test("ends sessions when the server stops", { timeout: 240000 }, async () => {
  const other = await startServer();
  const sockets = [connect(other.url), connect(other.url, { transports: ["websocket"] })];
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  const gone = sockets.map((socket) => once(socket, "disconnect"));
  await other.stop();
  await Promise.all(gone);
});
