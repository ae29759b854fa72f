"""Twelve plans over real servers: one call a turn, run_plan, and the critical path alone, round by round.

Started by `cargo xtask bench plans`, which installs the servers. Needs Python 3.10 and nothing else.

Each round visits every plan in turn and measures three ways of the same work through the same hub: all calls one after
the other, as a client does that makes one call a turn; the plan by `run_plan`; and only the calls on the plan's critical
path, one after the other. What the client does between calls takes no time here: a model takes seconds. The overhead is
that of a plan of one call over the call itself, in the same rounds.
"""

import argparse
import http.client
import json
import os
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"


def step(name, tool, arguments, **more):
    return {"name": name, "tool": tool, "arguments": arguments, **more}


def wait(name, seconds, **more):
    """A call that waits for something far away, as that of a web service does; it takes no CPU."""
    return step(name, "everything__trigger-long-running-operation", {"duration": seconds, "steps": 1}, **more)


def heavy(name, rows, **more):
    query = f"SELECT sum(hash(i)) AS n FROM range({rows}) t(i)"
    return step(name, "duckdb__execute_query", {"sql": query}, **more)


def plans(data):
    repo, book = f"{data}/repo", f"{data}/plans.xlsx"
    status = lambda **more: step("status", "git__git_status", {"repo_path": repo}, **more)
    log = lambda **more: step("log", "git__git_log", {"repo_path": repo, "max_count": 1}, **more)
    cells = lambda **more: step("cells", "excel__read_range", {"path": book, "sheet": "Sums"}, **more)
    notes = lambda **more: step("notes", "sqlite__read_query", {"query": "SELECT body FROM plans"}, **more)
    hello = lambda **more: step("hello", "filesystem__read_text_file", {"path": f"{data}/hello.txt"}, **more)
    think = lambda thought: {
        "thought": thought, "thoughtNumber": 1, "totalThoughts": 1, "nextThoughtNeeded": False,
    }
    return {
        "two waits": [wait("one", 0.3), wait("two", 0.2)],
        "five waits": [wait(f"w{index}", 0.1 + index * 0.05) for index in range(5)],
        "waits beside work": [wait("far", 0.1), wait("near", 0.06), status(), log(), cells(), notes()],
        "morning report": [
            wait("mail", 0.3), wait("calendar", 0.2), status(), log(), notes(),
            step("write", "filesystem__write_file", {
                "path": f"{data}/report.md", "content": "${$.mail}\n${$.calendar}\n${$.status}\n${$.log}\n${$.notes}",
            }),
        ],
        "chain beside a chain": [
            wait("find", 0.15), wait("fetch", 0.16, after=["find"]),
            wait("look", 0.14), wait("load", 0.13, after=["look"]),
        ],
        "diamond": [
            wait("search", 0.15), wait("left", 0.2, after=["search"]), wait("right", 0.19, after=["search"]),
            step("join", "sequential-thinking__sequentialthinking", think("${$.left} and ${$.right}")),
        ],
        "fan out": [hello(), *[wait(f"use{index}", 0.1 + index * 0.01, after=["hello"]) for index in range(6)]],
        "for each": [
            step("graph", "memory__open_nodes", {"names": ["Ada", "Grace", "Alan", "Barbara"]}),
            wait("look", 0.15, for_each="$.graph.entities"),
            step("join", "sequential-thinking__sequentialthinking", think("${$.look}")),
        ],
        "uneven": [wait("slow", 0.5), wait("s1", 0.1), wait("s2", 0.11, after=["s1"]), wait("s3", 0.12, after=["s2"])],
        "work on two servers and two waits": [heavy("sum", 3_000_000), wait("far", 0.3), wait("near", 0.2), cells()],
        "write, wait and read beside a wait": [
            step("make", "excel__write_range", {"path": book, "sheet": "Sums", "at": "C1", "rows": [["x"], [1]]}),
            wait("settle", 0.15, after=["make"]), cells(after=["settle"]), wait("far", 0.25),
        ],
        "nothing is independent": [
            step("place", "everything__get-structured-content", {"location": "Chicago"}),
            step("sum", "everything__get-sum", {"a": "$.place.temperature", "b": "$.place.humidity"}),
            wait("far", 0.15, after=["sum"]),
        ],
    }


