"""The examples of workflows, each from its start to its end: in a hub of their own, with real tools and a real llama.cpp server.

The examples are used as they stand. Their files are below a folder of the test; their servers are the hub's own for files and the
reference servers for files, a graph of knowledge, Git and the time; their models are all the tiny one of the repository behind llama.cpp, which answers anything with something, and with JSON of the wanted schema where one is asked for. What
it says is of no matter here: that each step is done, in its order, with what it declares and with the effects that the files show, is.
Decisions of people come by the API. Between two of them the hub is killed and started again.
"""

import json
import shutil
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from prepare import git  # noqa: E402

EXAMPLES = HERE.parents[2] / "examples/workflows"
#: What providers of the examples are called. All are the same server here.
PROVIDERS = ("local", "gemini", "anthropic", "mistral")
KEY = "w4Jk8sPzQ2mVt6RyX9bNc3Lf"
#: How often a run is looked at, and for how long.
LOOK, LOOKS = 0.1, 1200
#: What the test writes to Git, the newest last.
COMMITS = ("The owl has a new tree.", "The hen counts boats.")
NOTES = {
    "notes/tides.md": "# Tides\n\nThe tides follow the moon.\nTides are highest at new moon.\nOPEN: who measured the tides?\n",
    "notes/owl.md": "# Owl\n\nThe owl lives in the tree.\n",
    "draft.md": "# Draft\n\nTo be moved.\n",
}


def expect(found, wanted) -> None:
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def servers(packages: Path, folder: Path) -> dict:
    """Those of the examples, as they are installed, on what `prepare` has made."""

    def server(command: str, *args: str, **more) -> dict:
        path = packages.absolute() / "bin" / command
        # A server in Python takes its time to start on a busy machine.
        return {"command": str(path), "args": list(args), "timeouts": {"start": "60s"}} | more

    kept = {"MEMORY_FILE_PATH": str(folder / "knowledge.jsonl")}
    return {
        "files": {"builtin": "files", "root": "work", "write": True},
        "site": server("mcp-server-filesystem", "work"),
        "knowledge": server("mcp-server-memory", env=kept, tools={"create_*": {"calls": 1}}),
        "git": server("mcp-server-git", "--repository", "repository"),
        "time": server("mcp-server-time", "--local-timezone", "UTC"),
    }


def configuration(llama: str, packages: Path, folder: Path) -> dict:
    """The servers of the examples, and models of all their names."""
    providers = {name: {"kind": "openai-compatible", "url": f"{llama}/v1", "dialects": ["openai-chat"]} for name in PROVIDERS}
    routes = {"default": {"use": ["local/qwen3"]}, "gemini-pro": {"use": ["gemini/gemini-pro"]}}
    return {
        "key": KEY,
        "servers": servers(packages, folder),
        "models": {"providers": providers, "routes": routes},
        "workflows": ["workflows/*.yaml"],
    }


def prepare(folder: Path) -> None:
    """The examples, and the files and the repository that they work on."""
    shutil.copytree(EXAMPLES, folder / "workflows", ignore=shutil.ignore_patterns("tutti.yaml"))
    for name, text in NOTES.items():
        path = folder / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    repository = folder / "repository"
    repository.mkdir()
    git(repository, "init", "--quiet")
    for message in COMMITS:
        git(repository, "commit", "--quiet", "--allow-empty", "--message", message)


