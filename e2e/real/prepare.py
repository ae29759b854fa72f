"""Prepares the data folder the real servers work on, always the same.

    python3 prepare.py DIR

Makes in DIR: `hello.txt`, `tmp/` for the servers' temporary files, and `repo/`, a
git repository with one commit whose author and dates are fixed, so that its commit
id is the same everywhere. What a former run left in DIR is removed; a folder that
this script did not make is not touched. Do it before the servers start: some keep
their files open. Prints the commit id. Needs Python 3 and git, no package.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

MARK = ".real-servers-data"
HELLO = "Hello from the file system.\nGrüße, 世界!\n"
GREET = 'def greet(name):\n    """Says hello to name."""\n    return f"Hello, {name}!"\n'


def git(repo: Path, *args: str) -> str:
    """Runs git without the user's configuration, as a fixed person at a fixed time."""
    moment = "2026-01-02T03:04:05+00:00"
    env = os.environ | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Tutti Test",
        "GIT_AUTHOR_EMAIL": "test@example.com",
        "GIT_AUTHOR_DATE": moment,
        "GIT_COMMITTER_NAME": "Tutti Test",
        "GIT_COMMITTER_EMAIL": "test@example.com",
        "GIT_COMMITTER_DATE": moment,
    }
    # A git hook calls its programs with GIT_DIR set; ours must not act on that repository.
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        env.pop(name, None)
    done = subprocess.run(["git", "-C", str(repo), *args], env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def prepare(folder: Path) -> str:
    """Makes `folder` as described above and returns the commit id."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise SystemExit(f"{folder} is not empty and was not made by prepare.py: choose another folder")
        shutil.rmtree(folder)
    repo = folder / "repo"
    repo.mkdir(parents=True)
    (folder / "tmp").mkdir()
    (folder / MARK).touch()
    (folder / "hello.txt").write_text(HELLO, encoding="utf-8")
    (repo / "greet.py").write_text(GREET, encoding="utf-8")
    git(repo, "-c", "init.defaultBranch=main", "init", "--quiet")
    git(repo, "add", "greet.py")
    git(repo, "commit", "--quiet", "--message", "First commit")
    return git(repo, "rev-parse", "HEAD")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(prepare(Path(sys.argv[1]).absolute()))
