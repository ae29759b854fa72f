"""The JavaScript SDKs of OpenAI and Anthropic, in a program of Node's that is told what to ask: `clients.mjs`."""

import json
import shutil
from pathlib import Path

from client import Client, Failed, Form, Said
from room import Room


class Bridge:
    """The program."""

    def __init__(self, room: Room, packages: Path) -> None:
        script = Path(__file__).with_name("clients.mjs")
        room.start("javascript", [shutil.which("node"), str(script), str(packages.absolute())])
        self.program = room.running[-1]

    def ask(self, question: dict) -> dict:
        self.program.stdin.write(json.dumps(question).encode() + b"\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())


class JavaScript(Client):
    sdk = "javascript"

    def __init__(self, bridge: Bridge, dialect: str, url: str, key: str) -> None:
        super().__init__()
        self.bridge, self.dialect, self.to = bridge, dialect, {"dialect": dialect, "url": url, "key": key}

    def try_(self, question: dict) -> Said | Failed:
        schema = {"schema": Form.model_json_schema() | {"additionalProperties": False}} if question.get("form") else {}
        found = self.bridge.ask(self.to | question | schema)
        self.lost += [name for name in found["lost"] if name not in self.lost]
        return Failed(**found["failed"]) if "failed" in found else Said(**found["said"])


def of_javascript(bridge: Bridge, url: str, key: str) -> list[JavaScript]:
    return [JavaScript(bridge, dialect, url, key) for dialect in ("openai_chat", "openai_responses", "anthropic")]
