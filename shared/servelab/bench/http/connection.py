"""One kept-alive connection: one request at a time, no pipelining.

The path of a good answer has as few calls as can be: at 100,000 requests/s each costs 1 %.
Source: RFC 9112; the parser is llhttp's, through httptools.
"""

import asyncio
import re
from typing import TYPE_CHECKING, cast

import httptools

from servelab.bench.load.clock import now
from servelab.bench.load.target import Done

if TYPE_CHECKING:
    from collections.abc import Callable

OK, REDIRECT, NOT_MODIFIED, SWITCHING, FIRST_FINAL = 200, 300, 304, 101, 200
FRAMED = re.compile(rb"\r\n(content-length|transfer-encoding)\s*:", re.IGNORECASE)


class Connection(asyncio.Protocol):
    """Carries one request after the other, and tells whoever has opened it when it is free or lost.

    Args:
        give_back: called when it can carry the next request.
        lose: called when it is closed.

    Attributes:
        done: whom to tell of the end of the request on the wire; None: the connection is idle.
        deadline_s: when that request is overdue.
    """

    def __init__(
        self, give_back: "Callable[[Connection], None]", lose: "Callable[[Connection], None]"
    ) -> None:
        self.done: Done | None = None
        self.deadline_s = 0.0
        self._sent_s = 0.0
        self._give_back = give_back
        self._lose = lose
        self._head = b""
        self._answers = 0
        self._status = 0
        self._keep = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport and prepare a parser for all answers on it."""
        self._transport = cast("asyncio.Transport", transport)
        self._write = self._transport.write
        self._parser = httptools.HttpResponseParser(self)
        self._feed = self._parser.feed_data
        self._read_status = self._parser.get_status_code
        self._read_keep = self._parser.should_keep_alive

    def carry(self, payload: bytes, done: Done, sent_s: float, deadline_s: float) -> None:
        """Send a request now; uvloop hands its bytes to the kernel before this turn of the loop ends."""
        self.done = done
        self.deadline_s = deadline_s
        self._sent_s = sent_s
        self._write(payload)

    def fail(self, error: str) -> None:
        """Close now, and end what is carried; HTTP/1.1 can't take a request back on a living connection."""
        done, self.done = self.done, None
        self._transport.abort()
        if done:
            done(self._sent_s, now(), error)

    def on_message_complete(self) -> None:
        """Note an answer's end; the parser forgets whether to keep the connection after this."""
        status = self._read_status()
        # 100 Continue and 103 Early Hints come before the answer.
        if status < FIRST_FINAL and status != SWITCHING:
            return
        self._answers += 1
        self._status = status
        self._keep = self._read_keep()

    def data_received(self, data: bytes) -> None:
        """Read on; when the answer is whole, free the connection and tell who waits."""
        done = self.done
        if done is None:  # nobody asked
            self._transport.abort()
            return
        if not self._head:
            self._head = data
        try:
            self._feed(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._keep = False
            if not self._answers:
                self.fail("protocol")
                return
        if not self._answers:
            return
        ended_s, sent_s, status = now(), self._sent_s, self._status
        self.done = None
        self._head = b""
        # Two answers to one request: the rest of this stream can't be trusted.
        if self._keep and self._answers == 1:
            self._answers = 0
            self._give_back(self)
        else:
            self._transport.abort()
        done(sent_s, ended_s, "" if status == OK else verdict(status))

    def connection_lost(self, exc: Exception | None) -> None:
        """End what was carried: a body without a length ends here, anything else broke off."""
        self._lose(self)
        if self.done:
            whole = exc is None and self._ends_with_connection()
            self.fail(verdict(self._read_status()) if whole else "connection")

    def _ends_with_connection(self) -> bool:
        """Whether the answer begun has a whole head that gives no length (RFC 9112, section 6.3, case 8)."""
        head, end, _ = self._head.partition(b"\r\n\r\n")
        return bool(end) and not FRAMED.search(head)


def verdict(status: int) -> str:
    """Return the error category of a status: "" for 2xx and 304.

    >>> verdict(200), verdict(304), verdict(503)
    ('', '', 'status 503')
    """
    return "" if OK <= status < REDIRECT or status == NOT_MODIFIED else f"status {status}"
