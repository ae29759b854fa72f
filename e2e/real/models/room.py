"""The programs of a run: started, asked where they serve, and ended."""

import json
import os
import subprocess
from pathlib import Path


class Room:
    """The programs that run."""

    def __init__(self, home: Path) -> None:
        self.home, self.running = home, []

    def start(self, name: str, command: list[str], **more: str) -> dict:
        """Starts a program that serves, and gives what it prints first."""
        log = (self.home / f"{name}.log").open("wb")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
        program = subprocess.Popen(command, env=os.environ | more, cwd=self.home, **pipes)
        self.running.append(program)
        for line in program.stdout:
            if line.startswith(b"{"):
                return json.loads(line)
        raise SystemExit(f"{name} did not start:\n{(self.home / f'{name}.log').read_text()}")

    def stop(self) -> None:
        """Ends all programs, the hub first. The others end with their standard input."""
        for program in reversed(self.running):
            program.stdin.close()
            if program is self.running[-1]:
                program.terminate()
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()
