"""Tutti between clients and servers that others made, over each transport that the official SDKs have.

    python3 run.py --packages target/real --tutti target/debug/tutti

starts servers made with the Python SDK 1.x and 2.x, the TypeScript SDK and FastAPI, puts a hub before them, and lets
clients talk with each of them: what they tell and ask in the middle of calls too. Then connections are cut in the middle
of a call, and a hub is killed while a run goes on that a client began as a task. Prints a line of JSON for each check, and
at the end how many passed and failed. `--only WORD` makes the checks whose client has WORD in its name.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import outlive

HERE = Path(__file__).resolve().parent
START = 120
LIMIT = 120

# A server by the name that the hub gives it: the program, and the address among those that it prints.
SERVERS = {
    "python-http": ("python", "http"),
    "python-sse": ("python", "sse"),
    "python-v1-http": ("python-v1", "http"),
    "python-v1-sse": ("python-v1", "sse"),
    "python-v1-websocket": ("python-v1", "websocket"),
}
# The TypeScript SDK's, found out to be of the old transport because nothing says so.
TYPESCRIPT = "everything"

# A client: its engine or SDK, the transport, the era.
CLIENTS = [
    ("python", "http", "modern"),
    ("python", "sse", "legacy"),
    ("python-v1", "sse", "legacy"),
    ("python-v1", "websocket", "legacy"),
    ("typescript", "http", "modern"),
    ("typescript", "sse", "legacy"),
    ("typescript-v1", "sse", "legacy"),
    ("typescript-v1", "websocket", "legacy"),
]


class Room:
    """The programs that run, and what was found."""

    def __init__(self, packages: Path, tutti: Path, home: Path) -> None:
        self.packages, self.tutti, self.home = packages, tutti, home
        self.passed = self.failed = 0
        self.running: list[subprocess.Popen] = []

    def python(self, sdk: str) -> list[str]:
        return [str(self.packages / "venv" / sdk / "bin/python"), "-W", "ignore"]

    def node(self, *options: str) -> list[str]:
        return [str(self.packages / "bin/node24"), *options]

    def start(self, name: str, command: list[str], **more: str) -> dict:
        """Starts a program that serves, and gives what it prints first."""
        log = (self.home / f"{name}.log").open("wb")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        program = subprocess.Popen(command, env=os.environ | more, cwd=self.home, **pipes)
        self.running.append(program)
        line = program.stdout.readline()
        if not line:
            raise SystemExit(f"{name} did not start:\n{(self.home / f'{name}.log').read_text()}")
        return json.loads(line)

    def stop(self) -> None:
        """Ends all programs, the hub first. A program ends with its standard input."""
        for program in reversed(self.running):
            program.stdin.close()
            if program is self.running[-1]:
                program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()

    def report(self, check: str, problem: str | None) -> None:
        self.passed, self.failed = self.passed + (not problem), self.failed + bool(problem)
        print(json.dumps({"check": check, "problem": problem}, ensure_ascii=False), flush=True)

    def run(self, name: str, command: list[str], checks: int) -> None:
        """Runs a client that reports `checks` checks; what it does not report has failed."""
        try:
            done = subprocess.run(command, cwd=self.home, capture_output=True, text=True, timeout=LIMIT)
            said, errors = done.stdout, done.stderr
        except subprocess.TimeoutExpired as expired:
            said, errors = (expired.stdout or b"").decode(), f"it took longer than {LIMIT} s"
        reports = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        for report in reports:
            self.report(report["check"], report["problem"])
        for _ in range(len(reports), checks):
            self.report(f"{name} comes to its end", errors[-1000:] or "it said nothing")


def servers(room: Room) -> dict:
    """Starts all servers, and gives the configuration of the hub."""
    everything = room.packages / f"npm/{TYPESCRIPT}/node_modules/@modelcontextprotocol/server-everything/dist/index.js"
    node = room.node("--require", str(HERE / "tell_port.cjs"), str(everything), "sse")
    port = room.start(TYPESCRIPT, node, PORT="0")["port"]
    programs = {sdk: room.start(sdk, [*room.python(sdk), str(HERE / "server.py")]) for sdk in ("python", "python-v1")}
    document = room.start("shop", [*room.python("python-v1"), str(HERE / "shop.py")])["document"]
    entries: dict = {TYPESCRIPT: {"url": f"http://127.0.0.1:{port}/sse"}}
    for name, (sdk, transport) in SERVERS.items():
        entries[name] = {"url": programs[sdk][transport]} | ({"transport": "sse"} if transport == "sse" else {})
    every = {"openapi": document, "operations": {"allow": ["*"]}}
    entries["shop"] = every | {"auth": {"bearer": "shop-token"}}
    entries["open-shop"] = every
    return {"servers": entries}


def ready(room: Room, url: str, names: list[str]) -> None:
    """Waits until all servers are ready."""
    with urllib.request.urlopen(f"{url.removesuffix('/mcp')}/api/v1/servers?settle={START}", timeout=START * 2) as answer:
        found = {server["name"]: server for server in json.load(answer)["servers"]}
    for name in names:
        server = found.get(name, {})
        room.report(f"{name} is ready", None if server.get("state") == "ready" else json.dumps(server))


def clients(room: Room, url: str, only: str) -> None:
    names = [*SERVERS, TYPESCRIPT]
    for sdk, transport, era in CLIENTS:
        name = f"{sdk}-{transport}"
        if sdk.startswith("python"):
            command = [*room.python(sdk), str(HERE / "talk.py"), name, url, transport, era]
        else:
            version = "v1" if sdk == "typescript-v1" else "v2"
            command = [*room.node(str(HERE / "talk.mjs")), name, url, transport, era, version, str(room.packages)]
        if only in name:
            room.run(name, [*command, *names], len(names))
    for sdk in ("python", "python-v1", "typescript", "typescript-v1"):
        name = f"{sdk}-cut"
        if sdk.startswith("python"):
            command = [*room.python(sdk), str(HERE / "resume.py"), name, url]
        else:
            version = "v1" if sdk == "typescript-v1" else "v2"
            command = [*room.node(str(HERE / "resume.mjs")), name, url, version, str(room.packages)]
        if only in name:
            room.run(name, [*command, "python-v1-sse"], 1)
    if only in "fastapi":
        room.run("fastapi", [*room.python("python"), str(HERE / "api.py"), url, "shop", "open-shop"], 7)
    if only in "outlive":
        outlive.checks(room)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True, help="where the packages are installed")
    parser.add_argument("--tutti", type=Path, required=True, help="the program under test")
    parser.add_argument("--only", default="", help="the clients whose name has this word")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tutti-peers-"))
    room = Room(given.packages.absolute(), given.tutti.absolute(), home)
    try:
        config = servers(room)
        (home / "tutti.yaml").write_text(json.dumps(config), encoding="utf-8")
        up = [str(room.tutti), "up", "--listen", "127.0.0.1:0", "--json"]
        environment = {"TUTTI_HOME": str(home / "state"), "TUTTI_KEY": ""}
        url = room.start("tutti", up, **environment)["url"]
        ready(room, url, list(config["servers"]))
        clients(room, url, given.only)
    finally:
        room.stop()
        if room.failed:
            log = (home / "tutti.log").read_text(errors="replace") if (home / "tutti.log").exists() else ""
            print("\n".join(log.splitlines()[-20:]), file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps({"passed": room.passed, "failed": room.failed}))
    sys.exit(1 if room.failed else 0)


if __name__ == "__main__":
    main()
