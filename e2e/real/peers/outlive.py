"""A run that outlives its client and the hub: begun as a task with the official Python SDK, fetched by another client.

`checks(room)` starts a hub of its own with a workflow that waits for an event, has one client begin it as a task, kills the
hub, starts it again, tells the run of the event, and has another client fetch the result. As a program,

    python outlive.py begin|fetch|missing|list URL KEY [TASK]

is such a client. It prints a line of JSON. Tasks are of 2025-11-25, which the SDK 1.x speaks.
"""

import asyncio
import json
import subprocess
import sys
import urllib.request
from datetime import timedelta
from pathlib import Path

LIMIT = 60
KEYS = {"alice": "al-5Qv2nXw8RkLz7Ys3Bd9Hf4Jm6Pc1Tg0U", "bob": "bo-9Tg0U8Qv2nXw5RkLz7Ys3Bd4Hf6Jm1Pc"}
OPERATOR = "op-3Hf6Jm1Pc9Tg0U8Qv2nXw5RkLz7Ys4Bd"
WORKFLOW = """
name: paid
steps:
  - { name: paid, wait: { signal: paid } }
output: '{{ steps.paid.output.sum }}'
"""


async def act(what: str, url: str, key: str, task: str) -> dict:
    from mcp import ClientSession, McpError
    from mcp.client.streamable_http import streamable_http_client
    from mcp.shared._httpx_utils import create_mcp_http_client
    from mcp.types import CallToolResult

    async with (
        create_mcp_http_client(headers={"authorization": f"Bearer {key}"}) as client,
        streamable_http_client(url, http_client=client) as (receive, send, *_),
        ClientSession(receive, send, read_timeout_seconds=timedelta(seconds=LIMIT)) as session,
    ):
        await session.initialize()
        tasks = session.experimental
        match what:
            case "begin":
                # The workflows are listed a moment after the hub began.
                for _ in range(LIMIT * 10):
                    if "workflows__paid" in [tool.name for tool in (await session.list_tools()).tools]:
                        break
                    await asyncio.sleep(0.1)
                begun = (await tasks.call_tool_as_task("workflows__paid", {})).task
                return {"task": begun.taskId, "status": begun.status}
            case "fetch":
                async for _ in tasks.poll_task(task):
                    pass
                result = await tasks.get_task_result(task, CallToolResult)
                return {"text": result.content[0].text, "status": (await tasks.get_task(task)).status}
            case "list":
                return {"tasks": [one.taskId for one in (await tasks.list_tasks()).tasks]}
            case _:
                try:
                    return {"found": (await tasks.get_task(task)).status}
                except McpError as error:
                    return {"error": error.error.code}


class Hub:
    """A hub with the workflow, that can be killed."""

    def __init__(self, room) -> None:
        self.room, self.folder = room, room.home / "outlive"
        (self.folder / "workflows").mkdir(parents=True)
        (self.folder / "workflows/paid.yaml").write_text(WORKFLOW, encoding="utf-8")
        config = {"key": OPERATOR, "keys": KEYS, "workflows": ["workflows/*.yaml"]}
        (self.folder / "tutti.yaml").write_text(json.dumps(config), encoding="utf-8")
        self.start()

    def start(self) -> None:
        up = [str(self.room.tutti), "--config", str(self.folder / "tutti.yaml"), "up", "--listen", "127.0.0.1:0", "--json"]
        environment = {"TUTTI_HOME": str(self.folder / "state"), "TUTTI_KEY": OPERATOR}
        self.url = self.room.start("outlive", up, **environment)["url"]
        self.program = self.room.running.pop()

    def kill(self) -> None:
        self.program.kill()
        self.program.wait()

    def tell(self) -> None:
        """Tells all runs of the event that they wait for."""
        headers = {"content-type": "application/json", "authorization": f"Bearer {OPERATOR}"}
        api = self.url.removesuffix("/mcp") + "/api/v1/runs"
        with urllib.request.urlopen(urllib.request.Request(api, headers=headers), timeout=LIMIT) as answer:
            runs = json.load(answer)["runs"]
        for run in runs:
            body = json.dumps({"name": "paid", "key": "1", "body": {"sum": 12}}).encode()
            urllib.request.urlopen(urllib.request.Request(f"{api}/{run['id']}/signal", body, headers), timeout=LIMIT).close()

    def ask(self, what: str, who: str, task: str = "") -> dict:
        command = [*self.room.python("python-v1"), __file__, what, self.url, KEYS[who], task]
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT * 2)
        if done.returncode:
            return {"problem": done.stderr[-1000:]}
        return json.loads(done.stdout)


def checks(room) -> None:
    """Four checks."""
    hub = Hub(room)
    try:
        begun = hub.ask("begin", "alice")
        task = begun.get("task", "")
        room.report("python-v1 begins a run as a task", None if begun.get("status") == "working" else json.dumps(begun))
        hub.kill()
        hub.start()
        missing = hub.ask("missing", "bob", task)
        room.report("a task of another key is not there", None if "error" in missing else json.dumps(missing))
        hub.tell()
        fetched = hub.ask("fetch", "alice", task)
        wanted = {"text": "12", "status": "completed"}
        room.report("another client fetches it after the hub was killed", None if fetched == wanted else json.dumps(fetched))
        listed = hub.ask("list", "alice")
        room.report("and finds it in the list", None if listed == {"tasks": [task]} else json.dumps(listed))
    finally:
        hub.kill()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    what, url, key, task = (*sys.argv[1:], "")[:4]
    print(json.dumps(asyncio.run(act(what, url, key, task))))
