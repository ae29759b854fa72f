"""Talks with each server behind a hub, with the official Python SDK over one transport.

    python talk.py NAME URL TRANSPORT ERA SERVER...

NAME is the word of this client in the report, URL the hub's address for streamable HTTP. Prints a line of JSON for each
server: what was done, and what was wrong with it.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import mcp.types as types  # noqa: E402
import sdk  # noqa: E402

TOOLS = ["ask", "echo", "release", "steps"]
STEPS = 3
LIMIT = 30


class Wrong(Exception):
    """What is not as it should be."""


def must(found, expected, what: str) -> None:
    if found != expected:
        raise Wrong(f"{what}: {found!r:.300}, expected {expected!r:.300}")


class Talk:
    """One client, and what it is told and asked in the middle of its calls."""

    def __init__(self, client_name: str) -> None:
        self.name = client_name
        self.begin()

    def begin(self) -> None:
        self.logged, self.asked, self.progress, self.heard_all = [], [], [], asyncio.Event()

    def heard(self) -> None:
        if len(self.logged) >= STEPS and len(self.progress) >= STEPS:
            self.heard_all.set()

    async def on_log(self, params) -> None:
        self.logged.append(params.data)
        self.heard()

    async def on_question(self, _context, params) -> types.ElicitResult:
        self.asked.append((params.message, list(params.model_dump(by_alias=True)["requestedSchema"]["properties"])))
        return types.ElicitResult(action="accept", content={"name": self.name})

    async def on_progress(self, done, total, message) -> None:
        self.progress.append((done, total, message))
        self.heard()

    async def call(self, client, tool: str, arguments: dict) -> str:
        result = await sdk.call(client, tool, arguments, progress_callback=self.on_progress)
        if result.get("isError"):
            raise Wrong(f"{tool} failed: {result['content']}")
        return "\n".join(block.get("text", "") for block in result["content"])

    async def everything(self, client, tools: list[str]) -> None:
        """The server of the protocol's authors, made with the TypeScript SDK."""
        must("echo" in tools and "get-sum" in tools and len(tools) >= 13, True, f"tools {tools}")
        must(await self.call(client, "everything__echo", {"message": "grüße"}), "Echo: grüße", "echo")
        arguments = {"duration": 0.3, "steps": 3}
        await self.call(client, "everything__trigger-long-running-operation", arguments)
        must([done for done, *_ in self.progress], [1, 2, 3], "progress")

    async def python(self, client, server: str, tools: list[str]) -> None:
        """The server in server.py."""
        must(sorted(tools), TOOLS, "tools")
        text = f"{self.name}\n\u2028" * 1000
        must(await self.call(client, f"{server}__echo", {"message": text}), text, "echo")
        word = f"{self.name}-{server}"
        arguments = {"count": STEPS, "word": word}
        call = asyncio.create_task(self.call(client, f"{server}__steps", arguments))
        # The answer comes only after all is heard, for SDKs handle them side by side.
        await asyncio.wait([call, asyncio.create_task(self.heard_all.wait())], timeout=LIMIT, return_when="FIRST_COMPLETED")
        told = [(step, STEPS, f"{word} {step}") for step in range(1, STEPS + 1)]
        must(self.progress, told, "progress")
        must(self.logged, [text for *_, text in told], "log")
        await self.call(client, f"{server}__release", {"word": word})
        must(await call, f"{STEPS} steps", "steps")
        question = f"Who is {word}?"
        must(await self.call(client, f"{server}__ask", {"question": question}), f"hello {self.name}", "answer")
        must(self.asked, [(question, ["name"])], "question")

    async def server(self, client, server: str, listed: list[str]) -> None:
        self.begin()
        tools = [name.split("__", 1)[1] for name in listed if name.startswith(f"{server}__")]
        await (self.everything(client, tools) if server == "everything" else self.python(client, server, tools))


def report(client: str, server: str, problem: str | None) -> None:
    print(json.dumps({"check": f"{client} to {server}", "problem": problem}, ensure_ascii=False), flush=True)


async def main(name: str, url: str, transport: str, era: str, *servers: str) -> None:
    talk = Talk(name)
    callbacks = {"logging_callback": talk.on_log, "elicitation_callback": talk.on_question}
    if sdk.Client:
        callbacks["log_level"] = "debug"
    endpoint = sdk.endpoint_of(url, transport)
    async with sdk.connected(endpoint, era, LIMIT, **callbacks) as (client, version):
        must(version == "2026-07-28", era == "modern", f"version {version}")
        if era == "legacy":
            await client.set_logging_level("debug")
        listed = await sdk.list_tools(client)
        for server in servers:
            try:
                await talk.server(client, server, listed)
                report(name, server, None)
            except Exception as error:  # the other servers are tried all the same
                report(name, server, sdk.said(error))


if __name__ == "__main__":
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    asyncio.run(main(*sys.argv[1:]))
