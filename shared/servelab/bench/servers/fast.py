"""A server that costs next to nothing: what limits a measurement of it is the client.

It takes every read for one request, which holds for small requests that are not pipelined.
"""

import asyncio
import sys
from typing import cast

from servelab.bench.servers.listener import ANSWER, Decide, Served, serve


class Immediate(Served):
    """Answers each read at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to answer."""
        self._write = cast("asyncio.Transport", transport).write

    def data_received(self, data: bytes) -> None:  # noqa: ARG002 - asyncio's signature
        """Answer."""
        self._write(ANSWER)


def main() -> None:
    """Serve until killed: `python -m servelab.bench.servers.fast [UNIX_SOCKET]`."""
    serve(_decide, sys.argv[1] if len(sys.argv) > 1 else "", Immediate)


def _decide() -> Decide:
    return lambda answer: answer(ANSWER)


if __name__ == "__main__":
    main()
