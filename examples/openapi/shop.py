"""A pet shop as an HTTP API: what shop.yaml describes. Needs nothing but Python."""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PETS = {
    1: {"id": 1, "name": "Rex", "kind": "dog", "parent": None},
    2: {"id": 2, "name": "Bubbles", "kind": "fish", "parent": None},
}


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, value=None):
        body = b"" if value is None else json.dumps(value).encode()
        self.send_response(status)
        if body:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def pet(self):
        found = re.fullmatch(r"/v1/pets/(\d+)", urlsplit(self.path).path)
        return PETS.get(int(found[1])) if found else None

    def do_GET(self):
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if parts.path == "/v1/pets":
            kind = query.get("kind", [None])[0]
            pets = [pet for pet in PETS.values() if kind in (None, pet["kind"])]
            self.answer(200, pets[: int(query.get("limit", ["20"])[0])])
        elif pet := self.pet():
            self.answer(200, pet)
        else:
            self.answer(404, {"why": "there is no such pet"})

    def do_POST(self):
        pet = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        number = max(PETS) + 1
        PETS[number] = {"parent": None, **pet, "id": number}
        self.answer(201, PETS[number])

    def do_DELETE(self):
        pet = self.pet()
        PETS.pop(pet["id"], None) if pet else None
        self.answer(204 if pet else 404)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 8088), Shop).serve_forever()
