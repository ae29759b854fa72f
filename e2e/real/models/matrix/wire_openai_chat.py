"""OpenAI chat completions, as a provider speaks them: the published description, with `reasoning_content` for thoughts as
servers say them that show any."""

import json
from wire import data_url, event, in_pieces, words

SIGNS = False
ENDS = {"stop": "stop", "length": "length", "calls": "tool_calls", "filter": "content_filter"}


def content(said) -> list[dict]:
    if said is None or said == "":
        return []
    if isinstance(said, str):
        return [{"kind": "text", "text": said}]
    return [data_url(part["image_url"]["url"]) if part["type"] == "image_url" else words(part["text"]) for part in said]


def turn(message: dict) -> tuple[str, list[dict]]:
    role, said = message["role"], content(message.get("content"))
    if role == "tool":
        text = "".join(part["text"] for part in said)
        return "user", [{"kind": "result", "id": message["tool_call_id"], "name": None, "text": text}]
    thoughts = message.get("reasoning_content")
    before = [{"kind": "thought", "text": thoughts, "signature": None}] if thoughts else []
    calls = [
        {"kind": "call", "id": call["id"], "name": call["function"]["name"], "arguments": json.loads(call["function"]["arguments"])}
        for call in message.get("tool_calls") or []
    ]
    return role, before + said + calls


def read(path: str, body: dict) -> dict:
    turns = [turn(message) for message in body["messages"]]
    form = (body.get("response_format") or {}).get("json_schema") or {}
    return {
        "system": "".join(part["text"] for role, said in turns if role in ("system", "developer") for part in said),
        "turns": [(role, said) for role, said in turns if role not in ("system", "developer")],
        "tools": [{"name": tool["function"]["name"], "schema": tool["function"]["parameters"]} for tool in body.get("tools") or []],
        "schema": form.get("schema"),
        "limit": body.get("max_completion_tokens", body.get("max_tokens")),
        "thinks": body.get("reasoning_effort") not in (None, "none"),
        "stream": bool(body.get("stream")),
    }


def usage(answer: dict) -> dict:
    took = answer["usage"]
    return {
        "prompt_tokens": took["input"],
        "completion_tokens": took["output"],
        "total_tokens": took["input"] + took["output"],
        "prompt_tokens_details": {"cached_tokens": took["cached"], "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": took["thoughts"], "audio_tokens": 0},
    }


def whole(answer: dict, model: str, body: dict) -> dict:
    message = {"role": "assistant", "content": None, "refusal": None, "annotations": []}
    for item in answer["items"]:
        if item["kind"] == "text":
            message["content"] = item["text"]
        elif item["kind"] == "thought":
            message["reasoning_content"] = item["text"]
        else:
            function = {"name": item["name"], "arguments": json.dumps(item["arguments"], ensure_ascii=False)}
            message.setdefault("tool_calls", []).append({"id": item["id"], "type": "function", "function": function})
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": ENDS[answer["end"]]}
    about = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1750000000, "model": model}
    return about | {"choices": [choice], "usage": usage(answer), "service_tier": "default", "system_fingerprint": "fp_1"}


def stream(answer: dict, model: str, body: dict):
    wants_usage = (body.get("stream_options") or {}).get("include_usage")

    def chunk(delta: dict | None, reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        about = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1750000000, "model": model}
        told = {"usage": None} if wants_usage else {}
        return event(about | {"choices": [choice]} | told)

    yield chunk({"role": "assistant", "content": "", "refusal": None})
    number = 0
    for item in answer["items"]:
        if item["kind"] == "call":
            begun = {"index": number, "id": item["id"], "type": "function", "function": {"name": item["name"], "arguments": ""}}
            yield chunk({"tool_calls": [begun]})
            for piece in in_pieces(json.dumps(item["arguments"], ensure_ascii=False)):
                yield chunk({"tool_calls": [{"index": number, "function": {"arguments": piece}}]})
            number += 1
        else:
            member = "content" if item["kind"] == "text" else "reasoning_content"
            yield from (chunk({member: piece}) for piece in in_pieces(item["text"]))
    yield chunk({}, ENDS[answer["end"]])
    if wants_usage:
        about = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1750000000, "model": model}
        yield event(about | {"choices": [], "usage": usage(answer)})
    yield b"data: [DONE]\n\n"


def failure(status: int, message: str) -> dict:
    kinds = {400: "invalid_request_error", 429: "rate_limit_error"}
    codes = {429: "rate_limit_exceeded"}
    error = {"message": message, "type": kinds.get(status, "server_error"), "param": None, "code": codes.get(status)}
    return {"error": error}


def trouble(message: str) -> bytes:
    return event(failure(503, message))
