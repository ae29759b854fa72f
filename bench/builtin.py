"""Tokens per second of a model file in Tutti's own engine and in a llama.cpp server, round by round.

Started by `cargo xtask bench builtin`, which makes the files, installs the server and builds Tutti. Runs in the Python that has
`xllamacpp`.

Each round asks both for the same, one after the other: a long prompt with an answer of one token, and a short prompt with an answer
of one token and with a long one, whose difference is what generating takes. Prompts differ from round to round, so that no cache
of earlier ones helps. A figure is the median of its rounds. Processor time is that of the process that runs the model, with all
its threads, in ticks of 10 ms: on a machine that does other things too it says more than the clock.
"""

import argparse
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
LLAMA = HERE.parent / "e2e/real/models/llama.py"
CONTEXT = 2048
# Tokens of a long answer.
ANSWER = 65
TICK = os.sysconf("SC_CLK_TCK")


def processor_time(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def worker(hub):
    """The process that runs the model: the only child of the hub that says so."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            is_child = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1] == str(hub)
            if is_child and b"__model-worker" in (entry / "cmdline").read_bytes():
                return int(entry.name)
        except OSError:
            continue
    raise SystemExit("the model has no process")


class Target:
    """A server of the model."""

    def __init__(self, name, url, model, process):
        self.name, self.url, self.model, self.process = name, urllib.parse.urlsplit(url), model, process

    def ask(self, prompt, most):
        """Tokens of the prompt and of the answer, and the seconds that they took: of the clock, and of processors."""
        body = json.dumps({
            "model": self.model, "messages": [{"role": "user", "content": prompt}], "max_tokens": most, "temperature": 0,
        })
        connection = http.client.HTTPConnection(self.url.hostname, self.url.port, timeout=600)
        begin, used = time.monotonic(), processor_time(self.process)
        connection.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        took, used = time.monotonic() - begin, processor_time(self.process) - used
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{self.name}: {answer.status} {said!r}")
        usage = json.loads(said)["usage"]
        return usage["prompt_tokens"], usage["completion_tokens"], took, used

    def measure(self, number):
        """Tokens, seconds and processor seconds of each phase."""
        tokens, _, took, used = self.ask(f"{number} " + "every word is here " * 30, 1)
        short = f"{number} What is 2 plus 3?"
        _, few, took_few, used_few = self.ask(short, 1)
        _, many, took_many, used_many = self.ask(f"Round {short}", ANSWER)
        return {"prompt": (tokens, took, used), "generate": (many - few, took_many - took_few, used_many - used_few)}


def start_llama(python, model, threads, log):
    command = [python, LLAMA, model, str(CONTEXT), str(threads)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
    for line in process.stdout:
        if line.startswith(b"{"):
            return process, Target("llama.cpp", json.loads(line)["url"], "model", process.pid)
    raise SystemExit("the llama.cpp server does not start")


def start_tutti(tutti, model, threads, home, log):
    (home / "models").mkdir()
    os.symlink(model, home / "models/model.gguf")
    provider = {"threads": threads, "context": CONTEXT}
    config = home / "tutti.json"
    config.write_text(json.dumps({"servers": {}, "models": {"providers": {"builtin": provider}}}), encoding="utf-8")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TUTTI_HOME": str(home)}
    command = [tutti.resolve(), "up", "--listen", "127.0.0.1:0", "--json", "--config", config]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log)
    target = Target("builtin", json.loads(process.stdout.readline())["url"], "builtin/model", process.pid)
    # The first request starts the process of the model.
    target.ask("Hello!", 1)
    target.process = worker(process.pid)
    return process, target


def measure(targets, rounds):
    rows = {}
    for number in range(rounds + 1):
        for target in targets:
            for phase, figures in target.measure(number).items():
                if number > 0:
                    rows.setdefault((target.name, phase), []).append(figures)
        print(f"round {number} of {rounds}", file=sys.stderr)
    return rows


def report(rows, kind, threads):
    def rate(name, phase, which):
        return statistics.median(figures[0] / max(figures[which], 1 / TICK) for figures in rows[name, phase])

    table = []
    for name, phase in rows:
        tokens, per_processor = rate(name, phase, 1), rate(name, phase, 2)
        table.append({
            "kind": kind, "threads": threads, "target": name, "phase": phase, "tokens_per_s": round(tokens, 1),
            "ratio": round(tokens / rate("llama.cpp", phase, 1), 3), "tokens_per_processor_s": round(per_processor, 1),
            "processor_ratio": round(per_processor / rate("llama.cpp", phase, 2), 3),
        })
    return sorted(table, key=lambda row: (row["phase"], row["target"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tutti", required=True, type=pathlib.Path)
    parser.add_argument("--model", required=True, action="append", help="KIND=FILE, several times")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    table = []
    for model in given.model:
        kind, _, file = model.partition("=")
        with tempfile.TemporaryDirectory(prefix="tutti-builtin-") as folder:
            started = []
            with open(f"{folder}/log", "wb") as log:
                try:
                    started.append(start_llama(sys.executable, file, given.threads, log))
                    started.append(start_tutti(given.tutti, file, given.threads, pathlib.Path(folder), log))
                    table += report(measure([target for _, target in started], given.rounds), kind, given.threads)
                finally:
                    for process, target in started:
                        process.stdin.close() if target.name == "llama.cpp" else process.terminate()
                        process.wait(30)
    if given.json:
        print(json.dumps({"bench": "builtin", "rounds": given.rounds, "rows": table}))
    else:
        for row in table:
            print(f"{row['kind']:6} {row['phase']:9} {row['target']:10} {row['tokens_per_s']:9.1f} tokens/s ({row['ratio']:.2f})"
                  f" {row['tokens_per_processor_s']:9.1f} a processor second ({row['processor_ratio']:.2f})")


if __name__ == "__main__":
    main()
