"""Loses the connection in the middle of a call, with the official Python SDK: the answer comes all the same.

    python resume.py NAME URL SERVER

The client reaches the hub through a proxy of this program, which cuts all its connections when the call has told of two
steps. Prints a line of JSON: what was done, and what was wrong with it.
"""

import asyncio
import json
import logging
import sys
from pathlib import Path
from urllib.parse import urlparse

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sdk  # noqa: E402

LIMIT = 30


class Proxy:
    """Passes bytes on, until it is told to cut."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.writers: list[asyncio.StreamWriter] = []
        self.sent = bytearray()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_hub, hub = await asyncio.open_connection(*self.target)
        self.writers += [writer, hub]
        await asyncio.gather(self.pass_on(reader, hub, self.sent), self.pass_on(to_hub, writer, bytearray()))

    async def pass_on(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, kept: bytearray) -> None:
        try:
            while data := await source.read(1 << 16):
                kept += data
                to.write(data)
                await to.drain()
        except OSError:
            pass  # cut
        finally:
            to.close()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()

    def resumed(self) -> int:
        """How many requests take up a stream again."""
        return self.sent.lower().count(b"\r\nlast-event-id:")


async def lose_connection(name: str, url: str, server: str) -> None:
    hub = urlparse(url)
    proxy, cut, steps = Proxy(hub.hostname, hub.port), asyncio.Event(), []

    async def on_progress(done, _total, _message) -> None:
        steps.append(done)
        if done == 2:
            cut.set()

    listener = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    through = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}{hub.path}"
    async with sdk.connected(through, "legacy", LIMIT) as (client, _), sdk.connected(url, "legacy", LIMIT) as (other, _):
        arguments = {"count": 2, "word": name}
        call = asyncio.create_task(sdk.call(client, f"{server}__steps", arguments, progress_callback=on_progress))
        await asyncio.wait_for(cut.wait(), LIMIT)
        proxy.cut()
        await sdk.call(other, f"{server}__release", {"word": name})
        result = await asyncio.wait_for(call, LIMIT)
        found = (result["content"][0]["text"], steps, proxy.resumed() > 0)
        expected = ("2 steps", [1, 2], True)
        if found != expected:
            raise AssertionError(f"answer, progress and Last-Event-ID: {found}, expected {expected}")
        # What was cut is over: the session goes on as before.
        again = await sdk.call(client, f"{server}__echo", {"message": "again"})
        assert again["content"][0]["text"] == "again", again


def main(name: str, url: str, server: str) -> None:
    problem = None
    try:
        asyncio.run(lose_connection(name, url, server))
    except Exception as error:
        problem = sdk.said(error)
    print(json.dumps({"check": f"{name} takes up the answer of {server} again", "problem": problem}))


if __name__ == "__main__":
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    main(*sys.argv[1:])
