// Starts the server under test; MILLM_SERVER_HOST names its program.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export const sampleFolder = process.env.MILLM_SAMPLE_MODEL;

export async function startServer(...options) {
  const child = spawn(process.env.MILLM_SERVER_HOST, options, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const url = await Promise.race([
    once(lines, "line").then(([line]) => line.replace("Listening on ", "")),
    once(child, "exit").then(([code]) => { throw new Error(`the server ended with ${code} before it listened`); }),
  ]);
  return {
    url,
    async stop() {
      const exited = once(child, "exit");
      child.stdin.end();
      const [code] = await exited;
      if (code !== 0) throw new Error(`the server ended with ${code}`);
    },
    /// JSON of one call; throws what is no success.
    async call(method, path, body) {
      const answer = await fetch(url + path, {
        method,
        headers: body === undefined ? {} : { "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const json = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(json.error?.message), { status: answer.status, json });
      return json.data;
    },
  };
}

export async function until(condition, milliseconds = 120000) {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error("it did not come to pass: " + condition);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
