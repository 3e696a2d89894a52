"""What is known about the request being served, wherever the code that serves it is.

A context variable follows a request through every await and into tasks that it starts, so the
record, the log line and the problem details need not pass the id from hand to hand.
Source: PEP 567.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class RequestContext:
    """One request: its id, and how many seconds models ran for it (None: no model ran)."""

    request_id: str
    model_s: float | None = None


_current: ContextVar[RequestContext] = ContextVar("request_context")


def current_request() -> RequestContext:
    """Return the context of the request being served, or one with the id "-" outside of any."""
    return _current.get(RequestContext("-"))


@contextmanager
def request_context(request_id: str) -> Iterator[RequestContext]:
    """Make a context current while a request is served.

    >>> with request_context("r1"):
    ...     current_request().request_id
    'r1'
    """
    token = _current.set(RequestContext(request_id))
    try:
        yield _current.get()
    finally:
        _current.reset(token)
