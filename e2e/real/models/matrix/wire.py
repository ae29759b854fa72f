"""What the wires share."""

import json


def words(text: str) -> dict:
    return {"kind": "text", "text": text}


def data_url(url: str) -> dict:
    """A picture in an address with the scheme `data`."""
    about, _, data = url.removeprefix("data:").partition(",")
    return {"kind": "image", "type": about.removesuffix(";base64"), "data": data}


def event(item: dict, name: str | None = None) -> bytes:
    """An event as servers send it."""
    named = f"event: {name}\n" if name else ""
    return f"{named}data: {json.dumps(item, ensure_ascii=False)}\n\n".encode()


def in_pieces(text: str) -> list[str]:
    """The text in three pieces, of which the first is its first seven characters."""
    return [piece for piece in (text[:7], text[7:12], text[12:]) if piece]


def grouped(turns: list[tuple[str, list[dict]]]) -> list[dict]:
    """Turns one after the other: what one side says in a row is one turn."""
    found: list[dict] = []
    for role, said in turns:
        if found and found[-1]["role"] == role:
            found[-1]["parts"] += said
        else:
            found.append({"role": role, "parts": list(said)})
    return found
