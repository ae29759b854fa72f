"""A client made with the official Python SDK that tries the real servers.

    python client_python.py --url http://127.0.0.1:PORT/mcp --era modern --set small

connects to one endpoint, lists all tools, compares the names with expect.json, makes
the calls of calls.json and checks each answer.

    python client_python.py --direct examples/real-servers/full.yaml --set full

starts the servers of a configuration itself, one after the other and without Tutti,
and does the same. This shows whether a server, a call or Tutti is at fault.

Needs the packages `mcp` (2.x, which speaks both eras, or 1.x, which has WebSockets) and, for --direct, `pyyaml`.
"""

import asyncio
import logging
import os
import re
import time
from pathlib import Path
from typing import Any

import checks
from mcp import StdioServerParameters, stdio_client
from sdk import call, connected, endpoint_of, list_tools, said

MODERN = "2026-07-28"


async def first_problem(client: Any, prefix: str, calls: list[dict[str, Any]], words: dict[str, str]) -> str | None:
    """Makes the calls in order up to the first one that is not answered as it should be."""
    for planned in checks.fill(calls, words):
        try:
            answer = await call(client, prefix + planned["tool"], planned["args"])
        except Exception as error:  # whatever goes wrong is this server's result, the others go on
            return f"{planned['tool']}: {said(error)}"
        if problem := checks.wrong_answer(answer, planned["expect"]):
            return f"{planned['tool']}: {problem}"
    return None


async def through_endpoint(options: Any, words: dict[str, str]) -> None:
    """All servers behind one URL."""
    expected, calls, report = checks.load(options.expect), checks.load(options.calls), checks.Report()
    servers = checks.servers_of(options.set)
    try:
        endpoint = endpoint_of(options.url, options.transport)
        async with connected(endpoint, options.era, options.timeout) as (client, version):
            listed = await list_tools(client) if (version == MODERN) == (options.era == "modern") else None
            for server in servers if listed is not None else []:
                tools = checks.tools_of(server, listed, options.bare)
                prefix = "" if options.bare else server + "__"
                problem = checks.wrong_tools(tools, expected[server])
                problem = problem or await first_problem(client, prefix, calls[server], words)
                report.server(server, len(tools), problem)
        if listed is None:
            report.broken(servers, f"asked for the {options.era} era, the endpoint speaks {version}")
    except Exception as error:  # no connection, no list, or a connection that does not end as it should
        report.broken(servers, said(error))
    report.end()


def configured(path: str, data: str) -> dict[str, Any]:
    """The servers of a tutti.yaml, with ${NAME} and ${NAME:-word} filled in."""
    import yaml

    names = os.environ | {"REAL_SERVERS_DATA": data}
    text = Path(path).read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\$\{(\w+)(?::-([^}]*))?\}", lambda m: names.get(m[1]) or m[2] or "", text)
    return yaml.safe_load(text)["servers"]


def command_of(entry: dict[str, Any]) -> StdioServerParameters:
    """How to start a server: with a small environment, and in the folder we are in."""
    kept = {name: "" for name in ("SHELL", "TERM", "LOGNAME")}  # the SDK would pass these on
    env = kept | {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ} | entry.get("env", {})
    return StdioServerParameters(command=entry["command"], args=entry.get("args", []), env=env, cwd=entry.get("cwd"))


async def one_by_one(options: Any, words: dict[str, str]) -> None:
    """Each server on its own, over stdio."""
    expected, calls, report = checks.load(options.expect), checks.load(options.calls), checks.Report()
    entries = configured(options.direct, words["DATA"])
    stderr = Path(words["DATA"], "stderr.txt").open("w", encoding="utf-8")
    for server in checks.servers_of(options.set):
        begin, tools, more = time.monotonic(), [], {}
        try:
            transport = stdio_client(command_of(entries[server]), errlog=stderr)
            async with connected(transport, options.era, options.timeout) as (client, version):
                more = {"speaks": version, "start_ms": round((time.monotonic() - begin) * 1000)}
                tools = await list_tools(client)
                problem = checks.wrong_tools(tools, expected[server])
                problem = problem or await first_problem(client, "", calls[server], words)
        except Exception as error:
            problem = said(error)
        report.server(server, len(tools), problem, **more)
    report.end()


def main() -> None:
    parser = checks.arguments(__doc__.splitlines()[0])
    parser.add_argument("--direct", metavar="CONFIG", help="start the servers of this configuration, without Tutti")
    parser.add_argument("--transport", choices=["http", "sse", "websocket"], default="http", help="how to connect")
    options = parser.parse_args()
    if not options.url and not options.direct:
        parser.error("either --url or --direct is needed")
    run = options.run or f"python-{options.era}" + ("-direct" if options.direct else "")
    words = {"DATA": str(Path(options.data).absolute()), "RUN": run}
    logging.getLogger("mcp").setLevel(logging.CRITICAL)  # it shows a traceback for each line of noise on stdout
    asyncio.run(one_by_one(options, words) if options.direct else through_endpoint(options, words))


if __name__ == "__main__":
    main()
