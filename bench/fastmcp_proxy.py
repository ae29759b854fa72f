"""FastMCP in front of one upstream, as a target of the bench.

By default as FastMCP ships it: `create_proxy(url)`, which opens an upstream session for each request. With `--held`
one upstream session is opened at the start and serves every request.
"""

import argparse
import asyncio
import json
import socket

from fastmcp.server import create_proxy
from fastmcp.server.providers.proxy import FastMCPProxy, ProxyClient


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstream", required=True, help="MCP URL of the server to proxy")
    parser.add_argument("--era", choices=["legacy", "modern"], default="legacy", help="era of a held session")
    parser.add_argument("--held", action="store_true", help="hold one upstream session open")
    return parser.parse_args()


async def serve(proxy: FastMCPProxy) -> None:
    # Bound here, so that the port is free for certain and known before the server runs. The protocol must be named:
    # asyncio sets TCP_NODELAY only on sockets that say they are TCP, and without it every answer takes 44 ms.
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.bind(("127.0.0.1", 0))
    host, port = bound.getsockname()
    print(json.dumps({"url": f"http://{host}:{port}/mcp"}), flush=True)
    await proxy.run_async(transport="http", host=host, port=port, sockets=[bound])


async def main() -> None:
    args = arguments()
    if not args.held:
        await serve(create_proxy(args.upstream))
        return
    mode = "legacy" if args.era == "legacy" else "2026-07-28"
    async with ProxyClient(args.upstream, mode=mode) as client:
        await serve(FastMCPProxy(client_factory=lambda: client))


if __name__ == "__main__":
    asyncio.run(main())
