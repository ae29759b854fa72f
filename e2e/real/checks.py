"""What the Python client must decide: which servers to try, whether a list of tools
is complete, whether an answer is right, and how to report it.

The data (packages.json, expect.json, calls.json) is shared with the JavaScript
clients; checks.mjs says the same in their language. Keep the two alike.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def arguments(about: str) -> argparse.ArgumentParser:
    """The options that every client has."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--url", help="the MCP endpoint, for example http://127.0.0.1:4747/mcp")
    options.add_argument("--era", choices=["legacy", "modern"], default="legacy", help="which protocol to speak")
    options.add_argument("--set", default="small", help="a set of packages.json, or names of servers with commas")
    options.add_argument("--data", default=str(ROOT / "target/real/data"), help="the folder made by prepare.py")
    options.add_argument("--expect", default=str(HERE / "expect.json"), help="the tools each server must list")
    options.add_argument("--calls", default=str(HERE / "calls.json"), help="the calls and their right answers")
    options.add_argument("--run", help="the word of this run in names and texts (default: client and era)")
    options.add_argument("--bare", action="store_true", help="the endpoint is one server, its tools have no prefix")
    options.add_argument("--timeout", type=float, default=120, help="seconds that one request may take")
    return options


def load(path: str) -> dict[str, Any]:
    return json.loads(Path(path).read_text(encoding="utf-8"))["servers"]


def servers_of(wanted: str) -> list[str]:
    """The names of the servers of a set, or those that are given with commas."""
    sets = json.loads((HERE / "packages.json").read_text(encoding="utf-8"))["sets"]
    return sets.get(wanted) or wanted.split(",")


def fill(value: Any, words: dict[str, str]) -> Any:
    """Puts the words in for ${NAME} in all strings of a JSON value."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}", lambda m: words[m[1]], value)
    if isinstance(value, list):
        return [fill(item, words) for item in value]
    if isinstance(value, dict):
        return {key: fill(item, words) for key, item in value.items()}
    return value


def missing_part(expected: Any, found: Any, where: str = "structuredContent") -> str | None:
    """Says where `expected` is not a part of `found`: objects by key, all else by equality."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, item in expected.items():
            if problem := missing_part(item, found.get(key), f"{where}.{key}"):
                return problem
        return None
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, item in enumerate(expected):
            if problem := missing_part(item, found[index], f"{where}[{index}]"):
                return problem
        return None
    return None if expected == found else f"{where} is {short(found)}, expected {short(expected)}"


def short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 300 else text[:300] + "..."


def wrong_answer(result: dict[str, Any], expect: dict[str, Any]) -> str | None:
    """Says what is wrong with the result of tools/call, or nothing if it is right."""
    blocks = result.get("content") or []
    text = "\n".join(block["text"] for block in blocks if block.get("type") == "text")
    if result.get("isError"):
        return f"the tool says it failed: {short(text)}"
    if "text" in expect and text != expect["text"]:
        return f"the text is {short(text)}, expected {short(expect['text'])}"
    for piece in expect.get("contains", []):
        if piece not in text:
            return f"the text is {short(text)}, expected it to contain {short(piece)}"
    if "structured" in expect:
        return missing_part(expect["structured"], result.get("structuredContent"))
    return None


def tools_of(server: str, listed: list[str], bare: bool) -> list[str]:
    """The names of one server's tools, without the prefix."""
    prefix = "" if bare else server + "__"
    return [name.removeprefix(prefix) for name in listed if name.startswith(prefix)]


def wrong_tools(found: list[str], expected: dict[str, list[str]]) -> str | None:
    """Compares the names; a conditional tool may be there or not, none may come twice."""
    must, may = set(expected["tools"]), set(expected.get("conditional", []))
    problems = {
        "missing": sorted(must - set(found)),
        "unexpected": sorted(set(found) - must - may),
        "double": sorted({name for name in found if found.count(name) > 1}),
    }
    return "; ".join(f"{what}: {', '.join(names)}" for what, names in problems.items() if names) or None


class Report:
    """Prints one JSON line for each server, and at the end how many passed and failed."""

    def __init__(self) -> None:
        self.passed = self.failed = 0
        self.clock = time.monotonic()

    def server(self, server: str, tools: int, problem: str | None, **more: Any) -> None:
        now = time.monotonic()
        line = {"server": server, "tools": tools, "call": problem or "ok", "ms": round((now - self.clock) * 1000)}
        self.clock = now
        self.passed, self.failed = self.passed + (not problem), self.failed + bool(problem)
        print(json.dumps(line | more, ensure_ascii=False), flush=True)

    def broken(self, servers: list[str], problem: str) -> None:
        """The endpoint itself is at fault: the servers not yet reported fail with it."""
        self.failed += max(1, len(servers) - self.passed - self.failed)
        print(json.dumps({"error": problem}, ensure_ascii=False), flush=True)

    def end(self) -> None:
        print(json.dumps({"passed": self.passed, "failed": self.failed}), flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)
