"""Kills a real hub while it carries out runs of workflows, and looks whether any of them notices.

Started by `cargo xtask crash --hub`. Needs Python 3.10 and nothing else.

The hub is killed with SIGKILL from outside, because a release has no points at which it kills itself: by the scripted MCP server
that its workflows call, when the n-th call comes, before the effect, after the effect and before the answer, or right
after the answer; and by this program as soon as it sees the n-th entry in the file of the journals (`runs.db`, looked at each
millisecond, so that it may be an entry later). Then the hub is started again until the run is at its end. Effects go
into a ledger, synced. For effects in doubt and at gates this program decides as a person would who can read the ledger.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

TOOLS = {"look": "read", "keep": "idempotent", "send": "unsafe", "find": "read", "fail": "read", "cancel": "unsafe"}
HINTS = {"read": {"readOnlyHint": True}, "idempotent": {"idempotentHint": True}, "unsafe": {}}
LINE = """name: line
steps:
  - { name: look, tool: mcp://world/look, inputs: { step: look } }
  - { name: keep, tool: mcp://world/keep, inputs: { step: keep }, after: [look] }
  - { name: send, tool: mcp://world/send, inputs: { step: send }, after: [keep] }
  - name: pay
    tool: mcp://world/send
    inputs: { step: pay }
    after: [send]
    on_in_doubt: { probe: { tool: mcp://world/find, inputs: { step: pay } } }
output: ['{{ steps.look.output }}', '{{ steps.keep.output }}', '{{ steps.send.output }}', '{{ steps.pay.output }}']
"""
FAN = """name: fan
steps:
  - name: each
    for_each: { items: '{{ range(50) | list }}', concurrency: 16 }
    tool: mcp://world/send
    inputs: { step: 'each[{{ index }}]' }
output: '{{ steps.each.output }}'
"""
TRIP = """name: trip
steps:
  - name: book
    tool: mcp://world/send
    inputs: { step: book }
    compensate: { tool: mcp://world/cancel, inputs: { step: book~undo } }
  - { name: pause, wait: 3s, after: [book] }
  - { name: review, gate: { prompt: 'Go?', show: { booking: '{{ steps.book.output }}' } }, after: [pause] }
  - { name: fly, tool: mcp://world/look, inputs: { step: fly }, after: [review] }
  - { name: fail, tool: mcp://world/fail, inputs: { step: fail }, after: [fly] }
"""
CASES = {"line": LINE, "fan": FAN, "trip": TRIP}
FINAL = {"succeeded", "failed", "cancelled"}
# A lease ends 30 s after its worker died, and it is looked for such runs each 15 s.
PATIENCE = 240


def result(step):
    return {"of": step}


def serve(folder, points):
    """An MCP server over standard input and output, which kills the hub at a call."""
    folder, calls = pathlib.Path(folder), 0
    points = json.loads(points)

    def at(place):
        if points == [place, calls]:
            os.kill(int((folder / "hub.pid").read_text()), signal.SIGKILL)
            # What is done from here on nobody would see: the hub is dead.
            time.sleep(60)

    def called(name, arguments, key):
        nonlocal calls
        step = arguments.get("step")
        if name == "find":
            return {"happened": any(one["step"] == step for one in ledger(folder)), "result": result(step)}
        calls += 1
        at("before")
        line = json.dumps({"step": step, "key": key, "unsafe": TOOLS[name] == "unsafe"}) + "\n"
        file = os.open(folder / "ledger", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.write(file, line.encode())
        os.fsync(file)
        os.close(file)
        at("after")
        return None if name == "fail" else result(step)

    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        params, answer = message.get("params", {}), {}
        match message["method"]:
            case "initialize":
                answer = {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}},
                          "serverInfo": {"name": "world", "version": "1"}}
            case "tools/list":
                schema = {"type": "object", "properties": {"step": {"type": "string"}}}
                answer = {"tools": [{"name": name, "inputSchema": schema, "annotations": HINTS[effect]}
                                    for name, effect in TOOLS.items()]}
            case "tools/call":
                key = params.get("_meta", {}).get("tutti/idempotency-key")
                value = called(params["name"], params.get("arguments", {}), key)
                text = json.dumps(value) if value else "there is no flight"
                answer = {"content": [{"type": "text", "text": text}], "isError": value is None}
                if value:
                    answer["structuredContent"] = value
            case "ping":
                pass
            case _:
                error = {"code": -32601, "message": "not known"}
                print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)
                continue
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}), flush=True)
        if message["method"] == "tools/call":
            at("answered")


def ledger(folder):
    path = pathlib.Path(folder) / "ledger"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Hub:
    """One life of a hub."""

    def __init__(self, tutti, folder, point):
        self.folder, self.point = folder, point
        told = point if point and point[0] != "entry" else None
        server = {"command": sys.executable, "args": [__file__, "--serve", str(folder), "--point", json.dumps(told)]}
        config = {"servers": {"world": server}, "workflows": ["*.yaml"]}
        (folder / "tutti.json").write_text(json.dumps(config))
        environment = {**os.environ, "TUTTI_HOME": str(folder / "home"), "TUTTI_LOG": "warn"}
        command = [tutti, "up", "--listen", "127.0.0.1:0", "--json", "--config", str(folder / "tutti.json")]
        with open(folder / "hub.log", "ab") as log:
            self.child = subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=log)
        (folder / "hub.pid").write_text(str(self.child.pid))
        line = self.child.stdout.readline()
        if not line:
            raise RuntimeError("the hub did not start: " + (folder / "hub.log").read_text()[-2000:])
        self.base = json.loads(line)["url"].rsplit("/mcp", 1)[0] + "/api/v1"

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.load(reply)

    def is_dead(self):
        return self.child.poll() is not None

    def end(self):
        if not self.is_dead():
            self.child.send_signal(signal.SIGTERM)
        self.child.wait(60)
        return self.child.returncode == -signal.SIGKILL


def entries(folder):
    """How many entries the journals have; 0 where they cannot be read yet."""
    try:
        with sqlite3.connect(f"file:{folder}/home/runs.db?mode=ro", uri=True) as file:
            return file.execute("SELECT count(*) FROM run_entry").fetchone()[0]
    except sqlite3.Error:
        return 0


def decide(hub, run, shown):
    """Does what a person would who is asked."""
    for gate in shown.get("gates", []):
        hub.ask(f"/runs/{run}/approve", {"step": gate["path"]})
        return
    for step in shown.get("in_doubt", []):
        body = {"step": step, "resolution": "retry"}
        if any(one["step"] == step for one in ledger(hub.folder)):
            body = {"step": step, "resolution": "happened", "value": result(step)}
        hub.ask(f"/runs/{run}/resolve", body)
        return


def live(hub, case, deadline):
    """Lets the hub go on until the run is at its end, or the hub is dead. Gives the run at its end."""
    run = None
    while not hub.is_dead() and time.monotonic() < deadline:
        try:
            if hub.point and hub.point[0] == "entry" and entries(hub.folder) >= hub.point[1]:
                hub.child.kill()
                hub.child.wait()
                return None
            run = run or hub.ask(f"/workflows/{case}/runs", {"params": {}, "key": "once"})["id"]
            if hub.point is None or hub.point[0] != "entry":
                time.sleep(0.05)
            else:
                time.sleep(0.001)
            shown = hub.ask(f"/runs/{run}")
            if shown["status"] in FINAL:
                return shown
            decide(hub, run, shown)
        except (OSError, ValueError):
            # It may just have been killed; what a person said too late is said again.
            time.sleep(0.05)
    return None


def left(folder):
    """Processes that know the folder."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if str(folder).encode() in (process / "cmdline").read_bytes():
                found.append(process.name)
        except OSError:
            pass
    return found


def carried(tutti, case, points):
    """A run that is killed at these points, one in each life."""
    kills, orphans, ended = 0, 0, None
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "workflow.yaml").write_text(CASES[case])
        deadline = time.monotonic() + PATIENCE
        for point in [*points, None]:
            hub = Hub(tutti, folder, point)
            ended = live(hub, case, deadline)
            kills += hub.end()
            until = time.monotonic() + 10
            while left(folder) and time.monotonic() < until:
                time.sleep(0.05)
            orphans += len(left(folder))
            if ended:
                break
        with sqlite3.connect(f"file:{folder}/home/runs.db?mode=ro", uri=True) as file:
            runs = file.execute("SELECT count(*) FROM run").fetchone()[0]
            marks = [json.loads(one) for (one,) in file.execute("SELECT entry FROM run_entry")]
        done = [one["step"] for one in marks if one["kind"] == "succeeded"]
        sent = [one["key"] or one["step"] for one in ledger(folder) if one["unsafe"]]
        outcome = {key: ended[key] for key in ("status", "result")} if ended else None
        return {"case": case, "points": points, "kills": kills, "orphans": orphans, "outcome": outcome,
                "doubled": runs - 1 + len(done) - len(set(done)), "unsafe_doubled": len(sent) - len(set(sent)),
                "entries": len(marks), "calls": len(ledger(folder))}


def jobs(whole, seeds):
    places = ("before", "after", "answered")
    for case, one in whole.items():
        calls = range(1, one["calls"] + 1)
        chosen = calls if one["calls"] < 10 else (1, 2, 17, 33, 50)
        for call in chosen:
            yield from ((case, [[place, call]]) for place in places)
        step = 1 if one["entries"] < 20 else 17
        yield from ((case, [["entry", count]]) for count in range(1, one["entries"], step))
    for seed in range(seeds):
        chance = random.Random(seed)
        case = chance.choice(list(whole))
        most = max(1, whole[case]["calls"] // 2)
        yield case, [[chance.choice(places), chance.randint(1, most)] for _ in range(2)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tutti")
    parser.add_argument("--seeds", type=int, default=20, help="runs that are killed twice, at random")
    parser.add_argument("--at-once", type=int, default=12, help="hubs at once: most of the time they wait for leases")
    parser.add_argument("--only", help="one workflow alone")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--point", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        return serve(given.serve, given.point)
    tutti = str(pathlib.Path(given.tutti).resolve())
    cases = [given.only] if given.only else list(CASES)
    whole = {case: carried(tutti, case, []) for case in cases}
    for one in whole.values():
        print(f"nobody kills: {one}", file=sys.stderr)
    report = dict.fromkeys(("kills", "runs", "lost", "doubled", "unsafe_doubled", "different_output", "orphans"), 0)
    with concurrent.futures.ThreadPoolExecutor(given.at_once) as pool:
        waiting = [pool.submit(carried, tutti, *job) for job in jobs(whole, given.seeds)]
        for one in concurrent.futures.as_completed(waiting):
            one = one.result()
            lost = one["outcome"] is None
            different = not lost and one["outcome"] != whole[one["case"]]["outcome"]
            report["runs"] += 1
            report["lost"] += lost
            report["different_output"] += different
            for key in ("kills", "doubled", "unsafe_doubled", "orphans"):
                report[key] += one[key]
            if lost or different or one["doubled"] or one["unsafe_doubled"] or one["orphans"]:
                print(f"wrong: {one}", file=sys.stderr)
    print(json.dumps(report))
    return int(any(report[key] for key in report if key not in ("kills", "runs")))


if __name__ == "__main__":
    sys.exit(main())
