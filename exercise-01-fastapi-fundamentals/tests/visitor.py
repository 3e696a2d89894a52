"""A client that comes with a row and can leave before it has its answer."""

import json
from contextlib import contextmanager

PREDICTIONS = "/v1/models/digits/predictions"


class Visitor:
    """A client that can leave in the middle of its request."""

    def __init__(self, service, row):
        body = json.dumps({"features": row})
        head = f"POST {PREDICTIONS} HTTP/1.1\r\nHost: service\r\nContent-Type: application/json\r\n"
        self.row, self._connection, self._status = row, service.raw(), None
        self._connection.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())

    def status(self, timeout=0.002):
        """Return the status of the answer, or None when there is none yet."""
        if self._status is None:
            received = self._connection.receive(until=b"\r\n", timeout=timeout)
            self._status = int(received.split()[1]) if received else None
        return self._status

    def leave(self):
        """Close the connection."""
        self._connection.close()


@contextmanager
def visitors(service, rows):
    """Let clients come with a row each; they have left when the block ends."""
    came = [Visitor(service, row) for row in rows]
    try:
        yield came
    finally:
        for visitor in came:
            visitor.leave()
