"""Anthropic Messages, as a provider speaks them."""

import json
from wire import event, in_pieces, words

SIGNS = True
ENDS = {"stop": "end_turn", "length": "max_tokens", "calls": "tool_use", "filter": "refusal"}


def block(given: dict) -> dict:
    kind = given["type"]
    if kind == "text":
        return words(given["text"])
    if kind == "image":
        return {"kind": "image", "type": given["source"]["media_type"], "data": given["source"]["data"]}
    if kind == "thinking":
        return {"kind": "thought", "text": given["thinking"], "signature": given["signature"]}
    if kind == "redacted_thinking":
        return {"kind": "thought", "text": "", "signature": given["data"]}
    if kind == "tool_use":
        return {"kind": "call", "id": given["id"], "name": given["name"], "arguments": given["input"]}
    if kind == "tool_result":
        text = "".join(part["text"] for part in content(given.get("content") or ""))
        return {"kind": "result", "id": given["tool_use_id"], "name": None, "text": text}
    raise ValueError(f"no block is a {kind}")


def content(said) -> list[dict]:
    return ([words(said)] if said else []) if isinstance(said, str) else [block(part) for part in said]


def read(path: str, body: dict) -> dict:
    turns = [(message["role"], content(message["content"])) for message in body["messages"]]
    config = body.get("output_config") or {}
    form = config.get("format") or body.get("output_format") or {}
    thinking = (body.get("thinking") or {}).get("type")
    return {
        "system": "".join(part["text"] for part in content(body.get("system") or "")),
        "turns": turns,
        "tools": [{"name": tool["name"], "schema": tool["input_schema"]} for tool in body.get("tools") or []],
        "schema": form.get("schema"),
        # Nothing is answered without it.
        "limit": body["max_tokens"],
        "thinks": thinking in ("enabled", "adaptive"),
        "stream": bool(body.get("stream")),
    }


def usage(answer: dict) -> dict:
    took = answer["usage"]
    read_anew = took["input"] - took["cached"]
    return {"input_tokens": read_anew, "cache_creation_input_tokens": 0, "cache_read_input_tokens": took["cached"],
            "output_tokens": took["output"], "service_tier": "standard"}


def blocks(answer: dict) -> list[dict]:
    made = {
        "text": lambda item: {"type": "text", "text": item["text"], "citations": None},
        "thought": lambda item: {"type": "thinking", "thinking": item["text"], "signature": answer["signature"]},
        "call": lambda item: {"type": "tool_use", "id": item["id"], "name": item["name"], "input": item["arguments"]},
    }
    return [made[item["kind"]](item) for item in answer["items"]]


def message(model: str, **more) -> dict:
    about = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "content": []}
    return about | {"stop_reason": None, "stop_sequence": None} | more


def whole(answer: dict, model: str, body: dict) -> dict:
    return message(model, content=blocks(answer), stop_reason=ENDS[answer["end"]], usage=usage(answer))


def deltas(given: dict):
    if given["type"] == "text":
        yield from ({"type": "text_delta", "text": piece} for piece in in_pieces(given["text"]))
    elif given["type"] == "thinking":
        yield from ({"type": "thinking_delta", "thinking": piece} for piece in in_pieces(given["thinking"]))
        yield {"type": "signature_delta", "signature": given["signature"]}
    else:
        yield {"type": "input_json_delta", "partial_json": ""}
        for piece in in_pieces(json.dumps(given["input"], ensure_ascii=False)):
            yield {"type": "input_json_delta", "partial_json": piece}


def stream(answer: dict, model: str, body: dict):
    took = usage(answer)
    items = [{"type": "message_start", "message": message(model, usage=took | {"output_tokens": 1})}]
    empty = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}
    for number, given in enumerate(blocks(answer)):
        items.append({"type": "content_block_start", "index": number, "content_block": given | empty[given["type"]]})
        items += [{"type": "ping"}] if number == 0 else []
        items += [{"type": "content_block_delta", "index": number, "delta": delta} for delta in deltas(given)]
        items.append({"type": "content_block_stop", "index": number})
    ended = {"stop_reason": ENDS[answer["end"]], "stop_sequence": None}
    items.append({"type": "message_delta", "delta": ended, "usage": {"output_tokens": took["output_tokens"]}})
    items.append({"type": "message_stop"})
    yield from (event(item, item["type"]) for item in items)


def failure(status: int, message: str) -> dict:
    kinds = {400: "invalid_request_error", 429: "rate_limit_error", 503: "overloaded_error"}
    return {"type": "error", "error": {"type": kinds[status], "message": message}, "request_id": "req_1"}


def trouble(message: str) -> bytes:
    return event(failure(503, message), "error")
