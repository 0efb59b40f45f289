#!/usr/bin/env python3
"""Hours of everything at once: whether the program grows by it.

    soak.py PROGRAM [--minutes 60] [--clients 8] [--seed 1]

Starts PROGRAM with the demo's Hub, and clients of every kind (soak_clients.py) beside downloads, loads, unloads and deletions. Each minute
a row: the most that was seen of its own memory (not of files that others may share), open files and threads. All of them rest twice, at a sixth of the time, when all
has been in use, and at the end; the second rest is held against the first one. Ends with 1 where the program grew by more than the bounds,
gave an answer that no client should get, or did not end when it was told. Standard library only.
"""
import argparse
import collections
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

import soak_clients as clients

# How much more the program may take at the second rest than at the first one.
BOUNDS = {"memory_mb": lambda first: 16 + 0.05 * first, "files": lambda first: 4, "threads": lambda first: 2}


class Program:
    def __init__(self, path: str, log):
        self.process = subprocess.Popen([path, "serve", "--demo", "--port", "0", "--device", "cpu", "--threads", "2"], stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("Listening on "):
            raise SystemExit(f"the program does not listen: {line!r}")
        self.port = int(line.rsplit(":", 1)[1])

    def use(self) -> dict:
        proc = pathlib.Path(f"/proc/{self.process.pid}")
        # Not of files: what is shared with other programs grows when these end.
        own = next(line for line in (proc / "smaps_rollup").read_text().splitlines() if line.startswith("Pss_Anon:"))
        return {"memory_mb": int(own.split()[1]) / 1024, "files": len(os.listdir(proc / "fd")), "threads": len(os.listdir(proc / "task"))}

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Load:
    """The clients' threads. They stop between two requests while `working` is not set."""

    def __init__(self, port: int, options):
        self.server, self.options = clients.Server(port), options
        self.manager = clients.Manager(self.server)
        self.working, self.over = threading.Event(), threading.Event()
        self.lock, self.busy = threading.Lock(), 0
        self.done, self.problems = collections.Counter(), []
        self.threads = [threading.Thread(target=self.ask, args=(number,), daemon=True) for number in range(options.clients)]
        self.threads += [threading.Thread(target=one, daemon=True) for one in (self.manage, self.be_silent)]
        for thread in self.threads:
            thread.start()

    def turn(self, name: str, what):
        """One thing that a client does; whether it went well."""
        self.working.wait()
        with self.lock:
            self.busy += 1
        try:
            what()
            self.done[name] += 1
            return True
        except Exception as problem:  # noqa: BLE001: whatever it is, it is told at the end
            self.problems.append(f"{name}: {type(problem).__name__}: {problem}")
            return False
        finally:
            with self.lock:
                self.busy -= 1

    def ask(self, number: int):
        rand = random.Random(self.options.seed * 1000 + number)
        weights, kinds = zip(*clients.KINDS)
        while not self.over.is_set():
            kind = rand.choices(kinds, weights)[0]
            self.turn(kind.__name__, lambda: kind(self.server, rand))
            time.sleep(rand.random())

    def manage(self):
        rand, number = random.Random(self.options.seed), 0
        while not self.over.is_set():
            quantization = ("Q4", "Q8", "FP16")[number % 3]
            number += 1
            self.turn("model", lambda: self.manager.round(quantization, rand))
            for _ in range(rand.randint(5, 30)):
                if self.working.is_set():
                    time.sleep(1)

    def be_silent(self):
        def stay():
            silent = clients.Silent(self.server.port)
            for _ in range(90):  # longer than the server waits for a sign of life
                if self.working.is_set():
                    time.sleep(1)
            silent.close()

        while not self.over.is_set():
            self.turn("silent", stay)
            time.sleep(1)

    def rest(self):
        self.working.clear()
        while self.busy:
            time.sleep(0.5)
        self.manager.rest()
        time.sleep(15)  # what ends by a timer


def row(minute, use: dict, load: Load):
    print(f"{minute:>8} {use['memory_mb']:8.1f} {use['files']:6} {use['threads']:8} {sum(load.done.values()):9} {len(load.problems):9}", flush=True)


def watch(program: Program, load: Load, minutes: float, first: int):
    """A row each minute, of the most in it."""
    end = time.monotonic() + 60 * minutes
    load.working.set()
    number = first
    while time.monotonic() < end:
        most = collections.Counter()
        until = min(end, time.monotonic() + 60)
        while time.monotonic() < until:
            for what, value in program.use().items():
                most[what] = max(most[what], value)
            time.sleep(1)
        row(number, most, load)
        number += 1
    load.rest()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", prefix="millm-soak-", suffix=".log", delete=False) as log:
        program = Program(options.program, log)
    load = Load(program.port, options)
    print(f"the program's log: {log.name}\n{'minute':>8} {'own MB':>8} {'files':>6} {'threads':>8} {'requests':>9} {'problems':>9}", flush=True)
    warm = options.minutes / 6
    watch(program, load, warm, 1)
    first = program.use()
    row("rest", first, load)
    watch(program, load, options.minutes - warm, round(warm) + 1)
    last = program.use()
    row("rest", last, load)
    load.over.set()
    status = program.end()

    wrong = [f"{what} grew from {first[what]:.0f} to {last[what]:.0f}, allowed are {bound(first[what]):.0f} more"
             for what, bound in BOUNDS.items() if last[what] > first[what] + bound(first[what])]
    if status != 0:
        wrong.append(f"the program ended with {status}")
    print("\n" + ", ".join(f"{count} {name}" for name, count in load.done.most_common()))
    for problem, count in collections.Counter(load.problems).most_common(20):
        print(f"{count} times: {problem}")
    print("\n".join(wrong) or "it did not grow")
    sys.exit(bool(wrong or load.problems))


if __name__ == "__main__":
    main()
