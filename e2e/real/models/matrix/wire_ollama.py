"""Ollama's own dialect, as a provider speaks it."""

import json
from wire import in_pieces, words

SIGNS = False
ENDS = {"stop": "stop", "length": "length", "calls": "stop", "filter": "stop"}


def turn(message: dict) -> tuple[str, list[dict]]:
    role, text = message["role"], message.get("content") or ""
    if role == "tool":
        return "user", [{"kind": "result", "id": None, "name": message.get("tool_name"), "text": text}]
    thoughts = message.get("thinking")
    said = [{"kind": "thought", "text": thoughts, "signature": None}] if thoughts else []
    said += [words(text)] if text else []
    # It knows pictures by their bytes alone.
    said += [{"kind": "image", "type": "image/png", "data": data} for data in message.get("images") or []]
    for call in message.get("tool_calls") or []:
        function = call["function"]
        said.append({"kind": "call", "id": None, "name": function["name"], "arguments": function["arguments"]})
    return role, said


def read(path: str, body: dict) -> dict:
    turns = [turn(message) for message in body["messages"]]
    return {
        "system": "".join(part["text"] for role, said in turns if role == "system" for part in said),
        "turns": [(role, said) for role, said in turns if role != "system"],
        "tools": [{"name": tool["function"]["name"], "schema": tool["function"]["parameters"]} for tool in body.get("tools") or []],
        "schema": body.get("format"),
        "limit": (body.get("options") or {}).get("num_predict"),
        "thinks": bool(body.get("think")),
        "stream": body.get("stream", True),
    }


def part(model: str, message: dict, **more) -> dict:
    about = {"model": model, "created_at": "2026-01-01T00:00:00.123456789Z"}
    return about | {"message": {"role": "assistant", "content": ""} | message, "done": False} | more


def ended(answer: dict) -> dict:
    counts = {"prompt_eval_count": answer["usage"]["input"], "eval_count": answer["usage"]["output"]}
    times = {name: 1000 for name in ("total_duration", "load_duration", "prompt_eval_duration", "eval_duration")}
    return {"done": True, "done_reason": ENDS[answer["end"]]} | counts | times


def calls(answer: dict) -> list[dict]:
    made = [item for item in answer["items"] if item["kind"] == "call"]
    return [{"function": {"index": number, "name": item["name"], "arguments": item["arguments"]}} for number, item in enumerate(made)]


def whole(answer: dict, model: str, body: dict) -> dict:
    message: dict = {}
    for item in answer["items"]:
        if item["kind"] != "call":
            message["content" if item["kind"] == "text" else "thinking"] = item["text"]
    if calls(answer):
        message["tool_calls"] = calls(answer)
    return part(model, message, **ended(answer))


def stream(answer: dict, model: str, body: dict):
    lines = []
    for item in answer["items"]:
        if item["kind"] != "call":
            member = "content" if item["kind"] == "text" else "thinking"
            lines += [part(model, {member: piece}) for piece in in_pieces(item["text"])]
    lines += [part(model, {"tool_calls": [call]}) for call in calls(answer)]
    lines.append(part(model, {}, **ended(answer)))
    yield from (json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def failure(status: int, message: str) -> dict:
    return {"error": message}


def trouble(message: str) -> bytes:
    return json.dumps({"error": message}).encode() + b"\n"
