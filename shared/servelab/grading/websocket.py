"""A WebSocket of a service, as a test uses it: it takes a message only when the test asks for one.

Source: RFC 6455; the `websockets` library, which caps heads, messages and its own queue.
Leaves out: compression and pings, which no task asks for.
"""

from types import TracebackType
from typing import Self

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from servelab.grading.endpoint import Endpoint

OPEN_TIMEOUT_S = 5.0
RECEIVE_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
MAX_MESSAGE_BYTES = 1 << 20


class WebSocketClosed(Exception):  # noqa: N818 - an event of the protocol, not always an error
    """The WebSocket is closed.

    Attributes:
        code: close code of RFC 6455, 1006 when the connection just ended.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(f"closed with code {code} {reason!r}")
        self.code = code
        self.reason = reason


class HandshakeRefused(Exception):  # noqa: N818 - an answer of the service, not an error of the client
    """The service answered a WebSocket handshake with an HTTP status instead of accepting it."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the handshake was answered with status {status}")
        self.status = status


class WebSocketClient:
    """One WebSocket; what arrives is taken only when a test asks for it."""

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        try:
            self._connection: ClientConnection = connect(
                f"ws://service{url}",
                sock=endpoint.connect(),
                proxy=None,
                open_timeout=OPEN_TIMEOUT_S,
                close_timeout=CLOSE_TIMEOUT_S,
                max_size=MAX_MESSAGE_BYTES,
                max_queue=1,
                compression=None,
                ping_interval=None,
            )
        except InvalidStatus as error:
            raise HandshakeRefused(error.response.status_code) from None
        except (InvalidHandshake, EOFError, OSError) as error:
            raise WebSocketClosed(1006, str(error)) from None
        # websockets 17.1 and later warns of a connection that no `with` has entered.
        self._connection.__enter__()

    def send(self, message: str | bytes) -> None:
        """Send a text or a binary message."""
        try:
            self._connection.send(message)
        except ConnectionClosed as error:
            raise _closed(error) from None

    def receive(self, timeout: float = RECEIVE_TIMEOUT_S) -> str | bytes:
        """Return the next message.

        Raises:
            WebSocketClosed: the service has closed, with its code.
            TimeoutError: nothing came in time.
        """
        try:
            return self._connection.recv(timeout)
        except ConnectionClosed as error:
            raise _closed(error) from None

    def close(self, code: int = 1000) -> None:
        """Close from this side."""
        self._connection.close(code)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()


def _closed(error: ConnectionClosed) -> WebSocketClosed:
    frame = error.rcvd
    return WebSocketClosed(frame.code, frame.reason) if frame else WebSocketClosed(1006, "no close frame")
