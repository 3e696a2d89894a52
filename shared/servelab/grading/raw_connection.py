"""A connection on which a test sends whatever bytes it likes, as a broken or hostile client would."""

import contextlib
import select
import socket
import time

from servelab.grading.endpoint import Endpoint
from servelab.grading.transport import MAX_ANSWER_BYTES

TIMEOUT_S = 5.0


class RawConnection:
    """A connection on which a test sends whatever bytes it likes."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._socket = endpoint.connect()
        self._socket.settimeout(TIMEOUT_S)

    def send(self, data: bytes) -> bool:
        """Send bytes and say whether all were taken; a connection that the service has closed takes none."""
        try:
            self._socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def receive(self, until: bytes | None = None, timeout: float = TIMEOUT_S) -> bytes:
        """Return what arrives up to `until`, the end of the connection, or the time-out."""
        received = bytearray()
        deadline = time.monotonic() + timeout
        # Not by the socket's own time-out: that would be the one of a `send` in another thread, too.
        arrival = select.poll()
        arrival.register(self._socket, select.POLLIN)
        while (left := deadline - time.monotonic()) > 0 and len(received) <= MAX_ANSWER_BYTES:
            if not arrival.poll(left * 1000):
                break
            try:
                chunk = self._socket.recv(65536)
            except ConnectionResetError:
                break
            received += chunk
            if not chunk or (until is not None and until in received):
                break
        return bytes(received)

    def close(self) -> None:
        """Close the connection, also under the hands of a thread that waits in `send`."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
