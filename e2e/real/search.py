"""A client that is shown three tools, and finds and calls the right one of all servers for each task of tasks.json.

It is a script, so that what it takes to find a tool is the hub's own doing: one search with the words of the task, the
first five tools, a call. What it is shown on the way is counted against what all definitions would be.
"""

import json
import sys
import urllib.request
from typing import Any

import checks

VERSION = "2026-07-28"
META = "io.modelcontextprotocol/"
OWN = ["search_tools", "describe_tools", "call_tool", "run_plan"]

# The most of all definitions that may be seen for a task, in the mean.
SHARE = 0.03


class Client:
    """Speaks the modern era, a request at a time."""

    def __init__(self, url: str, timeout: float) -> None:
        self.url, self.timeout, self.last = url, timeout, 0

    def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.last += 1
        meta = {META + "protocolVersion": VERSION, META + "clientInfo": {"name": "search", "version": "1"}}
        meta[META + "clientCapabilities"] = {}
        message = {"jsonrpc": "2.0", "id": self.last, "method": method, "params": {**params, "_meta": meta}}
        headers = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        headers |= {"mcp-protocol-version": VERSION, "mcp-method": method}
        if "name" in params:
            headers["mcp-name"] = params["name"]
        request = urllib.request.Request(self.url, json.dumps(message).encode(), headers)
        with urllib.request.urlopen(request, timeout=self.timeout) as response:
            text = response.read().decode()
        if response.headers["content-type"].startswith("text/event-stream"):
            events = [line[5:].strip() for line in text.splitlines() if line.startswith("data:")]
            text = [event for event in events if event and "id" in json.loads(event)][-1]
        answer = json.loads(text)
        if "error" in answer:
            raise RuntimeError(f"{method} {params.get('name', '')}: {checks.short(answer['error'])}")
        return answer["result"]

    def tools(self) -> list[dict[str, Any]]:
        tools, params = [], {}
        while True:
            page = self.ask("tools/list", params)
            tools += page["tools"]
            if "nextCursor" not in page:
                return tools
            params = {"cursor": page["nextCursor"]}

    def call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self.ask("tools/call", {"name": name, "arguments": arguments})


def text_of(result: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in result["content"] if block["type"] == "text")


def named(text: str) -> list[str]:
    """The names of the tools in what a search says."""
    return [line.split("(", 1)[0] for line in text.splitlines() if line and not line.startswith("(")]


def arguments_for(tool: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Those of the wanted arguments that the tool takes: the right tools of a task may differ in them."""
    known = tool["inputSchema"].get("properties", {})
    return {name: value for name, value in wanted.items() if name in known}


def try_task(client: Client, server: str, task: dict[str, Any]) -> tuple[str | None, int, bool]:
    """What went wrong, how many bytes were seen on the way, and whether the right tool was the first."""
    query: dict[str, Any] = {"queries": [task["need"], task["or"]] if "or" in task else [task["need"]], "limit": 5}
    if "servers" in task:
        query["servers"] = task["servers"]
    said = text_of(client.call("search_tools", query))
    names, right = named(said), [f"{server}__{tool}" for tool in task["tools"]]
    found = next((name for name in names if name in right), None)
    if found is None:
        return f"{task['need']!r} found {', '.join(names) or 'nothing'} and not {' or '.join(right)}", len(said), False
    described = json.loads(text_of(client.call("describe_tools", {"names": [found]})))["tools"][0]
    arguments = arguments_for(described, task["args"])
    result = client.call("call_tool", {"name": found, "arguments": arguments})
    problem = checks.wrong_answer(result, task["expect"])
    seen = len(said) + len(json.dumps(described, ensure_ascii=False, separators=(",", ":")))
    return problem and f"{found}: {problem}", seen, found == names[0]


def main() -> int:
    options = checks.arguments("Finds and calls a tool for each task, by way of three tools.")
    options.add_argument("--tasks", default=str(checks.HERE / "tasks.json"), help="the tasks")
    chosen = options.parse_args()
    words = {"DATA": chosen.data, "RUN": chosen.run or "search"}
    everything = Client(f"{chosen.url}?mode=all", chosen.timeout)
    client = Client(f"{chosen.url}?mode=search", chosen.timeout)
    whole = sum(len(json.dumps(tool, ensure_ascii=False, separators=(",", ":"))) for tool in everything.tools())
    shown = client.tools()
    own = sum(len(json.dumps(tool, ensure_ascii=False, separators=(",", ":"))) for tool in shown)
    report = checks.Report()
    names = [tool["name"] for tool in shown]
    report.server("hub", len(names), None if names == OWN else f"the hub shows {', '.join(names)}")
    tasks = checks.load(chosen.tasks)
    wanted = [(server, task) for server in checks.servers_of(chosen.set) for task in tasks.get(server, [])]
    seen, first = [], 0
    for server, task in wanted:
        try:
            problem, bytes_seen, is_first = try_task(client, server, checks.fill(task, words))
            seen.append(bytes_seen)
            first += is_first
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            problem = f"{task['need']!r}: {error}"
        report.server(server, 1, problem)
    # A conversation about one task sees the three definitions, what was found, one definition, and the result, which it
    # would see in any case.
    share = (own + max(seen, default=0)) / whole
    mean = (own + sum(seen) / max(len(seen), 1)) / whole
    enough = f"a task shows {share:.1%} of all definitions at most, {mean:.1%} in the mean"
    report.server("tokens", 1, enough if mean > SHARE and chosen.set == "full" else None, share=round(share, 4))
    print(json.dumps({"tasks": len(wanted), "first": first, "mean": round(mean, 4), "own": own, "all": whole}))
    print(json.dumps({"passed": report.passed, "failed": report.failed}))
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
