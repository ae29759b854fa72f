"""The matrix: the official SDKs of five dialects before providers of six, in ten cases, streamed and not.

    run.py --packages target/real --tutti target/debug/tutti [--in DIALECT] [--out DIALECT] [--case CASE]

Prints a line of JSON for each check: `{"in", "out", "case", "stream", "sdk", "ok", "lost", "problem"}`, where it failed with
all that the provider was asked and answered, and at the end how many passed and failed. `cargo xtask matrix` runs it and
prints the cells.
"""

import argparse
import json
import shutil
import sys
import tempfile
import traceback
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))

import cases
import cases_llama
import script
import wire_bedrock
from client import Client
from client_anthropic import Messages
from client_google import Gemini
from client_javascript import Bridge, of_javascript
from client_ollama import Ollama
from client_openai import Chat, Responses
from room import Room

KEY = "k7Xq2mVb9RtLw4ZsD8pNc3Hy"
PYTHON = [Chat, Responses, Messages, Gemini, Ollama]
#: Providers, by what they speak: the kind of their entry, and the dialect's name there. A row here and a wire is all that a
#: further dialect of providers takes.
OUT = {
    "openai_chat": ("openai-compatible", "openai-chat"),
    "openai_responses": ("openai", "openai-responses"),
    "anthropic": ("anthropic", "anthropic"),
    "gemini": ("gemini", "gemini"),
    "ollama": ("ollama", "ollama"),
    "bedrock": ("bedrock", "bedrock"),
}
#: The one provider that is real.
LLAMA = "llama_cpp"
#: Dialects that sign thoughts.
SIGN = ("openai_responses", "anthropic", "gemini", "bedrock")
WORDS = ("signature", "encrypted")


def configuration(spoken: str, llama_url: str) -> dict:
    paths = {"openai_chat": "/v1", "openai_responses": "/v1", "anthropic": "/v1", "gemini": "/v1beta"}
    providers = {
        name: {"kind": kind, "dialects": [dialect], "url": f"{spoken}/{name}{paths.get(name, '')}", "api_key": "sk-provider"}
        for name, (kind, dialect) in OUT.items()
    }
    signed = {"region": wire_bedrock.REGION, "access_key_id": wire_bedrock.KEY_ID, "secret_access_key": wire_bedrock.SECRET}
    providers["bedrock"] = {"kind": "bedrock", "url": f"{spoken}/bedrock"} | signed
    providers[LLAMA] = {"kind": "openai-compatible", "dialects": ["openai-chat"], "url": f"{llama_url}/v1"}
    return {"key": KEY, "models": {"providers": providers}}


def chosen(given, clients: list[Client], go: str):
    """All checks that are wanted. At `go` a provider is told to go on."""
    for out in [*OUT, LLAMA]:
        for name in cases_llama.CASES if out == LLAMA else cases.CASES:
            for client in clients:
                wanted = ((given.into, client.dialect), (given.out, out), (given.case, name))
                if all(word in (None, found) for word, found in wanted):
                    yield from (cases.Cell(client, out, name, stream, go) for stream in (False, True))


def unsigned(cell: cases.Cell, asked: list[list[str]], lost: list[str]) -> list[str]:
    """What is wrong with the signatures of thoughts: each comes back, whether or not the client has a place for it."""
    if cell.case != "reasoning" or cell.out not in SIGN or len(asked) != 3:
        return []
    missing = [
        signature
        for number, found in enumerate(asked)
        for signature in script.SIGNATURES[:number]
        if signature not in found
    ]
    if missing:
        return [f"signatures that did not come back: {missing}"]
    named = [name for name in lost if any(name.endswith(word) for word in WORDS)]
    return [f"signatures came back, and are named as lost: {named}"] if named else []


def check(cell: cases.Cell, spoken: str) -> dict:
    """Runs one check, and gives its line."""
    cell.client.lost.clear()
    problems = []
    try:
        (cases_llama.CASES if cell.out == LLAMA else cases.CASES)[cell.case](cell)
    except AssertionError as error:
        problems.append(str(error))
    except Exception:  # noqa: BLE001 - whatever an SDK stumbles over is what is looked for
        problems.append(traceback.format_exc(limit=-3))
    with urllib.request.urlopen(f"{spoken}/asked", timeout=60) as answer:
        asked = json.load(answer)
    found = [asked[model] for model in cell.models if model in asked]
    problems += [problem for one in found for problem in one["problems"]]
    lost = list(cell.client.lost)
    problems += unsigned(cell, [signed for one in found for signed in one["signatures"]], lost)
    if lost and cell.client.dialect == cell.out:
        problems.append("something is lost in the dialect's own")
    line = {"in": cell.client.dialect, "out": cell.out, "case": cell.case, "stream": cell.stream, "sdk": cell.client.sdk}
    line |= {"ok": not problems, "lost": lost, "problem": "; ".join(problems) or None}
    if problems:
        line["exchanges"] = [exchange for one in found for exchange in one["exchanges"]]
    return line


def run(given, home: Path, room: Room) -> list[bool]:
    """Runs all checks, and gives which are in order."""
    spoken = room.start("provider", [sys.executable, str(HERE / "provider.py")])["url"]
    real = room.start("llama", [sys.executable, str(HERE.parent / "llama.py")])["url"]
    bridge = Bridge(room, given.packages)
    (home / "tutti.yaml").write_text(json.dumps(configuration(spoken, real)), encoding="utf-8")
    up = [str(given.tutti.absolute()), "up", "--listen", "127.0.0.1:0", "--json"]
    url = room.start("tutti", up, TUTTI_HOME=str(home / "state"), TUTTI_KEY="")["url"].removesuffix("/mcp")
    clients = [client(url, KEY) for client in PYTHON] + of_javascript(bridge, url, KEY)
    done = []
    for cell in chosen(given, clients, f"{spoken}/go"):
        line = check(cell, spoken)
        done.append(line["ok"])
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True, help="where the packages are installed")
    parser.add_argument("--tutti", type=Path, required=True, help="the program under test")
    parser.add_argument("--in", dest="into", help="the clients of this dialect alone")
    parser.add_argument("--out", help="the providers of this dialect alone")
    parser.add_argument("--case", help="this case alone")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tutti-matrix-"))
    room, done = Room(home), []
    try:
        done = run(given, home, room)
    finally:
        room.stop()
        if not done:
            log = home / "tutti.log"
            print("\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else "", file=sys.stderr)
        shutil.rmtree(home, ignore_errors=True)
    print(json.dumps({"passed": sum(done), "failed": len(done) - sum(done)}))
    sys.exit(0 if done and all(done) else 1)


if __name__ == "__main__":
    main()
