"""The strategies in which several models answer one request, with a real llama.cpp server as the local one.

Each is asked once: what it answers, what `x-tutti-parts` says of its parts, and that it costs what its parts cost.
"""

import json
import re
import urllib.request

#: Nano-dollars for a token that is read, and for one that is written.
PRICES = {"llama/tiny": (1_000, 2_000), "scripted/big": (3_000, 4_000), "scripted/judge": (5_000, 6_000)}
OWL = "The owl lives in the tree."
QUESTION = "Where does the owl live?"
FACT = "The password of the mill is rosemary."
#: About 4 kB in which one sentence matters.
TEXT = "\n\n".join(
    FACT if number == 13 else f"On day {number} the hen saw {number + 2} boats on the river, and nobody came to the pond."
    for number in range(40)
)


def expect(found, wanted) -> None:
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def configuration(llama: str, scripted: str) -> dict:
    local, big = "llama/tiny", "scripted/big"
    routes = {
        "boost": {"helper": local, "use": big, "long": "1kB", "window": "2kB"},
        "draft_refine": {"helper": local, "use": big},
        "cascade": {"use": [local, big], "check": {"judge": "scripted/judge", "least": 7}},
        "compare": {"use": [big, local], "judge": "scripted/judge"},
        "map_reduce": {"helper": local, "use": big, "long": "1kB", "chunk": "1kB"},
        "speculate": {"use": ["scripted/slow", local]},
    }
    price = {name: {"price": {"input": read / 1_000, "output": said / 1_000}} for name, (read, said) in PRICES.items()}
    providers = {name: {"url": f"{url}/v1", "dialects": ["openai-chat"]} for name, url in (("llama", llama), ("scripted", scripted))}
    routes = {name: {"strategy": name} | route for name, route in routes.items()}
    return {"providers": providers, "routes": routes, "deployments": price}


class Asker:
    """Asks a hub, and holds its books against what it says of the parts."""

    def __init__(self, url: str, key: str) -> None:
        self.url, self.key = url, key

    def send(self, path: str, body: dict | None = None):
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        data = None if body is None else json.dumps(body).encode()
        return urllib.request.urlopen(urllib.request.Request(f"{self.url}{path}", data, headers), timeout=60)

    def ask(self, strategy: str, *texts: str) -> tuple[str, list[tuple[str, str, str]]]:
        """The answer, and role, model and fate of each part. What all cost must be what its parts cost."""
        messages = [{"role": "user", "content": text} for text in texts]
        body = {"model": strategy, "messages": messages, "max_tokens": 30, "temperature": 0}
        with self.send("/v1/chat/completions", body) as answer:
            said, headers = json.load(answer), answer.headers
        expect(headers["x-tutti-strategy"], strategy)
        parts = [tuple(part.split(" ", 2)) for part in headers["x-tutti-parts"].split(", ")]
        self.cost(headers["x-tutti-run"], parts, said["usage"])
        return said["choices"][0]["message"]["content"], parts

    def cost(self, run: str, parts: list, usage: dict) -> None:
        with self.send("/api/v1/usage?since=1h&by=run,deployment") as answer:
            rows = [row for row in json.load(answer)["usage"] if row["run"] == run]
        with self.send("/api/v1/usage?since=1h&by=run") as answer:
            [whole] = [row for row in json.load(answer)["usage"] if row["run"] == run]
        asked = [part for part in parts if part[2] != "given up"]
        expect(sum(row["requests"] for row in rows), len(parts))
        # What the last part took, the answer says; what the others took, the header.
        tokens: dict[str, list[int]] = {}
        for _, model, fate in asked:
            took = re.fullmatch(r"answered (\d+)\+(\d+)", fate)
            expect(bool(took) or fate == "answered", True)
            read, written = took.groups() if took else (usage["prompt_tokens"], usage["completion_tokens"])
            sums = tokens.setdefault(model, [0, 0])
            sums[0], sums[1] = sums[0] + int(read), sums[1] + int(written)
        costs = {}
        for model, (read, written) in tokens.items():
            [row] = [row for row in rows if row["deployment"] == model]
            took = row["tokens"]
            # What llama.cpp reads from its cache it says, and it costs what is read.
            expect((model, took["input"] + took["cache_read"], took["output"]), (model, read, written))
            costs[model] = PRICES[model][0] * read + PRICES[model][1] * written
            expect((model, row["cost"]["nano_dollars"]), (model, costs[model]))
        expect(whole["cost"]["nano_dollars"], sum(costs.values()))


def checks(url: str, key: str):
    asker = Asker(url, key)

    def named(parts: list) -> list[tuple[str, str]]:
        return [(role, model) for role, model, _ in parts]

    def boost():
        said, parts = asker.ask("boost", TEXT, "What is the password of the mill?")
        expect(said, "The password is rosemary.")
        expect(named(parts), [("extract", "llama/tiny"), ("answer", "scripted/big")])

    def draft_refine():
        said, parts = asker.ask("draft_refine", QUESTION)
        expect(said, f"Refined: {OWL}")
        expect(named(parts), [("draft", "llama/tiny"), ("answer", "scripted/big")])

    def cascade():
        said, parts = asker.ask("cascade", QUESTION)
        expect(said, OWL)
        expect(named(parts), [("try", "llama/tiny"), ("judge", "scripted/judge")])

    def cascade_escalates():
        said, parts = asker.ask("cascade", f"{FACT} What is it?")
        expect(said, "The password is rosemary.")
        wanted = [("try", "llama/tiny"), ("judge", "scripted/judge"), ("answer", "scripted/big")]
        expect(named(parts), wanted)

    def compare():
        said, parts = asker.ask("compare", QUESTION)
        expect(said, OWL)
        wanted = [("answer", "llama/tiny"), ("answer", "scripted/big"), ("judge", "scripted/judge")]
        expect(sorted(named(parts)), wanted)

    def map_reduce():
        said, parts = asker.ask("map_reduce", TEXT, QUESTION)
        # What a tiny model notes of a text is its own matter; that it was noted is not.
        expect(said.startswith("Noted: ") and len(said) > 10, True)
        expect((named(parts)[0], named(parts)[-1]), (("plan", "scripted/big"), ("answer", "scripted/big")))
        expect(set(named(parts)[1:-1]), {("read", "llama/tiny")})
        expect(len(parts) > 4, True)

    def speculate():
        said, parts = asker.ask("speculate", QUESTION)
        expect(said, OWL)
        expect(parts, [("answer", "llama/tiny", "answered"), ("answer", "scripted/slow", "given up")])

    return [boost, draft_refine, cascade, cascade_escalates, compare, map_reduce, speculate]
