"""A provider of every dialect on one free port, each below a path of its own: `/anthropic`, `/gemini` and so on.

What it says and what it must be asked stands in `script.py`, how it is said in `wire_*.py`. `GET /asked` tells all that was
asked and answered since the last time, as JSON by model: what was wrong with the requests, which signatures came back, and
the bytes of both sides. An answer that is to break off waits for `GET /go` in its middle. Ends with its standard input.
"""

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

import script
import wire_anthropic
import wire_bedrock
import wire_gemini
import wire_ollama
import wire_openai_chat
import wire_openai_responses
from wire import grouped

EVENTS, LINES, MESSAGES = "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream"
#: By dialect: how it is spoken, the path, that of streams where it is another, the type of streams, and the header with the
#: credential. In a path stands `MODEL` where the body does not name the model.
WIRES = {
    "openai_chat": (wire_openai_chat, ["/v1/chat/completions"], EVENTS, "authorization"),
    "openai_responses": (wire_openai_responses, ["/v1/responses"], EVENTS, "authorization"),
    "anthropic": (wire_anthropic, ["/v1/messages"], EVENTS, "x-api-key"),
    "gemini": (
        wire_gemini,
        ["/v1beta/models/MODEL:generateContent", "/v1beta/models/MODEL:streamGenerateContent?alt=sse"],
        EVENTS,
        "x-goog-api-key",
    ),
    "ollama": (wire_ollama, ["/api/chat"], LINES, "authorization"),
    "bedrock": (wire_bedrock, ["/model/MODEL/converse", "/model/MODEL/converse-stream"], MESSAGES, "authorization"),
}
LOCK = threading.Lock()
#: Set by `GET /go`: a client has heard the beginning of an answer that is to break off.
GO = threading.Event()
ASKED: dict[str, dict] = {}


def note(model: str, **found) -> None:
    with LOCK:
        one = ASKED.setdefault(model, {"problems": [], "signatures": [], "exchanges": []})
        for name, items in found.items():
            one[name] += items


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Heads and bodies are written apart, and would wait for each other.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        _, dialect, path = self.path.split("/", 2)
        wire, paths, self.kind, _ = WIRES[dialect]
        body = json.loads(raw)
        named = re.sub("MODEL.*", "([^/:]+)", paths[0])
        self.model = unquote(re.match(named, f"/{path}")[1]) if "MODEL" in paths[0] else body["model"]
        self.told = [f"POST {self.path}\n{raw.decode()}", ""]
        note(self.model, exchanges=[self.told])
        if dialect == "bedrock" and not wire.is_signed(self.path, self.headers, raw):
            note(self.model, problems=["the signature is wrong"])
        try:
            self.answer(wire, f"/{path}", body)
        except (KeyError, TypeError, ValueError) as error:
            note(self.model, problems=[f"the request is not read: {error!r}"])
            self.whole(400, wire.failure(400, f"not read: {error!r}"))

    def answer(self, wire, path: str, body: dict) -> None:
        _, paths, _, header = WIRES[self.path.split("/")[1]]
        case = self.model.split(".")[0]
        asked = wire.read(path, body)
        asked["turns"] = grouped(asked["turns"])
        number = script.spoken(asked)
        found = script.problems(case, asked)
        # A signature was looked at already.
        if wire is not wire_bedrock and self.headers.get(header, "").removeprefix("Bearer ") != "sk-provider":
            found.append(f"no credential in {header}")
        if path != (paths[-1] if asked["stream"] else paths[0]).replace("MODEL", quote(self.model, safe="")):
            found.append(f"asked at {path}")
        if asked["stream"] != self.model.endswith(".stream"):
            found.append(f"stream is {asked['stream']}")
        note(self.model, problems=found, signatures=[script.signatures(asked)])
        if case.startswith("errors-") and case != "errors-broken":
            status = int(case.partition("-")[2])
            more = wire.about(status) if wire is wire_bedrock else {}
            return self.whole(status, wire.failure(status, script.WRONG), more)
        answer = script.answer(case, number)
        if asked["stream"]:
            return self.stream(wire, wire.stream(answer, self.model, body), case == "errors-broken")
        return self.whole(200, wire.whole(answer, self.model, body))

    def do_GET(self) -> None:
        self.model, self.told = "", ["", ""]
        if self.path == "/go":
            GO.set()
            return self.whole(200, {})
        with LOCK:
            asked = dict(ASKED)
            ASKED.clear()
        self.whole(200, asked)

    def whole(self, status: int, value: dict, headers: dict | None = None) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self.told[1] = f"{status}\n{body.decode()}"
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    def stream(self, wire, pieces, broken: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", self.kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for piece in pieces:
            self.write(piece)
            if broken and script.CUT.encode() in piece:
                # Not before the gateway has begun to answer: until then it asks another deployment.
                GO.wait(60)
                GO.clear()
                self.write(wire.trouble(script.WRONG))
                break
        self.wfile.write(b"0\r\n\r\n")

    def write(self, piece: bytes) -> None:
        self.told[1] += piece.decode(errors="replace")
        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))

    def log_message(self, *arguments) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
    sys.stdin.read()
