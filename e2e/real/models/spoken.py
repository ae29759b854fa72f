"""Providers of all dialects on one free port: they say what the published descriptions of the real ones say.

The model `busy` gets too much, and a stream of `broken` ends in the middle; of `broken-later` when it is told to by a GET.
Ends with its standard input.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORDS = ["The owl", " lives in", " the tree."]
ANSWER = "".join(WORDS)
GO = threading.Event()


def events(items, named=False):
    for item in items:
        name = f"event: {item['type']}\n" if named else ""
        yield f"{name}data: {json.dumps(item)}\n\n".encode()


def chat(broken: bool):
    def chunk(delta, reason=None):
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "tiny", "choices": [choice]}

    def call(index, **function):
        return {"index": index, "function": function} | ({"id": f"call_{index}", "type": "function"} if "name" in function else {})

    if broken:
        yield from events([chunk({"role": "assistant", "content": ""}), chunk({"content": WORDS[0]})])
        return
    parts = [call(0, name="w", arguments=""), call(1, name="w", arguments=""), call(0, arguments='{"city": "K'),
             call(1, arguments='{"city": "Paris"}'), call(0, arguments='öln"}')]
    yield from events([chunk({"role": "assistant", "content": None})])
    yield from events(chunk({"tool_calls": [part]}) for part in parts)
    yield from events([chunk({}, "tool_calls")])
    yield b"data: [DONE]\n\n"


def response(status: str) -> dict:
    text = {"type": "output_text", "text": ANSWER, "annotations": []}
    message = {"id": "m", "type": "message", "role": "assistant", "status": "completed", "content": [text]}
    return {"id": "r", "object": "response", "created_at": 1, "model": "tiny", "status": status, "error": None,
            "output": [message] if status == "completed" else [], "tools": [], "tool_choice": "auto",
            "parallel_tool_calls": True, "incomplete_details": None, "instructions": None, "metadata": {}}


def responses(broken: bool):
    delta = {"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "logprobs": []}
    items = [{"type": "response.created", "response": response("in_progress")}]
    items += [delta | {"delta": word} for word in WORDS]
    items.append({"type": "response.completed", "response": response("completed")})
    numbered = [item | {"sequence_number": number} for number, item in enumerate(items)]
    yield from events(numbered[:2] if broken else numbered, named=True)


def messages(broken: bool):
    usage = {"input_tokens": 7, "output_tokens": 1}
    begin = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "tiny", "stop_reason": None,
             "stop_sequence": None, "usage": usage}

    def block(index, first, *deltas):
        yield {"type": "content_block_start", "index": index, "content_block": first}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}

    thinking = block(0, {"type": "thinking", "thinking": "", "signature": ""},
                     {"type": "thinking_delta", "thinking": "Hm."}, {"type": "signature_delta", "signature": "c2lnbmVk"})
    tool = block(1, {"type": "tool_use", "id": "t", "name": "w", "input": {}},
                 {"type": "input_json_delta", "partial_json": '{"city": '}, {"type": "input_json_delta", "partial_json": '"Köln"}'})
    items = [{"type": "message_start", "message": begin}, {"type": "ping"}, *thinking]
    if not broken:
        ended = {"stop_reason": "tool_use", "stop_sequence": None}
        items += [*tool, {"type": "message_delta", "delta": ended, "usage": usage}, {"type": "message_stop"}]
    yield from events(items, named=True)


def generated(text: str, last: bool) -> dict:
    part = {"text": text} | ({"thoughtSignature": "c2lnbmVk"} if last else {})
    candidate = {"content": {"role": "model", "parts": [part]}, "index": 0} | ({"finishReason": "STOP"} if last else {})
    return {"candidates": [candidate], "usageMetadata": {"totalTokenCount": 12}, "modelVersion": "tiny"}


def gemini(broken: bool):
    items = [generated(word, index == 2) for index, word in enumerate(WORDS)]
    yield from events(items[:1] if broken else items)


def said(text: str, done: bool) -> dict:
    end = {"done_reason": "stop", "eval_count": 5} if done else {}
    message = {"role": "assistant", "content": text}
    return {"model": "tiny", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": done} | end


def ollama(broken: bool):
    items = [said(word, False) for word in WORDS] + [said("", True)]
    for item in items[:1] if broken else items:
        yield json.dumps(item).encode() + b"\n"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        form = self.headers["content-type"].startswith("multipart/form-data")
        asked = {"model": "tiny" if b'name="model"\r\n\r\ntiny\r\n' in body else "none"} if form else json.loads(body)
        path, _, _ = self.path.partition("?")
        model = path.rsplit("/", 1)[-1].split(":")[0] if ":" in path else asked["model"]
        shown = [self.headers.get(name, "") for name in ("authorization", "x-api-key", "x-goog-api-key")]
        if "".join(shown).removeprefix("Bearer ") != "sk-provider":
            return self.whole(401, {"error": {"message": "who are you?"}})
        if model == "busy":
            return self.whole(429, {"error": {"message": "too much"}}, ("retry-after", "30"))
        broken, stream = model.startswith("broken"), asked.get("stream")
        self.wait = model == "broken-later"
        if path == "/v1/chat/completions":
            return self.stream("text/event-stream", chat(broken), broken)
        if path == "/v1/embeddings":
            vector = {"object": "embedding", "index": 0, "embedding": [0.25, 0.5]}
            return self.whole(200, {"object": "list", "data": [vector], "model": "tiny", "usage": {"prompt_tokens": 1, "total_tokens": 1}})
        if path == "/v1/moderations":
            return self.whole(200, {"id": "m", "model": model, "results": [{"flagged": True, "categories": {}, "category_scores": {}}]})
        if path == "/v1/images/generations":
            return self.whole(200, {"created": 1, "data": [{"b64_json": "b3ds"}]})
        if path == "/v1/audio/transcriptions":
            return self.whole(200, {"text": ANSWER if model == "tiny" else "", "usage": {"type": "duration", "seconds": 2}})
        if path == "/v1/audio/speech":
            return self.stream("audio/mpeg", iter([b"\xff\xfb", b"owl"]), False)
        if path == "/v1/rerank":
            return self.whole(200, {"model": model, "results": [{"index": 1, "relevance_score": 0.9}], "usage": {"total_tokens": 5}})
        if path == "/v1/responses":
            return self.stream("text/event-stream", responses(broken), broken) if stream else self.whole(200, response("completed"))
        if path == "/v1/responses/input_tokens":
            return self.whole(200, {"object": "response.input_tokens", "input_tokens": 7})
        if path == "/v1/messages/count_tokens":
            return self.whole(200, {"input_tokens": 7})
        if path == "/v1/messages":
            return self.stream("text/event-stream", messages(broken), broken)
        if path.endswith(":generateContent"):
            return self.whole(200, generated(ANSWER, True))
        if path.endswith(":streamGenerateContent"):
            return self.stream("text/event-stream", gemini(broken), broken)
        if path.endswith(":countTokens"):
            return self.whole(200, {"totalTokens": 7})
        if path == "/api/chat":
            return self.whole(200, said(ANSWER, True)) if stream is False else self.stream("application/x-ndjson", ollama(broken), broken)
        return self.whole(404, {"error": {"message": f"no {path}"}})

    def do_GET(self) -> None:
        GO.set()
        self.whole(200, {})

    def whole(self, status: int, value: dict, *headers: tuple[str, str]) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (("content-type", "application/json"), ("content-length", str(len(body))), *headers):
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, kind: str, pieces, broken: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        if broken:
            # A stream that ends as if nothing were wrong is the worst way to break.
            self.close_connection = True
            if self.wait:
                GO.wait(60)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *arguments) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
sys.stdin.read()
