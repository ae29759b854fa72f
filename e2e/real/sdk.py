"""Connects with the official Python SDK: 2.x, or the 1.x that most programs use. Clients see the same of both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from mcp import ClientSession

try:
    from mcp import Client
except ImportError:
    Client = None  # 1.x


@asynccontextmanager
async def connected(endpoint: Any, era: str, timeout: float, **callbacks: Any) -> AsyncIterator[tuple[Any, str]]:
    """A client of `endpoint`, a URL or a transport, and the version of the protocol that was agreed on.

    2.x asks with server/discover where `era` is modern and sends initialize where it is legacy. 1.x knows no other.
    """
    if Client:
        mode = "legacy" if era == "legacy" else "auto"
        async with Client(endpoint, mode=mode, read_timeout_seconds=timeout, **callbacks) as client:
            yield client, client.protocol_version
        return
    from datetime import timedelta

    from mcp.client.streamable_http import streamable_http_client

    transport = streamable_http_client(endpoint) if isinstance(endpoint, str) else endpoint
    async with transport as (receive, send, *_):
        limit = timedelta(seconds=timeout)
        async with ClientSession(receive, send, read_timeout_seconds=limit, **callbacks) as session:
            yield session, (await session.initialize()).protocolVersion


def endpoint_of(url: str, transport: str) -> Any:
    """The endpoint at the hub whose address for streamable HTTP is `url`, over `transport`."""
    if transport == "sse":
        from mcp.client.sse import sse_client

        return sse_client(url.replace("/mcp", "/sse"))
    if transport == "websocket":
        from mcp.client.websocket import websocket_client

        return websocket_client(url.replace("http", "ws", 1).replace("/mcp", "/ws"))
    return url


async def list_tools(client: Any) -> list[str]:
    """The names of all tools, page by page."""
    names: list[str] = []
    cursor = None
    while True:
        page = await client.list_tools(cursor=cursor)
        names += [tool.name for tool in page.tools]
        cursor = page.model_dump(by_alias=True).get("nextCursor")
        if cursor is None:
            return names


async def call(client: Any, tool: str, arguments: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The result of a call, as it is in the protocol."""
    result = await client.call_tool(tool, arguments, **more)
    return result.model_dump(by_alias=True, mode="json", exclude_none=True)


def said(error: BaseException) -> str:
    """The innermost message: the SDK wraps errors in groups of one."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
