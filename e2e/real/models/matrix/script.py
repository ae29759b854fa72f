"""What the scripted providers say in each case, whatever their dialect, and what they must have been asked for that.

An answer has items: thoughts, text, calls of tools, in this order, each signed where a provider would sign it. A request, as a
wire reads it (`wire_*.py`), has `system`, `turns` of parts, `tools`, `schema`, `limit` and `thinks`. What a provider is asked
for is called `CASE.CLIENT.SDK.STREAM`, so that each question of a cell can be told from all others.
"""

import json

ANSWER = "The owl lives in the tree. 🦉"
SECOND = "It sleeps there, too."
QUESTIONS = ["Where does the owl live?", "And where does it sleep?", "And its young?"]
SYSTEM = "Speak of owls only."
CITIES = {"Köln": "14 degrees in Köln", "Paris": "9 degrees in Paris"}
TOOL = {
    "name": "weather",
    "description": "Tells the weather",
    "schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
#: A picture of one pixel.
IMAGE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
FORM = {"animal": "owl", "legs": 2}
THOUGHTS = ["An owl, hm.", "It is warm there.", "They are with it."]
#: Base64, as signatures are.
SIGNATURES = ["c2lnbmVk+29uZQ==", "c2lnbmVk/3R3bw==", "c2lnbmVkLXRocmVl"]
LIMIT = 64
USAGE = {"input": 24, "cached": 8, "output": 12, "thoughts": 5}
WRONG = "the owl is not to be asked"
CUT = "The owl"


def text(said: str) -> dict:
    return {"kind": "text", "text": said}


def call(number: int, city: str) -> dict:
    return {"kind": "call", "id": f"call_{number}", "name": TOOL["name"], "arguments": {"city": city}}


def thought(number: int) -> dict:
    return {"kind": "thought", "text": THOUGHTS[number], "id": f"rs_{number}"}


def answer(case: str, turn: int) -> dict:
    """What is said in this case after `turn` turns of the model."""
    items, end, usage = [text(ANSWER)], "stop", {"input": 12, "cached": 0, "output": 7, "thoughts": 0}
    if case == "multi_turn" and turn:
        items = [text(SECOND)]
    elif case == "tools" and not turn:
        items, end = [text("Let me look."), *(call(number, city) for number, city in enumerate(CITIES))], "calls"
    elif case == "reasoning":
        items = [thought(turn), text(ANSWER) if turn else call(0, "Köln")]
        end = "stop" if turn else "calls"
    elif case == "structured_output":
        items = [text(json.dumps(FORM))]
    elif case.startswith("stop_reasons-"):
        end = case.partition("-")[2]
    elif case == "usage":
        usage = USAGE
    return {"items": items, "end": end, "usage": usage, "signature": SIGNATURES[turn]}


def parts(asked: dict, kind: str, role: str = "") -> list[dict]:
    """All parts of a kind, in their order."""
    turns = [turn for turn in asked["turns"] if role in ("", turn["role"])]
    return [part for turn in turns for part in turn["parts"] if part["kind"] == kind]


def spoken(asked: dict) -> int:
    """How many turns of the model a request has."""
    return sum(turn["role"] == "assistant" for turn in asked["turns"])


def signatures(asked: dict) -> list[str]:
    """All signatures that came back, in their order."""
    all_parts = [part for turn in asked["turns"] for part in turn["parts"]]
    return [part["signature"] for part in all_parts if part.get("signature")]


def results(asked: dict) -> list[str]:
    """What is wrong with the results of tools: each must be told of the call that it belongs to."""
    calls, found = parts(asked, "call"), parts(asked, "result")
    if [part["arguments"] for part in calls] != [{"city": city} for city in CITIES]:
        return [f"the calls are {calls}"]
    if len(found) != len(calls):
        return [f"{len(found)} results of {len(calls)} calls"]
    problems = []
    for number, result in enumerate(found):
        # A dialect without ids goes by the order.
        own = [part for part in calls if part["id"] == result["id"]] if result["id"] else [calls[number]]
        if len(own) != 1 or CITIES[own[0]["arguments"]["city"]] not in result["text"]:
            problems.append(f"the result {result} belongs to none of {calls}")
        if result["name"] not in (None, TOOL["name"]):
            problems.append(f"the result {result} is of another tool")
    return problems


def same(what: str, found, wanted) -> list[str]:
    return [] if found == wanted else [f"{what}: asked with {found!r} instead of {wanted!r}"]


def problems(case: str, asked: dict) -> list[str]:
    """What is wrong with a request of this case."""
    turn = spoken(asked)
    said = "".join(part["text"] for part in parts(asked, "text", "user"))
    found = same("users said", said, "".join(QUESTIONS[: said.count("?")]) or QUESTIONS[0])
    if case == "system":
        return found + same("system", asked["system"], SYSTEM)
    if case == "multi_turn":
        order = [(turn["role"], "".join(part["text"] for part in turn["parts"])) for turn in asked["turns"]]
        wanted = [("user", QUESTIONS[0]), ("assistant", ANSWER), ("user", QUESTIONS[1])]
        return same("turns", order, wanted if turn else wanted[:1])
    if case == "images":
        pictures = [(part["type"], part["data"]) for part in parts(asked, "image")]
        return found + same("pictures", pictures, [("image/png", IMAGE)])
    if case == "tools":
        tools = [(tool["name"], tool["schema"].get("required")) for tool in asked["tools"]]
        return found + same("tools", tools, [("weather", ["city"])]) + (results(asked) if turn else [])
    if case == "structured_output":
        schema = asked["schema"] or {}
        return found + same("members of the form", sorted(schema.get("properties", {})), sorted(FORM))
    if case == "stop_reasons-length":
        return found + same("limit", asked["limit"], LIMIT)
    if case == "reasoning":
        # Later a provider may be asked not to think: Anthropic does not without signed thoughts in the turn before.
        return found + ([] if turn else same("thinks", asked["thinks"], True))
    return found
