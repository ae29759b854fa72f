"""The programs of a run: started, asked where they serve, and ended."""

import json
import os
import subprocess
from pathlib import Path


class Room:
    """The programs that run."""

    def __init__(self, home: Path) -> None:
        self.home, self.running = home, []

    def start(self, name: str, command: list[str], folder: Path | None = None, **more: str) -> dict:
        """Starts a program that serves, and gives what it prints first."""
        log = (self.home / f"{name}.log").open("ab")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        program = subprocess.Popen(command, env=os.environ | more, cwd=folder or self.home, **pipes)
        self.running.append(program)
        for line in program.stdout:
            if line.startswith(b"{"):
                return json.loads(line)
        raise SystemExit(f"{name} did not start:\n{(self.home / f'{name}.log').read_text()}")

    def stop(self) -> None:
        """Ends all programs, the hub first. The others end with their standard input."""
        for program in reversed(self.running):
            program.stdin.close()
            if "tutti" in Path(program.args[0]).name:
                program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()


class Hub:
    """A hub with a folder of its own, that can be killed and started again."""

    def __init__(self, room: Room, name: str, command: list[str], folder: Path) -> None:
        self.room, self.name, self.command, self.folder = room, name, command, folder
        self.start()

    def start(self) -> None:
        state = {"TUTTI_HOME": str(self.folder / "state"), "TUTTI_KEY": ""}
        self.url = self.room.start(self.name, self.command, self.folder, **state)["url"].removesuffix("/mcp")

    def again(self) -> None:
        """Kills the hub, so that it can end nothing in order, and starts it again."""
        program = self.room.running.pop()
        program.kill()
        program.wait(20)
        self.start()
