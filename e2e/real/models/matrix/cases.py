"""The cases: what a client asks in each, and what its SDK must say of the answer. Each is a function of a `Cell`."""

import script
from client import Client, Failed, Said

#: How SDKs call what goes wrong, by what the provider says.
KINDS = {
    "openai": {"400": "BadRequestError", "429": "RateLimitError", "503": "InternalServerError", "broken": "APIError"},
    "gemini": {"400": "ClientError", "429": "ClientError", "503": "ServerError", "broken": "APIError"},
    "ollama": {name: "ResponseError" for name in ("400", "429", "503", "broken")},
}
#: Which dialects tell how much of the input was kept, and how much of the output was thought.
TELL_CACHED = ("openai_chat", "openai_responses", "anthropic", "gemini", "bedrock")
TELL_THOUGHTS = ("openai_chat", "openai_responses", "gemini")
#: Dialects that have no word for an answer that a filter cut off.
NO_FILTER = ("ollama",)
#: What must stand in the names of models so that they are known to think.
FAMILY = {"bedrock": "claude:0"}
#: Dialects whose calls need no id, or have none.
NO_IDS = ("gemini", "ollama")


def expect(what: str, found, wanted) -> None:
    if found != wanted:
        raise AssertionError(f"{what}: {found!r} instead of {wanted!r}")


class Cell:
    """One case of one client before one provider, streamed or not."""

    def __init__(self, client: Client, out: str, case: str, stream: bool, go: str) -> None:
        self.client, self.out, self.case, self.stream, self.go = client, out, case, stream, go
        #: What was asked for, as the provider knows it.
        self.models: list[str] = []

    def try_(self, turns: list[dict], case: str | None = None, **more) -> Said | Failed:
        way = "stream" if self.stream else "whole"
        parts = [case or self.case, self.client.dialect, self.client.sdk, FAMILY.get(self.out), way]
        model = ".".join(part for part in parts if part)
        if model not in self.models:
            self.models.append(model)
        question = {"model": f"{self.out}/{model}", "stream": self.stream, "turns": turns} | more
        return self.client.try_(question)

    def ask(self, turns: list[dict], case: str | None = None, **more) -> Said:
        said = self.try_(turns, case, **more)
        if isinstance(said, Failed):
            raise AssertionError(f"{said.kinds[0]} {said.status}: {said.text}")
        return said


def user(number: int, *more: dict) -> dict:
    return {"user": [{"text": script.QUESTIONS[number]}, *more]}


def plain(cell: Cell, turns: list[dict], wanted: str = script.ANSWER, **more) -> Said:
    """An answer that is this text and nothing else."""
    said = cell.ask(turns, **more)
    expect("text", said.text, wanted)
    expect("end", said.end, "stop")
    expect("calls", said.calls, [])
    if cell.stream and said.pieces < 2:
        raise AssertionError(f"the text came in {said.pieces} pieces")
    return said


def text(cell: Cell) -> None:
    plain(cell, [user(0)])


def system(cell: Cell) -> None:
    plain(cell, [user(0)], system=script.SYSTEM)


def multi_turn(cell: Cell) -> None:
    first = plain(cell, [user(0)])
    plain(cell, [user(0), {"said": first.said}, user(1)], script.SECOND)


def tools(cell: Cell) -> None:
    first = cell.ask([user(0)], tools=[script.TOOL])
    expect("text", first.text, "Let me look.")
    expect("end", first.end, "calls")
    expect("arguments", [call["arguments"] for call in first.calls], [{"city": city} for city in script.CITIES])
    expect("names", [call["name"] for call in first.calls], ["weather"] * 2)
    ids = [call["id"] for call in first.calls]
    if cell.client.dialect not in NO_IDS and (not all(ids) or len(set(ids)) != 2):
        raise AssertionError(f"the ids of the calls are {ids}")
    results = [
        {"id": call["id"], "name": call["name"], "text": script.CITIES[call["arguments"]["city"]]} for call in first.calls
    ]
    plain(cell, [user(0), {"said": first.said}, {"results": results}], tools=[script.TOOL])


def images(cell: Cell) -> None:
    plain(cell, [user(0, {"image": script.IMAGE, "type": "image/png"})])


def reasoning(cell: Cell) -> None:
    more = {"think": True, "tools": [script.TOOL]}
    first = cell.ask([user(0)], **more)
    expect("thoughts", first.thoughts, script.THOUGHTS[0])
    expect("calls", [(call["name"], call["arguments"]) for call in first.calls], [("weather", {"city": "Köln"})])
    result = {"id": first.calls[0]["id"], "name": "weather", "text": script.CITIES["Köln"]}
    turns = [user(0), {"said": first.said}, {"results": [result]}]
    second = plain(cell, turns, **more)
    expect("thoughts", second.thoughts, script.THOUGHTS[1])
    third = plain(cell, [*turns, {"said": second.said}, user(1)], **more)
    expect("thoughts", third.thoughts, script.THOUGHTS[2])


def structured_output(cell: Cell) -> None:
    said = cell.ask([user(0)], form=True)
    expect("form", said.form, script.FORM)


def stop_reasons(cell: Cell) -> None:
    said = cell.ask([user(0)], "stop_reasons-length", limit=script.LIMIT)
    expect("end", said.end, "length")
    if cell.out not in NO_FILTER:
        said = cell.ask([user(0)], "stop_reasons-filter")
        if cell.client.dialect not in NO_FILTER:
            expect("end", said.end, "filter")


def usage(cell: Cell) -> None:
    took, wanted = cell.ask([user(0)]).usage, script.USAGE
    expect("input", took["input"], wanted["input"])
    expect("output", took["output"], wanted["output"])
    for name, tell in (("cached", TELL_CACHED), ("thoughts", TELL_THOUGHTS)):
        if cell.out in tell and cell.client.dialect in tell:
            expect(name, took.get(name), wanted[name])


def errors(cell: Cell) -> None:
    dialect = cell.client.dialect
    kinds = KINDS.get(dialect, KINDS["openai"])
    for name in ("400", "429", "503", "broken") if cell.stream else ("400", "429", "503"):
        failed = cell.try_([user(0)], f"errors-{name}", go=cell.go if name == "broken" else None)
        if isinstance(failed, Said):
            raise AssertionError(f"errors-{name} looks like a whole answer: {failed.text!r}")
        told = f"{failed.kinds[0]} {failed.status}: {failed.text}"
        if kinds[name] not in failed.kinds and "Trouble" not in failed.kinds:
            raise AssertionError(f"errors-{name}: {told} is no {kinds[name]}")
        if name == "broken":
            if not failed.said.startswith(script.CUT):
                raise AssertionError(f"errors-broken: {failed.said!r} was said before {told}")
        elif (failed.status >= 500) != (name == "503") or (name != "503" and failed.status != int(name)):
            raise AssertionError(f"errors-{name}: {told}")
        if name == "400" and script.WRONG not in failed.text:
            raise AssertionError(f"errors-400: {told} does not say what the provider said")


CASES = {
    case.__name__: case
    for case in (text, system, multi_turn, tools, images, reasoning, structured_output, stop_reasons, usage, errors)
}
