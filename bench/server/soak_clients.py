"""What the clients of soak.py ask for: chats in every form, the other interfaces, events, nonsense. Standard library only."""
import base64
import http.client
import json
import os
import random
import socket
import struct
import time

MODEL = "millm/sample-llama"  # what the demo's Hub offers; each of its quantizations answers to this name
WORDS = "the little dog ran over a green hill and saw two birds near old water where nobody had been before".split()


class Refused(Exception):
    """An answer that no client should have got."""


class Server:
    """Where it listens, and a call of it: each on a connection of its own."""

    def __init__(self, port: int):
        self.port = port

    def open(self, method: str, path: str, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        data = body if body is None or isinstance(body, (bytes, str)) else json.dumps(body)
        connection.request(method, path, data, {} if data is None else {"Content-Type": kind})
        return connection, connection.getresponse()

    def call(self, method: str, path: str, body=None, allowed=(200, 201, 202), kind="application/json"):
        """The answer's bytes. While models come and go clients are told to wait: that is no failure, and answers None."""
        connection, answer = self.open(method, path, body, kind)
        try:
            text = answer.read()
        finally:
            connection.close()
        if answer.status in allowed:
            return text
        if answer.status in (429, 503):
            if answer.getheader("Retry-After") is None:
                raise Refused(f"{method} {path}: {answer.status} without Retry-After")
            time.sleep(1)
            return None
        raise Refused(f"{method} {path}: {answer.status} {text[:300]!r}")


def prompt(rand: random.Random, words: int) -> str:
    return " ".join(rand.choice(WORDS) for _ in range(rand.randint(1, words)))


def chat_body(rand: random.Random, **more) -> dict:
    turns = [{"role": "user" if turn % 2 == 0 else "assistant", "content": prompt(rand, 40)} for turn in range(rand.choice((1, 1, 3, 5)))]
    return {"model": MODEL, "messages": turns, "max_tokens": rand.randint(1, 64), "temperature": rand.choice((0, 0.7, 1.2)), **more}


def chat(server, rand):
    server.call("POST", "/v1/chat/completions", chat_body(rand, n=rand.choice((1, 1, 2)), logprobs=True, top_logprobs=rand.randint(0, 5)))


def stream(server, rand):
    text = server.call("POST", "/v1/chat/completions", chat_body(rand, stream=True, stream_options={"include_usage": True}))
    if text is not None and not text.endswith(b"data: [DONE]\n\n"):
        raise Refused(f"a stream ended with {text[-200:]!r}")


def cut(server, rand):
    """Leaves in the middle of an answer, or before it begins."""
    connection, answer = server.open("POST", "/v1/chat/completions", chat_body(rand, stream=True, max_tokens=400, ignore_eos=True))
    if answer.status == 200:
        for _ in range(rand.randint(0, 20)):
            answer.readline()
    answer.close()
    connection.close()


def leave(server, rand):
    """Asks for an answer at once and does not wait for it."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as line:
        body = json.dumps(chat_body(rand, max_tokens=400, ignore_eos=True)).encode()
        line.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        time.sleep(rand.random() / 2)


def tools(server, rand):
    name = "look_" + rand.choice(WORDS)
    tool = {"type": "function", "function": {"name": name, "description": prompt(rand, 8), "parameters": {
        "type": "object", "properties": {rand.choice(WORDS): {"type": "boolean"}}, "required": [], "additionalProperties": False}}}
    text = server.call("POST", "/v1/chat/completions", chat_body(rand, tools=[tool], tool_choice="required", max_tokens=96))
    for call in (json.loads(text)["choices"][0]["message"].get("tool_calls") or []) if text else []:
        json.loads(call["function"]["arguments"])


def schema(server, rand):
    """A grammar that nobody asked for before."""
    properties = {rand.choice(WORDS) + str(rand.randint(0, 10**6)): {"enum": rand.sample(WORDS, 3)} for _ in range(rand.randint(1, 4))}
    form = {"type": "json_schema", "json_schema": {"name": "s", "strict": True, "schema": {
        "type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}}}
    server.call("POST", "/v1/chat/completions", chat_body(rand, response_format=form, max_tokens=160, stream=rand.random() < 0.5))


def expression(server, rand):
    server.call("POST", "/v1/completions", {"model": MODEL, "prompt": prompt(rand, 20), "regex": f"[a-z]{{{rand.randint(1, 9)}}}( [0-9]{{2}})?", "max_tokens": 16})


def completion(server, rand):
    server.call("POST", "/v1/completions", {
        "model": MODEL, "prompt": [prompt(rand, 100) for _ in range(rand.randint(1, 4))], "n": rand.choice((1, 3)), "echo": rand.random() < 0.5,
        "logprobs": rand.randint(0, 5), "max_tokens": rand.randint(1, 32), "stop": [rand.choice(WORDS)], "stream": rand.random() < 0.3})


def embeddings(server, rand):
    server.call("POST", "/v1/embeddings", {"model": MODEL, "input": [prompt(rand, 60) for _ in range(rand.randint(1, 8))]}, allowed=(200, 400))


def other_interfaces(server, rand):
    said, limit = prompt(rand, 30), rand.randint(1, 48)
    path, body = rand.choice((
        ("/v1/responses", {"model": MODEL, "input": said, "max_output_tokens": max(16, limit)}),
        ("/v1/messages", {"model": MODEL, "messages": [{"role": "user", "content": said}], "max_tokens": limit}),
        ("/api/chat", {"model": MODEL, "messages": [{"role": "user", "content": said}], "options": {"num_predict": limit}}),
        ("/api/generate", {"model": MODEL, "prompt": said, "options": {"num_predict": limit}})))
    server.call("POST", path, body | {"stream": rand.random() < 0.5})


def tokenize(server, rand):
    server.call("POST", "/tokenize", {"prompt": prompt(rand, 40) * rand.choice((1, 1, 1, 500))})


def look(server, rand):
    server.call("GET", rand.choice(("/metrics", "/api/health", "/api/system", "/api/models", "/v1/models", "/openapi.json", "/docs", "/api/hub/search?query=llama")))


def nonsense(server, rand):
    path = rand.choice(("/v1/chat/completions", "/v1/completions", "/api/models", "/nowhere", "/api/models/preview", "/socket.io/"))
    server.call("POST", path, rand.choice((b"{", b"[]", b'{"model": 5}', b"\xff\xfe", b'{"messages": ' + b"[" * 4000)), allowed=range(400, 500))


def events(server, rand):
    """Listens for a while over polling, asks for the models, and leaves politely or not."""
    base = "/socket.io/?EIO=4&transport=polling"
    opened = server.call("GET", base)
    if opened is None:
        return
    path = base + "&sid=" + json.loads(opened[1:])["sid"]
    server.call("POST", path, "40/progress,", kind="text/plain")
    until = time.monotonic() + rand.randint(2, 20)
    while time.monotonic() < until:
        packets = server.call("GET", path).split(b"\x1e")
        if b"1" in packets:
            return
        if b"2" in packets:
            server.call("POST", path, "3", kind="text/plain")
    if rand.random() < 0.5:
        server.call("POST", path, "1", kind="text/plain")


# What a client does next, how often. Append a row.
KINDS = ((6, chat), (8, stream), (4, cut), (2, leave), (3, tools), (3, schema), (2, expression), (3, completion), (3, embeddings), (4, other_interfaces),
         (3, tokenize), (4, look), (3, nonsense), (2, events))


class Silent:
    """A WebSocket that enters and then reads nothing."""

    def __init__(self, port: int):
        self.line = socket.create_connection(("127.0.0.1", port), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.line.sendall((f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                           f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
        if self.line.recv(13) != b"HTTP/1.1 101 ":
            raise Refused("a WebSocket was not accepted")
        text, mask = b"40/progress,", os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(text))
        self.line.sendall(struct.pack("BB", 0x81, 0x80 | len(text)) + mask + masked)

    def close(self):
        self.line.close()


class Manager:
    """The one who has models downloaded, loaded, unloaded and deleted, one quantization after the other."""

    def __init__(self, server: Server):
        self.server, self.loaded = server, None

    def call(self, method, path, body=None):
        text = self.server.call(method, path, body)
        if text is None:
            raise Refused(f"{method} {path} was told to wait")
        return json.loads(text)["data"]

    def download(self, quantization: str) -> int:
        return self.call("POST", "/api/models", {"source": "huggingface", "repo_id": MODEL, "quantization": quantization})["id"]

    def round(self, quantization: str, rand: random.Random):
        self.call("POST", "/api/models/preview", {"repo_id": MODEL})
        model = self.download(quantization)
        if rand.random() < 0.3:  # changes its mind
            time.sleep(rand.random())
            if self.server.call("POST", f"/api/models/{model}/cancel", allowed=(200, 409)).startswith(b'{"data":null,"success":true'):
                model = self.download(quantization)  # else it was there already
        while (status := self.call("GET", f"/api/models/{model}")["status"]) == "downloading":
            time.sleep(0.3)
        if status != "ready":
            raise Refused(f"a download ended as {status}")
        before, self.loaded = self.loaded, model
        if before is not None and rand.random() < 0.5:
            self.call("POST", f"/api/models/{before}/unload")
        self.call("POST", f"/api/models/{model}/load?wait=true", {"force": True})
        if before is not None:
            self.call("DELETE", f"/api/models/{before}")

    def rest(self):
        """Nothing is left of what it did."""
        if self.loaded is not None:
            self.call("POST", f"/api/models/{self.loaded}/unload")
            self.call("DELETE", f"/api/models/{self.loaded}")
            self.loaded = None
