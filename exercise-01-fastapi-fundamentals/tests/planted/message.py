"""Requests and answers, as whole messages."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Self

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Message:
    """What requests and answers share: headers, and a body that is mostly JSON."""

    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON, None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def with_json(self, value: object) -> Self:
        """Return the message with another body."""
        return replace(self, body=json.dumps(value).encode())

    def header(self, name: str) -> str:
        """Return a header's value, "" when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True)
class Request(Message):
    """A request; `path` has the query with it."""

    method: str
    path: str

    def to(self, method: str, path: str) -> "Request":
        """Return the request for another method and path."""
        return replace(self, method=method, path=path)

    def is_for(self, method: str, ending: str) -> bool:
        """Say whether it is of this method and its path ends so."""
        return self.method == method and self.path.endswith(ending)


@dataclass(frozen=True)
class Answer(Message):
    """An answer."""

    status: int

    def with_header(self, name: str, value: str) -> "Answer":
        """Return the answer with another value of a header."""
        others = tuple((key, old) for key, old in self.headers if key.lower() != name)
        return replace(self, headers=(*others, (name, value)))


Ask = Callable[[Request], Answer]
"""Asks the right service."""

Bug = Callable[[Request, Ask], Answer]
"""Answers a request instead of the right service, mostly by asking it."""
