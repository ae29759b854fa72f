"""The cases that a real llama.cpp server with a tiny model answers: what it says is known, its numbers are not."""

from cases import Cell, expect

QUESTION = [{"user": [{"text": "Where does the owl live?"}]}]
ANSWER = "The owl lives in the tree."
SURE = {"temperature": 0}


def text(cell: Cell) -> None:
    said = cell.ask(QUESTION, limit=30, **SURE)
    expect("text", said.text.strip(), ANSWER)
    expect("end", said.end, "stop")
    if cell.stream and said.pieces < 2:
        raise AssertionError(f"the text came in {said.pieces} pieces")


def stop_reasons(cell: Cell) -> None:
    expect("end", cell.ask(QUESTION, limit=2, **SURE).end, "length")


def usage(cell: Cell) -> None:
    took = cell.ask(QUESTION, limit=30, **SURE).usage
    if not (took["input"] > 3 and took["output"] > 3):
        raise AssertionError(f"the usage is {took}")


CASES = {case.__name__: case for case in (text, stop_reasons, usage)}
