"""OpenAI Responses, as a provider speaks them."""

import json
from wire import data_url, event, in_pieces, words

SIGNS = True


def parts(said) -> list[dict]:
    if isinstance(said, str):
        return [words(said)]
    return [data_url(part["image_url"]) if part["type"] == "input_image" else words(part["text"]) for part in said]


def turn(item: dict) -> tuple[str, list[dict]]:
    kind = item.get("type", "message")
    if kind == "message":
        return item["role"], parts(item["content"])
    if kind == "reasoning":
        text = "".join(part["text"] for part in item.get("summary") or [])
        return "assistant", [{"kind": "thought", "text": text, "signature": item.get("encrypted_content")}]
    if kind == "function_call":
        call = {"id": item["call_id"], "name": item["name"], "arguments": json.loads(item["arguments"])}
        return "assistant", [{"kind": "call"} | call]
    if kind == "function_call_output":
        text = "".join(part["text"] for part in parts(item["output"]))
        return "user", [{"kind": "result", "id": item["call_id"], "name": None, "text": text}]
    raise ValueError(f"no item is a {kind}")


def read(path: str, body: dict) -> dict:
    given = body["input"]
    turns = [("user", parts(given))] if isinstance(given, str) else [turn(item) for item in given]
    system = "".join(part["text"] for role, said in turns if role in ("system", "developer") for part in said)
    return {
        "system": (body.get("instructions") or "") + system,
        "turns": [(role, said) for role, said in turns if role not in ("system", "developer")],
        "tools": [{"name": tool["name"], "schema": tool["parameters"]} for tool in body.get("tools") or []],
        "schema": ((body.get("text") or {}).get("format") or {}).get("schema"),
        "limit": body.get("max_output_tokens"),
        "thinks": bool(body.get("reasoning")),
        "stream": bool(body.get("stream")),
    }


def output(answer: dict, body: dict) -> list[dict]:
    items = []
    for item in answer["items"]:
        if item["kind"] == "thought":
            summary = [{"type": "summary_text", "text": item["text"]}]
            secret = "reasoning.encrypted_content" in (body.get("include") or [])
            sealed = {"encrypted_content": answer["signature"]} if secret else {}
            items.append({"id": item["id"], "type": "reasoning", "summary": summary} | sealed)
        elif item["kind"] == "text":
            text = {"type": "output_text", "text": item["text"], "annotations": [], "logprobs": []}
            items.append({"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [text]})
        else:
            made = {"arguments": json.dumps(item["arguments"], ensure_ascii=False), "call_id": item["id"], "name": item["name"]}
            items.append({"id": f"fc_{item['id']}", "type": "function_call", "status": "completed"} | made)
    return items


def response(model: str, body: dict, status: str, **more) -> dict:
    repeated = {
        "parallel_tool_calls": True, "previous_response_id": None, "temperature": 1.0, "top_p": 1.0, "truncation": "disabled",
        "metadata": {}, "instructions": body.get("instructions"), "tools": body.get("tools") or [], "user": None,
        "tool_choice": body.get("tool_choice") or "auto", "text": body.get("text") or {"format": {"type": "text"}},
        "reasoning": {"effort": None, "summary": None}, "store": False, "max_output_tokens": body.get("max_output_tokens"),
    }
    about = {"id": "resp_1", "object": "response", "created_at": 1750000000, "status": status, "error": None}
    return about | {"incomplete_details": None, "model": model, "output": [], "usage": None} | repeated | more


def whole(answer: dict, model: str, body: dict) -> dict:
    took = answer["usage"]
    usage = {
        "input_tokens": took["input"],
        "input_tokens_details": {"cached_tokens": took["cached"]},
        "output_tokens": took["output"],
        "output_tokens_details": {"reasoning_tokens": took["thoughts"]},
        "total_tokens": took["input"] + took["output"],
    }
    reasons = {"length": "max_output_tokens", "filter": "content_filter"}
    reason = reasons.get(answer["end"])
    details = {"reason": reason} if reason else None
    status = "incomplete" if reason else "completed"
    return response(model, body, status, output=output(answer, body), usage=usage, incomplete_details=details)


def of_item(number: int, item: dict):
    """The events of an item of the output."""
    at = {"item_id": item["id"], "output_index": number}
    if item["type"] == "message":
        text = item["content"][0]
        yield {"type": "response.output_item.added", "output_index": number, "item": item | {"status": "in_progress", "content": []}}
        place = at | {"content_index": 0}
        yield {"type": "response.content_part.added", "part": text | {"text": ""}} | place
        for piece in in_pieces(text["text"]):
            yield {"type": "response.output_text.delta", "delta": piece, "logprobs": []} | place
        yield {"type": "response.output_text.done", "text": text["text"], "logprobs": []} | place
        yield {"type": "response.content_part.done", "part": text} | place
    elif item["type"] == "reasoning":
        part = item["summary"][0]
        yield {"type": "response.output_item.added", "output_index": number, "item": item | {"summary": []}}
        place = at | {"summary_index": 0}
        yield {"type": "response.reasoning_summary_part.added", "part": part | {"text": ""}} | place
        for piece in in_pieces(part["text"]):
            yield {"type": "response.reasoning_summary_text.delta", "delta": piece} | place
        yield {"type": "response.reasoning_summary_text.done", "text": part["text"]} | place
        yield {"type": "response.reasoning_summary_part.done", "part": part} | place
    else:
        yield {"type": "response.output_item.added", "output_index": number, "item": item | {"status": "in_progress", "arguments": ""}}
        for piece in in_pieces(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", "delta": piece} | at
        yield {"type": "response.function_call_arguments.done", "arguments": item["arguments"], "name": item["name"]} | at
    yield {"type": "response.output_item.done", "output_index": number, "item": item}


def stream(answer: dict, model: str, body: dict):
    done, begun = whole(answer, model, body), response(model, body, "in_progress")
    items = [{"type": "response.created", "response": begun}, {"type": "response.in_progress", "response": begun}]
    for number, item in enumerate(done["output"]):
        items += of_item(number, item)
    items.append({"type": f"response.{done['status']}", "response": done})
    for number, item in enumerate(items):
        yield event(item | {"sequence_number": number}, item["type"])


def failure(status: int, message: str) -> dict:
    kinds = {400: "invalid_request_error", 429: "rate_limit_error"}
    codes = {429: "rate_limit_exceeded"}
    error = {"message": message, "type": kinds.get(status, "server_error"), "param": None, "code": codes.get(status)}
    return {"error": error}


def trouble(message: str) -> bytes:
    error = {"code": "server_error", "message": message}
    failed = response("tiny", {}, "failed", error=error)
    return event({"type": "response.failed", "sequence_number": 9, "response": failed}, "response.failed")
