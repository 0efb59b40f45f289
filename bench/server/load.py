#!/usr/bin/env python3
"""Clients of an OpenAI server at once: tokens a second of all together, when the first token comes, and how even the shares are.

    load.py URL [URL…] [--clients 1,4,16,64] [--prompt 128] [--tokens 64] [--rounds 2] [--vocab 32000]

Each client streams `rounds` completions of its own prompt of random token ids, one behind the other, to its full length
(ignore_eos). The servers are asked in turn at each number of clients, so that a machine that is warm or busy is so for all of
them. Standard library only.
"""
import argparse
import http.client
import json
import random
import statistics
import threading
import time
import urllib.parse


def model_of(url: str) -> str:
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=600)
    connection.request("GET", "/v1/models")
    return json.loads(connection.getresponse().read())["data"][0]["id"]


class Client(threading.Thread):
    """Streams its completions and notes when each piece came."""

    def __init__(self, url: str, model: str, seed: int, options, start: threading.Barrier):
        super().__init__(daemon=True)
        self.place = urllib.parse.urlsplit(url)
        self.model, self.options, self.start_line = model, options, start
        self.random = random.Random(seed)
        self.firsts, self.gaps, self.tokens, self.error, self.seconds = [], [], 0, None, 0.0

    def run(self):
        self.start_line.wait()
        began = time.monotonic()
        try:
            for _ in range(self.options.rounds):
                self.complete()
        except Exception as problem:  # noqa: BLE001: whatever it is, it is told in the table
            self.error = problem
        self.seconds = time.monotonic() - began

    def complete(self):
        prompt = [self.random.randrange(3, self.options.vocab) for _ in range(self.options.prompt)]
        body = {"model": self.model, "prompt": prompt, "max_tokens": self.options.tokens, "ignore_eos": True, "temperature": 0, "stream": True}
        connection = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=1200)
        sent = last = time.monotonic()
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {answer.read()[:200]!r}")
        pieces = 0
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            now = time.monotonic()
            (self.gaps if pieces else self.firsts).append(now - (last if pieces else sent))
            last, pieces = now, pieces + 1
        # Text comes in whole characters, so that pieces are no count of tokens; each answer is as long as was asked.
        self.tokens += self.options.tokens


def run(url: str, model: str, count: int, options) -> dict:
    start = threading.Barrier(count + 1)
    clients = [Client(url, model, 1000 * count + index, options, start) for index in range(count)]
    for client in clients:
        client.start()
    start.wait()
    began = time.monotonic()
    for client in clients:
        client.join()
    seconds = time.monotonic() - began
    for client in clients:
        if client.error:
            raise SystemExit(f"{url}: {client.error}")
    firsts = sorted(first for client in clients for first in client.firsts)
    shares = [client.tokens / client.seconds for client in clients]
    return {"rate": sum(client.tokens for client in clients) / seconds, "first": statistics.median(firsts), "first99": firsts[int(0.99 * (len(firsts) - 1))],
            "gap": statistics.median(gap for client in clients for gap in client.gaps or [0.0]), "share": min(shares) / statistics.mean(shares)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("urls", nargs="+")
    parser.add_argument("--clients", default="1,4,16,64")
    for name, default in (("prompt", 128), ("tokens", 64), ("rounds", 2), ("vocab", 32000)):
        parser.add_argument("--" + name, type=int, default=default)
    options = parser.parse_args()
    models = [model_of(url) for url in options.urls]
    print(f"{'server':32} {'clients':>7} {'tokens/s':>9} {'first s':>8} {'p99':>7} {'between ms':>10} {'least share':>11}", flush=True)
    for count in map(int, options.clients.split(",")):
        rates = []
        for url, model in zip(options.urls, models):
            told = run(url, model, count, options)
            rates.append(told["rate"])
            ratio = f"  {rates[0] / rates[-1]:.2f} times it" if len(rates) > 1 else ""
            print(f"{url[-32:]:32} {count:7} {told['rate']:9.1f} {told['first']:8.2f} {told['first99']:7.2f} {1000 * told['gap']:10.1f} {told['share']:11.2f}{ratio}", flush=True)


if __name__ == "__main__":
    main()