class Runs:
    """Starts and follows runs."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key

    def ask(self, path: str, body: dict | None = None) -> dict:
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.code} {error.read().decode()}") from error

    def start(self, workflow: str, **params) -> str:
        return self.ask(f"workflows/{workflow}/runs", {"params": params})["id"]

    def until(self, run: str, *wanted: str) -> dict:
        """The run, once it stands so."""
        for _ in range(LOOKS):
            seen = self.ask(f"runs/{run}")
            if seen["status"] in wanted:
                return seen
            if seen["status"] in ("succeeded", "failed", "cancelled", "in_doubt"):
                raise AssertionError(f"the run is {seen['status']}: {json.dumps(seen)[:3000]}")
            time.sleep(LOOK)
        raise AssertionError(f"the run is {seen['status']} and not {wanted}: {json.dumps(seen)[:3000]}")

    def decide(self, run: str, **more) -> None:
        gate = self.until(run, "waiting")["gates"][0]
        self.ask(f"runs/{run}/approve", {"step": gate["path"], "arguments": gate["arguments"]} | more)

    def end(self, run: str) -> dict:
        done = self.until(run, "succeeded")
        for step in done["steps"]:
            if step["status"] not in ("succeeded", "skipped"):
                raise AssertionError(f"the step {step['path']} is {step['status']}")
        return done


def checks(hub):
    """A check for each example. `hub` gives the address of the hub; `hub.again()` kills it and starts it again."""
    work = hub.folder / "work"

    def runs() -> Runs:
        return Runs(hub.url, KEY)

    def kept() -> list[dict]:
        """What the knowledge server has on the disk."""
        lines = (hub.folder / "knowledge.jsonl").read_text(encoding="utf-8").splitlines()
        return [entity for entity in map(json.loads, lines) if entity["type"] == "entity"]

    def step(done: dict, path: str) -> dict:
        return next(step for step in done["steps"] if step["path"] == path)

    def said(done: dict, path: str) -> str:
        text = step(done, path)["output"]
        expect(isinstance(text, str) and text.strip() != "", True)
        return text

    def saved(done: dict, path: str) -> None:
        """A step that was given less context than all that its run has."""
        context = step(done, path)["context"]
        expect(0 < context["given"] < context["full_context"], True)

    def research_and_publish():
        run = runs().start("research_and_publish", topic="tides")
        runs().until(run, "waiting")
        hub.again()
        runs().decide(run, edited="The tides follow the moon.", reason="shorter")
        done = runs().end(run)
        expect(step(done, "web_research")["output"]["matches"][0]["path"], "notes/tides.md")
        saved(done, "analyze_results")
        expect(done["result"]["text"], said(done, "analyze_results"))
        report = said(done, "analyze_results")
        expect((work / "reports/tides.md").read_text(encoding="utf-8"), report)
        found = [(entity["name"], entity["observations"]) for entity in kept() if entity["entityType"] == "report"]
        expect(found, [(f"tides {run}", [report])])
        # The next one is told of it.
        run = runs().start("research_and_publish", topic="tides")
        runs().decide(run)
        done = runs().end(run)
        expect([entity["observations"] for entity in step(done, "known")["output"]["entities"]], [[report]])
        saved(done, "analyze_results")

    def sequential_elaboration():
        done = runs().end(runs().start("sequential_elaboration", user_prompt="an owl in a tree", words=50))
        expect(done["result"], said(done, "polish"))
        saved(done, "polish")

    def summarise_in_parallel():
        done = runs().end(runs().start("summarise_in_parallel", user_prompt="Where does the owl live?"))
        expect(len(step(done, "ask_all")["output"]), 2)
        said(done, "summarize")

    def summarise_with_a_person():
        run = runs().start("summarise_with_a_person", user_prompt="Where does the owl live?")
        runs().decide(run)
        done = runs().end(run)
        said(done, "shorten")

    def detailed_research():
        run = runs().start("detailed_research", topic="tides", depth=2)
        runs().decide(run)
        done = runs().end(run)
        answers = [{"type": "entity"} | one for one in step(done, "investigate")["output"]]
        expect([entity for entity in kept() if entity["entityType"] == "answer"], answers)
        expect((work / done["result"]).read_text(encoding="utf-8"), said(done, "report"))

    def release_notes():
        done = runs().end(runs().start("release_notes", repository="repository", good_enough=0))
        changes = step(done, "changes")["output"]
        expect([message in changes for message in COMMITS], [True] * len(COMMITS))
        expect((work / "RELEASE_NOTES.md").read_text(encoding="utf-8"), step(done, "improve")["output"]["text"])

    def summarise_files():
        done = runs().end(runs().start("summarise_files", folder="notes"))
        expect(sorted(file["path"] for file in done["result"]["files"]), ["notes/owl.md", "notes/tides.md"])
        said(done, "overview")

    def nightly_report():
        done = runs().end(runs().start("nightly_report", folder="notes", label="by hand", timezone="Asia/Tokyo"))
        now = step(done, "now")["output"]
        expect((now["timezone"], now["datetime"].endswith("+09:00")), ("Asia/Tokyo", True))
        text = (work / "journal.md").read_text(encoding="utf-8")
        expect(text.startswith(f"## by hand, {now['day_of_week']} {now['datetime']}\n2 entries.\n"), True)
        expect(step(done, "numbers")["output"], {"entries": 2, "points": 1})

    def compensation_saga():
        run = runs().start("compensation_saga", draft="draft.md")
        runs().until(run, "waiting")
        expect((work / "published/draft.md").is_file(), True)
        hub.again()
        gate = runs().until(run, "waiting")["gates"][0]
        runs().ask(f"runs/{run}/reject", {"step": gate["path"], "reason": "not now"})
        done = runs().until(run, "failed")
        expect(done["result"]["code"], "T-1210")
        # What was moved is back, and what cannot be undone is told of.
        expect((work / "draft.md").is_file(), True)
        expect((work / "published/draft.md").exists(), False)

    def publish_in_parts():
        run = runs().start("publish_in_parts", topic="the", parts=["owl", "moon"])
        for _ in range(2):
            within = waiting_within(run)
            runs().decide(within)
            runs().until(within, "succeeded")
        runs().until(run, "waiting")
        runs().ask(f"runs/{run}/signal", {"name": "other", "key": "1"})
        expect(runs().ask(f"runs/{run}")["status"], "waiting")
        runs().ask(f"runs/{run}/cancel", {"reason": "enough was seen"})
        runs().until(run, "cancelled")

    def waiting_within(run: str) -> str:
        """A run of a step of `run` at whose gate somebody is asked."""
        for _ in range(LOOKS):
            found = [one["id"] for one in runs().ask("runs?status=waiting")["runs"] if one["parent"] == run]
            found = [one for one in found if runs().ask(f"runs/{one}")["gates"]]
            if found:
                return found[0]
            time.sleep(LOOK)
        raise AssertionError("no run within waits")

    return [
        research_and_publish,
        sequential_elaboration,
        summarise_in_parallel,
        summarise_with_a_person,
        detailed_research,
        release_notes,
        summarise_files,
        nightly_report,
        compensation_saga,
        publish_in_parts,
    ]
