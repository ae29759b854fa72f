"""How the Python programs beside this file serve: on a free port, which they print, until their standard input ends."""

import asyncio
import json
import socket
import sys
import threading

import uvicorn


def serve(app, paths: dict[str, str]) -> None:
    """Serves `app`. `paths` names its addresses, each as a scheme and a path: `http:/mcp`."""
    listener = socket.create_server(("127.0.0.1", 0))
    where = f"//127.0.0.1:{listener.getsockname()[1]}"
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))

    def end_with_input() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=end_with_input, daemon=True).start()
    print(json.dumps({name: path.replace(":", f":{where}", 1) for name, path in paths.items()}), flush=True)
    asyncio.run(server.serve([listener]))
