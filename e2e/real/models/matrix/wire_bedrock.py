"""Amazon Bedrock Converse, as the service speaks it: signed requests, and streams of binary messages."""

import hashlib
import hmac
import json
import struct
import zlib
from urllib.parse import quote

from wire import in_pieces, words

SIGNS = True
ENDS = {"stop": "end_turn", "length": "max_tokens", "calls": "tool_use", "filter": "content_filtered"}
KINDS = {400: "ValidationException", 429: "ThrottlingException", 503: "ServiceUnavailableException"}
#: What the hub signs with.
REGION, KEY_ID, SECRET = "eu-west-1", "AKIDMATRIX", "sk-provider"


def is_signed(path: str, headers, raw: bytes) -> bool:
    """Whether a request has the signature that AWS would find (Signature Version 4)."""
    kind, _, rest = headers.get("authorization", "").partition(" ")
    said = dict(part.split("=", 1) for part in rest.split(", ") if "=" in part)
    moment = headers.get("x-amz-date", "")
    scope = [moment[:8], REGION, "bedrock", "aws4_request"]
    names = said.get("SignedHeaders", "").split(";")
    if kind != "AWS4-HMAC-SHA256" or said.get("Credential") != "/".join([KEY_ID, *scope]) or "host" not in names:
        return False
    lines = "".join(f"{name}:{headers.get(name, '').strip()}\n" for name in names)
    request = "\n".join(["POST", quote(path, safe="/-_.~"), "", lines, ";".join(names), hashlib.sha256(raw).hexdigest()])
    text = "\n".join([kind, moment, "/".join(scope), hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{SECRET}".encode()
    for part in [*scope, text]:
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(key.hex(), said.get("Signature", ""))


def block(given: dict) -> dict:
    (kind, inner), *more = given.items()
    if more:
        raise ValueError(f"a block of several kinds: {list(given)}")
    if kind == "text":
        return words(inner)
    if kind == "image":
        return {"kind": "image", "type": f"image/{inner['format']}", "data": inner["source"]["bytes"]}
    if kind == "reasoningContent":
        thought = inner["reasoningText"]
        return {"kind": "thought", "text": thought["text"], "signature": thought.get("signature")}
    if kind == "toolUse":
        return {"kind": "call", "id": inner["toolUseId"], "name": inner["name"], "arguments": inner["input"]}
    if kind == "toolResult":
        text = "".join(part["text"] for part in inner["content"])
        return {"kind": "result", "id": inner["toolUseId"], "name": None, "text": text}
    raise ValueError(f"no block is a {kind}")


def schema(body: dict) -> dict | None:
    form = (body.get("outputConfig") or {}).get("textFormat")
    return json.loads(form["structure"]["jsonSchema"]["schema"]) if form else None


def read(path: str, body: dict) -> dict:
    tools = [tool["toolSpec"] for tool in (body.get("toolConfig") or {}).get("tools") or []]
    thinking = (body.get("additionalModelRequestFields") or {}).get("thinking") or {}
    return {
        "system": "".join(part["text"] for part in body.get("system") or []),
        "turns": [(message["role"], [block(part) for part in message["content"]]) for message in body["messages"]],
        "tools": [{"name": tool["name"], "schema": tool["inputSchema"]["json"]} for tool in tools],
        "schema": schema(body),
        "limit": (body.get("inferenceConfig") or {}).get("maxTokens"),
        "thinks": thinking.get("type") in ("enabled", "adaptive"),
        "stream": path.endswith("/converse-stream"),
    }


def usage(answer: dict) -> dict:
    took = answer["usage"]
    total = {"inputTokens": took["input"] - took["cached"], "outputTokens": took["output"]}
    total |= {"totalTokens": took["input"] + took["output"]}
    return total | {"cacheReadInputTokens": took["cached"], "cacheWriteInputTokens": 0}


def blocks(answer: dict) -> list[dict]:
    made = {
        "text": lambda item: {"text": item["text"]},
        "thought": lambda item: {
            "reasoningContent": {"reasoningText": {"text": item["text"], "signature": answer["signature"]}}
        },
        "call": lambda item: {"toolUse": {"toolUseId": item["id"], "name": item["name"], "input": item["arguments"]}},
    }
    return [made[item["kind"]](item) for item in answer["items"]]


def whole(answer: dict, model: str, body: dict) -> dict:
    message = {"role": "assistant", "content": blocks(answer)}
    about = {"stopReason": ENDS[answer["end"]], "usage": usage(answer), "metrics": {"latencyMs": 551}}
    return {"output": {"message": message}} | about


def deltas(given: dict) -> list[dict]:
    if "text" in given:
        return [{"text": piece} for piece in in_pieces(given["text"])]
    if "toolUse" in given:
        return [{"toolUse": {"input": piece}} for piece in in_pieces(json.dumps(given["toolUse"]["input"], ensure_ascii=False))]
    thought = given["reasoningContent"]["reasoningText"]
    pieces = [{"text": piece} for piece in in_pieces(thought["text"])] + [{"signature": thought["signature"]}]
    return [{"reasoningContent": piece} for piece in pieces]


def stream(answer: dict, model: str, body: dict):
    yield event("messageStart", {"role": "assistant"})
    for number, given in enumerate(blocks(answer)):
        about = {"contentBlockIndex": number}
        if "toolUse" in given:
            call = {name: given["toolUse"][name] for name in ("toolUseId", "name")}
            yield event("contentBlockStart", about | {"start": {"toolUse": call}})
        for delta in deltas(given):
            yield event("contentBlockDelta", about | {"delta": delta})
        yield event("contentBlockStop", about)
    yield event("messageStop", {"stopReason": ENDS[answer["end"]]})
    yield event("metadata", {"usage": usage(answer), "metrics": {"latencyMs": 551}})


def event(name: str, item: dict) -> bytes:
    # The padding hides how long what is said is.
    return message({":event-type": name, ":message-type": "event"}, item | {"p": "abcdefgh"[: len(name) % 8]})


def message(headers: dict, item: dict) -> bytes:
    """A message of `application/vnd.amazon.eventstream`."""
    head = b""
    for name, value in ({":content-type": "application/json"} | headers).items():
        head += bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
    payload = json.dumps(item, ensure_ascii=False).encode()
    said = struct.pack(">II", 16 + len(head) + len(payload), len(head))
    said += struct.pack(">I", zlib.crc32(said)) + head + payload
    return said + struct.pack(">I", zlib.crc32(said))


def failure(status: int, message: str) -> dict:
    return {"message": message}


def about(status: int) -> dict:
    """The headers of an answer that is an error."""
    return {"x-amzn-errortype": f"{KINDS[status]}:http://internal.amazon.com/coral/com.amazon.bedrock/"}


def trouble(said: str) -> bytes:
    return message({":exception-type": "modelStreamErrorException", ":message-type": "exception"}, {"message": said})
