"""A minimal HTTP/1.1 server around one decision: when is this request answered?

Requests are told apart by the end of their head; a body is not read.
"""

import asyncio
from collections.abc import Callable
from typing import cast

import uvloop

HEAD_END = b"\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
FULL = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

Answer = Callable[[bytes], None]
Decide = Callable[[Answer], None]
"""Takes the function that sends an answer, and calls it when the time has come."""


class Served(asyncio.Protocol):
    """One client's connection."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to answer."""
        self._transport = cast("asyncio.Transport", transport)
        self._write = self._transport.write

    def data_received(self, data: bytes) -> None:
        """Hand over each whole head."""
        if self._rest:
            data = self._rest + data
        *heads, self._rest = data.split(HEAD_END)
        for _ in heads:
            self._decide(self._send)

    def _send(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._write(answer)


def serve(make_decide: Callable[[], Decide], unix_path: str = "", served: type[Served] = Served) -> None:
    """Serve until killed on a free port of loopback, or a Unix socket; the first line printed is the address.

    make_decide is called on the running event loop.
    """
    uvloop.run(_serve(make_decide, unix_path, served))


async def _serve(make_decide: Callable[[], Decide], unix_path: str, served: type[Served]) -> None:
    loop = asyncio.get_running_loop()
    decide = make_decide()
    if unix_path:
        server = await loop.create_unix_server(lambda: served(decide), unix_path, backlog=1024)
        address = f"unix:{unix_path}:/"
    else:
        server = await loop.create_server(lambda: served(decide), "127.0.0.1", 0, backlog=1024)
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    print(address, flush=True)  # noqa: T201 - the parent process reads it
    await server.serve_forever()
