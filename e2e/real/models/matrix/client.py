"""What the clients share: how a question is put to an SDK, and what it makes of the answer.

A question has `model`, `stream` and `turns`, and may have `system`, `tools`, `form`, `limit`, `temperature`, `think`, and `go`:
an address to be fetched as soon as something was said, at which the provider is told to go on. A turn is
`{"user": [parts]}`, `{"said": …}` with what an SDK gave as `Said.said`, or `{"results": [{"id", "name", "text"}]}`.
"""

import urllib.request
from dataclasses import dataclass, field

import pydantic


class Form(pydantic.BaseModel):
    """The form of an answer, as programs give it to SDKs."""

    animal: str
    legs: int


class Trouble(Exception):
    """What a program is told of an answer that failed after it had begun, where the SDK has no exception for that."""


@dataclass
class Said:
    """An answer, by what the SDK's objects say."""

    text: str = ""
    thoughts: str = ""
    #: Each with `id`, `name` and `arguments`.
    calls: list[dict] = field(default_factory=list)
    #: `stop`, `length`, `calls` or `filter`; what the SDK says, where it is none of these.
    end: str | None = None
    #: `input`, `output`, and where the dialect tells them `cached` and `thoughts`.
    usage: dict = field(default_factory=dict)
    #: What the form was parsed to.
    form: dict | None = None
    #: In how many pieces a streamed text came.
    pieces: int = 0
    #: What the program sends back as the turn of the model.
    said: object = None


@dataclass
class Failed:
    """A question that failed, by the SDK's exception."""

    #: The names of the exception's class and those above it.
    kinds: list[str]
    status: int | None
    text: str
    #: What had been said before.
    said: str = ""


class Client:
    """An SDK. `ask` gives what it understood, and raises what it raises."""

    dialect = ""
    sdk = "python"

    def __init__(self) -> None:
        #: What the hub said was lost, of all answers since it was last emptied.
        self.lost: list[str] = []
        #: The text that has come so far, of the question that is under way.
        self.heard = ""
        self.go: str | None = None

    def note(self, response) -> None:
        """Takes note of the headers of an answer: the hook of the library for HTTP below each SDK."""
        for name in filter(None, response.headers.get("x-tutti-lost", "").split(", ")):
            if name not in self.lost:
                self.lost.append(name)

    def hear(self, piece: str) -> None:
        """Takes note of a piece of the text."""
        self.heard += piece
        if piece and self.go:
            urllib.request.urlopen(self.go, timeout=60).close()
            self.go = None

    def try_(self, question: dict) -> Said | Failed:
        """Asks, and gives a failure as a value."""
        self.heard, self.go = "", question.get("go")
        try:
            return self.ask(question)
        except Exception as error:  # noqa: BLE001 - which one it is, the case decides
            kinds = [kind.__name__ for kind in type(error).__mro__]
            if not isinstance(error, (self.errors, Trouble)):
                raise
            status = getattr(error, "status_code", None) or getattr(error, "code", None)
            return Failed(kinds, status, str(error), self.heard)

    def ask(self, question: dict) -> Said:
        raise NotImplementedError
