"""Gemini's generateContent, as a provider speaks it: members in camel case or with underscores, as any reader of the JSON
form of Protocol Buffers takes them."""

import re

from wire import event, in_pieces, words

SIGNS = True
ENDS = {"stop": "STOP", "length": "MAX_TOKENS", "calls": "STOP", "filter": "SAFETY"}


def standard(data: str | None) -> str | None:
    """Base64 with the characters of RFC 4648, section 4. Gemini takes those of section 5 as well, and its SDKs write them."""
    return data.replace("-", "+").replace("_", "/") if data else None


def part(given: dict) -> dict:
    signature = {"signature": standard(given.get("thoughtSignature"))}
    if "functionCall" in given:
        call = given["functionCall"]
        return {"kind": "call", "id": call.get("id"), "name": call["name"], "arguments": call.get("args") or {}} | signature
    if "functionResponse" in given:
        found = given["functionResponse"]
        text = str(found["response"])
        return {"kind": "result", "id": found.get("id"), "name": found["name"], "text": text}
    if "inlineData" in given:
        return {"kind": "image", "type": given["inlineData"]["mimeType"], "data": standard(given["inlineData"]["data"])}
    if given.get("thought"):
        return {"kind": "thought", "text": given.get("text", "")} | signature
    return words(given["text"]) | signature


def camel(given):
    """The same with all members in camel case, but for those that the user names."""
    if isinstance(given, list):
        return [camel(one) for one in given]
    if not isinstance(given, dict):
        return given
    named = {re.sub("_([a-z])", lambda found: found[1].upper(), name): value for name, value in given.items()}
    own = ("args", "response", "parametersJsonSchema", "responseJsonSchema", "parameters", "responseSchema")
    return {name: value if name in own else camel(value) for name, value in named.items()}


def read(path: str, body: dict) -> dict:
    body = camel(body)
    roles = {"model": "assistant", "user": "user", "function": "user"}
    turns = [(roles[turn["role"]], [part(given) for given in turn["parts"]]) for turn in body["contents"]]
    config = body.get("generationConfig") or {}
    functions = [function for tool in body.get("tools") or [] for function in tool.get("functionDeclarations") or []]
    return {
        "system": "".join(given["text"] for given in (body.get("systemInstruction") or {}).get("parts") or []),
        "turns": turns,
        "tools": [
            {"name": function["name"], "schema": function.get("parametersJsonSchema") or function.get("parameters") or {}}
            for function in functions
        ],
        "schema": config.get("responseJsonSchema") or config.get("responseSchema"),
        "limit": config.get("maxOutputTokens"),
        "thinks": bool(config.get("thinkingConfig")),
        "stream": ":streamGenerateContent" in path,
    }


def usage(answer: dict) -> dict:
    took = answer["usage"]
    numbers = {
        "promptTokenCount": took["input"],
        "candidatesTokenCount": took["output"] - took["thoughts"],
        "totalTokenCount": took["input"] + took["output"],
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": took["input"]}],
    }
    numbers |= {"thoughtsTokenCount": took["thoughts"]} if took["thoughts"] else {}
    return numbers | ({"cachedContentTokenCount": took["cached"]} if took["cached"] else {})


def parts(answer: dict) -> list[dict]:
    """Thoughts are shown without a signature; the first thing that is said after them has it."""
    made, thinks = [], any(item["kind"] == "thought" for item in answer["items"])
    for item in answer["items"]:
        if item["kind"] == "thought":
            made.append({"text": item["text"], "thought": True})
            continue
        if item["kind"] == "text":
            made.append({"text": item["text"]})
        else:
            made.append({"functionCall": {"id": item["id"], "name": item["name"], "args": item["arguments"]}})
        if thinks:
            made[-1]["thoughtSignature"] = answer["signature"]
    return made


def chunk(said: list[dict], model: str, took: dict, end: str | None = None) -> dict:
    candidate = {"content": {"role": "model", "parts": said}, "index": 0} | ({"finishReason": end} if end else {})
    return {"candidates": [candidate], "usageMetadata": took, "modelVersion": model, "responseId": "resp-1"}


def whole(answer: dict, model: str, body: dict) -> dict:
    return chunk(parts(answer), model, usage(answer), ENDS[answer["end"]])


def stream(answer: dict, model: str, body: dict):
    took = usage(answer)
    early = {name: took[name] for name in ("promptTokenCount", "promptTokensDetails")} | {"totalTokenCount": took["promptTokenCount"]}
    for given in parts(answer):
        signature = given.pop("thoughtSignature", None)
        for piece in in_pieces(given["text"]) if "text" in given else []:
            yield event(chunk([given | {"text": piece}], model, early))
        if "functionCall" in given:
            yield event(chunk([given | ({"thoughtSignature": signature} if signature else {})], model, early))
        elif signature:
            # At the end of a streamed text the signature comes with an empty part.
            yield event(chunk([{"text": "", "thoughtSignature": signature}], model, early))
    yield event(chunk([{"text": ""}], model, took, ENDS[answer["end"]]))


def failure(status: int, message: str) -> dict:
    kinds = {400: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
    return {"error": {"code": status, "message": message, "status": kinds[status]}}


def trouble(message: str) -> bytes:
    return event(failure(503, message))
