"""A client of a service, in the manner of httpx, on a Unix socket or TCP.

Each answer is capped in size and time, since the service may be hostile, and each
call is remembered as a line that its author can paste.
Leaves out: cookies between services, and TLS.
"""
# ruff: noqa: ANN401 - the options are those of httpx

import json
import shlex
from dataclasses import dataclass
from typing import Any

import httpx

from servelab.grading.endpoint import Endpoint
from servelab.grading.transport import CappedTransport
from servelab.grading.websocket import HandshakeRefused, WebSocketClosed

__all__ = ["Client", "HandshakeRefused", "Trace", "WebSocketClosed", "curl"]

DEFAULT_TIMEOUT_S = 5.0
A_DAY_S = 86_400.0
SERVED_AT = "http://127.0.0.1:8000"
_MAX_LINE = 400


@dataclass
class Trace:
    """The calls of one test, for its failure message."""

    last: str = ""

    def clear(self) -> None:
        """Forget the calls of the test before."""
        self.last = ""


class Client:
    """An HTTP client of one service, in the manner of httpx; a patient one waits for someone who debugs."""

    def __init__(self, endpoint: Endpoint, trace: Trace, *, patient: bool = False) -> None:
        self._http = httpx.Client(
            transport=CappedTransport(endpoint),
            base_url="http://service",
            headers={"accept-encoding": "identity"},
            trust_env=False,
            timeout=DEFAULT_TIMEOUT_S,
        )
        self._trace = trace
        self._patient = patient

    def request(
        self, method: str, url: str, *, timeout: float = DEFAULT_TIMEOUT_S, **options: Any
    ) -> httpx.Response:
        """Send a request and return the whole answer; options are those of `httpx.Client.request`."""
        self._trace.last = curl(method, url, **options)
        response = self._http.request(method, url, timeout=A_DAY_S if self._patient else timeout, **options)
        # Not the charset that the service names: decoding some of them takes time quadratic in the length.
        response.encoding = "utf-8"
        return response

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Send GET."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        """Send POST."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> httpx.Response:
        """Send PUT."""
        return self.request("PUT", url, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        """Send DELETE."""
        return self.request("DELETE", url, **options)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()


def curl(method: str, url: str, **options: Any) -> str:
    """Return a request as a `curl` line against the service as `servelab serve` starts it.

    >>> curl("GET", "/health/live")
    'curl -i http://127.0.0.1:8000/health/live'
    """
    words = ["curl", "-i"]
    if method != "GET":
        words += ["-X", method]
    for name, value in dict(options.get("headers") or {}).items():
        words += ["-H", f"{name}: {value}"]
    if options.get("json") is not None:
        words += ["-H", "content-type: application/json", "-d", _short(json.dumps(options["json"]))]
    elif isinstance(options.get("content"), str | bytes):
        content = options["content"]
        words += ["--data-binary", _short(content if isinstance(content, str) else content.decode("latin-1"))]
    for name in options.get("files") or {}:
        words += ["-F", f"{name}=@file"]
    return " ".join([*map(shlex.quote, words), shlex.quote(f"{SERVED_AT}{url}")])


def _short(text: str) -> str:
    return text if len(text) <= _MAX_LINE else f"{text[:_MAX_LINE]}…"
