"""A provider whose models help others, and say what can be foretold. Ends with its standard input.

`big` mends a draft, plans, answers from notes, or finds the fact in what it reads; `judge` likes what speaks of a tree; `slow`
never ends. Usage counts words.
"""

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

END = threading.Event()


def judge(told: str) -> str:
    if "Which answer is the best" in told:
        answers = re.findall(r"Answer (\d+):\n<<<\n(.*?)\n>>>", told, re.DOTALL)
        return next((number for number, text in answers if "tree" in text), "none")
    return "9" if "tree" in told.split("Answer:\n", 1)[-1] else "1"


def big(told: str, draft: str) -> str:
    if "Your last message was a draft" in told:
        return f"Refined: {draft}"
    if "Helpers will each read" in told:
        return "1. Find where the owl lives"
    notes = re.search(r"\[Notes that were taken from the text:\]\n- (.*)", told)
    if notes:
        return f"Noted: {notes[1]}"
    fact = re.search(r"password of the mill is (\w+)", told)
    return f"The password is {fact[1]}." if fact else "Nothing is known of that."


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if asked["model"] == "slow":
            END.wait(60)
            self.close_connection = True
            return
        messages = [(one["role"], one["content"] if isinstance(one["content"], str) else
                     "".join(part["text"] for part in one["content"])) for one in asked["messages"]]
        told = "\n".join(text for role, text in messages if role == "user")
        draft = "".join(text for role, text in messages if role == "assistant")
        said = judge(told) if asked["model"] == "judge" else big(told, draft)
        read, written = sum(len(text.split()) for _, text in messages), len(said.split())
        usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
        choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
        whole = {"id": "c", "object": "chat.completion", "created": 1, "model": asked["model"], "choices": [choice], "usage": usage}
        body = json.dumps(whole).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_address[1]}"}), flush=True)
sys.stdin.read()
END.set()