class Client:
    """A modern client on one connection."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.path, self.last = parts.path, 0
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=300)

    def call(self, tool, arguments):
        self.last += 1
        meta = {
            f"{META}protocolVersion": MODERN, f"{META}clientCapabilities": {},
            f"{META}clientInfo": {"name": "bench", "version": "1"},
        }
        params = {"name": tool, "arguments": arguments, "_meta": meta}
        body = json.dumps({"jsonrpc": "2.0", "id": self.last, "method": "tools/call", "params": params})
        headers = {
            "content-type": "application/json", "accept": "application/json, text/event-stream",
            "mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": tool,
        }
        self.connection.request("POST", self.path, body, headers)
        text = self.connection.getresponse().read().decode()
        if not text.startswith("{"):
            lines = [line[5:] for line in text.splitlines() if line.startswith("data:")]
            text = lines[-1]
        answer = json.loads(text)
        result = answer.get("result")
        if result is None or result.get("isError"):
            raise SystemExit(f"{tool} failed: {text[:2000]}")
        return result


def value(result):
    """What a reference sees of a result, as docs/guide/plans.md says."""
    if result.get("structuredContent") is not None:
        return result["structuredContent"]
    text = "\n".join(block["text"] for block in result["content"] if block["type"] == "text")
    try:
        parsed = json.loads(text)
        return parsed if isinstance(parsed, (dict, list)) else text
    except ValueError:
        return text


def filled(node, results):
    if isinstance(node, dict):
        return {key: filled(inner, results) for key, inner in node.items()}
    if isinstance(node, list):
        return [filled(inner, results) for inner in node]
    if not isinstance(node, str):
        return node

    def find(path):
        name, *rest = re.findall(r"[\w-]+", path)
        found = results[name]
        for part in rest:
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found

    if re.fullmatch(r"\$\.[\w.\[\]-]+", node):
        return find(node[2:])
    as_text = lambda found: found if isinstance(found, str) else json.dumps(found)
    return re.sub(r"\$\{\$\.([^}]+)\}", lambda match: as_text(find(match[1])), node)


def needs(steps):
    names = [one["name"] for one in steps]
    said = lambda one: json.dumps([one["arguments"], one.get("for_each")])
    used = lambda one: set(re.findall(r"\$\.([\w-]+)", said(one))) | set(one.get("after", []))
    return {one["name"]: [name for name in names if name in used(one)] for one in steps}


def critical(steps, durations):
    """The chain of steps that takes longest, and whether anything stands beside it."""
    before, best = needs(steps), {}
    for one in steps:
        chains = [best[name] for name in before[one["name"]]]
        longest = max(chains, key=lambda chain: chain[0], default=(0, []))
        best[one["name"]] = (longest[0] + durations[one["name"]], longest[1] + [one["name"]])
    return max(best.values(), key=lambda chain: chain[0])[1]


def timed(work):
    start = time.perf_counter()
    done = work()
    return (time.perf_counter() - start) * 1000, done


def one_by_one(client, steps, only=None, results=None):
    """Makes the calls in turn. On a path alone, a step with `for_each` is as long as one of its calls."""
    results, durations = dict(results or {}), {}
    for one in steps:
        if only is not None and one["name"] not in only:
            continue
        arguments = filled(one["arguments"], results)
        if "for_each" in one:
            items = filled(one["for_each"], results)
            done = [timed(lambda: client.call(one["tool"], arguments)) for _ in (items if only is None else items[:1])]
            found, took = [value(result) for _, result in done], max(took for took, _ in done)
            results[one["name"]] = found if only is None else results[one["name"]]
        else:
            took, result = timed(lambda: client.call(one["tool"], arguments))
            results[one["name"]] = value(result)
        durations[one["name"]] = took
    return results, durations


def prepare(client, data):
    client.call("excel__create_workbook", {"path": f"{data}/plans.xlsx", "sheets": ["Sums"], "overwrite": True})
    rows = [["item", "price"], ["one", 12.5]]
    client.call("excel__write_range", {"path": f"{data}/plans.xlsx", "sheet": "Sums", "at": "A1", "rows": rows})
    people = [{"name": name, "entityType": "person", "observations": []} for name in ("Ada", "Grace", "Alan", "Barbara")]
    client.call("memory__create_entities", {"entities": people})
    client.call("sqlite__create_table", {"query": "CREATE TABLE IF NOT EXISTS plans (body TEXT PRIMARY KEY)"})
    client.call("sqlite__write_query", {"query": "INSERT OR REPLACE INTO plans VALUES ('a note')"})


def measure(client, all_plans, rounds):
    rows = {name: {"turns": [], "plan": [], "path": []} for name in all_plans}
    steps_of, paths, single = dict(all_plans), {}, {"call": [], "plan": []}
    trivial = step("one", "calculator__calculate", {"expression": "2+3*4"})
    for number in range(rounds + 1):
        took, _ = timed(lambda: client.call(trivial["tool"], trivial["arguments"]))
        took_plan, _ = timed(lambda: client.call("run_plan", {"steps": [trivial]}))
        if number > 0:
            single["call"].append(took)
            single["plan"].append(took_plan)
        for name, steps in steps_of.items():
            turns, (results, durations) = timed(lambda: one_by_one(client, steps))
            plan = {"name": name.replace(" ", "-").replace(",", ""), "steps": steps}
            took, answer = timed(lambda: client.call("run_plan", plan))
            states = {row["name"]: row["state"] for row in answer["structuredContent"]["steps"]}
            if any(state != "done" for state in states.values()) or len(states) != len(steps):
                raise SystemExit(f"{name}: not all steps are done: {states}")
            if number == 0:
                paths[name] = critical(steps, durations)
                continue
            path, _ = timed(lambda: one_by_one(client, steps, paths[name], results))
            for key, figure in (("turns", turns), ("plan", took), ("path", path)):
                rows[name][key].append(figure)
        print(f"round {number} of {rounds}", file=sys.stderr)
    return rows, paths, single


def report(rows, paths, single, all_plans):
    median = statistics.median
    overhead = max(0.0, median(single["plan"]) - median(single["call"]))
    table = []
    for name, row in rows.items():
        turns, plan, path = median(row["turns"]), median(row["plan"]), median(row["path"])
        independent = len(paths[name]) < len(all_plans[name]) or any("for_each" in one for one in all_plans[name])
        saved, over = 1 - plan / turns, (plan - overhead) / path
        table.append({
            "plan": name, "calls": len(all_plans[name]), "on_path": len(paths[name]), "independent": independent,
            "turns_ms": round(turns, 1), "plan_ms": round(plan, 1), "path_ms": round(path, 1),
            "saved": round(saved, 3), "possible": round(1 - path / turns, 3), "over_path": round(over, 3),
            "holds": (not independent or saved >= 0.2) and over <= 1.15,
        })
    return {"bench": "plans", "overhead_ms": round(overhead, 2), "rounds": len(single["call"]), "plans": table,
            "holds": all(row["holds"] for row in table)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tutti", required=True, type=pathlib.Path)
    parser.add_argument("--packages", required=True, type=pathlib.Path, help="where the servers are installed")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    root = pathlib.Path(__file__).resolve().parent.parent
    with tempfile.TemporaryDirectory(prefix="tutti-plans-") as folder:
        data = f"{folder}/data"
        subprocess.run([sys.executable, root / "e2e/real/prepare.py", data], check=True, stdout=sys.stderr)
        config = pathlib.Path(folder, "tutti.yaml")
        servers = (root / "examples/real-servers/tutti.yaml").read_text()
        # All of them start at once here, and a cold start of Python can take long on a busy machine.
        config.write_text(servers.replace("start: 60s", "start: 5m") + "\nviews: { all: { plans: true } }\n")
        environment = {key: word for key, word in os.environ.items() if key != "TUTTI_KEY"}
        environment |= {
            "TUTTI_HOME": folder, "REAL_SERVERS_BIN": str(given.packages.resolve() / "bin"), "REAL_SERVERS_DATA": data,
        }
        command = [given.tutti.resolve(), "up", "--listen", "127.0.0.1:0", "--json", "--config", config]
        with open(f"{folder}/log", "w", encoding="utf-8") as log:
            hub = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            client = Client(json.loads(hub.stdout.readline())["url"])
            prepare(client, data)
            all_plans = plans(data)
            said = report(*measure(client, all_plans, given.rounds), all_plans)
        finally:
            hub.send_signal(signal.SIGTERM)
            hub.wait()
    if given.json:
        print(json.dumps(said))
    else:
        for row in said["plans"]:
            print(f"{row['plan']:32} turns {row['turns_ms']:8.1f}  plan {row['plan_ms']:8.1f}  path {row['path_ms']:8.1f}"
                  f"  saved {row['saved']:6.1%}  over path {row['over_path']:.3f}  {'ok' if row['holds'] else 'NOT'}")
        print(f"overhead of a plan: {said['overhead_ms']} ms; {said['rounds']} rounds")
    return 0 if said["holds"] else 1


if __name__ == "__main__":
    sys.exit(main())
