"""A server made with the official Python SDK, over each transport that the SDK has.

    python server.py

serves on a free port, prints its addresses as one line of JSON, and ends with its standard input. With SDK 2.x these are
streamable HTTP and the HTTP transport of 2024-11-05, with 1.x a WebSocket too.
"""

import asyncio
from typing import Annotated

from pydantic import BaseModel
from serving import serve

try:
    from mcp.server.mcpserver import Context, Elicit, ElicitationResult, MCPServer, Resolve
except ImportError:
    from mcp.server.fastmcp import Context
    from mcp.server.fastmcp import FastMCP as MCPServer

    Resolve = None  # 1.x

server = MCPServer("python-sdk")
told: dict[str, asyncio.Event] = {}
released: dict[str, asyncio.Event] = {}


class Name(BaseModel):
    """What a person is asked for."""

    name: str


def hello(answer) -> str:
    return f"hello {answer.data.name}" if answer.action == "accept" else answer.action


@server.tool()
def echo(message: str) -> str:
    """Gives back what it gets."""
    return message


@server.tool()
async def steps(count: int, word: str, ctx: Context) -> str:
    """Tells of each step, as progress and in a log message, and ends when `release` is called with the word."""
    for step in range(1, count + 1):
        await ctx.report_progress(step, count, f"{word} {step}")
        await ctx.info(f"{word} {step}")
    told.setdefault(word, asyncio.Event()).set()
    await released.setdefault(word, asyncio.Event()).wait()
    return f"{count} steps"


@server.tool()
async def release(word: str) -> str:
    """Lets `steps` end, once it has told of all."""
    await told.setdefault(word, asyncio.Event()).wait()
    released.setdefault(word, asyncio.Event()).set()
    return word


if Resolve:

    def who(question: str) -> Elicit[Name]:
        return Elicit(question, Name)

    @server.tool()
    async def ask(question: str, answer: Annotated[ElicitationResult[Name], Resolve(who)]) -> str:
        """Asks the user of the client, in the way of either era."""
        return hello(answer)

else:

    @server.tool()
    async def ask(question: str, ctx: Context) -> str:
        """Asks the user of the client."""
        return hello(await ctx.elicit(question, Name))


def web_socket_routes() -> list:
    try:
        from mcp.server.websocket import websocket_server
        from starlette.routing import WebSocketRoute
    except ImportError:
        return []

    async def talk(socket) -> None:
        own = server._mcp_server  # the SDK gives no way to serve a WebSocket but the one of its lower level
        async with websocket_server(socket.scope, socket.receive, socket._send) as streams:
            await own.run(streams[0], streams[1], own.create_initialization_options())

    return [WebSocketRoute("/ws", talk)]


if __name__ == "__main__":
    sockets = web_socket_routes()
    app = server.streamable_http_app()
    app.router.routes.extend([*server.sse_app().routes, *sockets])
    paths = {"http": "http:/mcp", "sse": "http:/sse"} | ({"websocket": "ws:/ws"} if sockets else {})
    serve(app, paths)
