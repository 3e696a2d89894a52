"""A proxy of the grader's between two ends that it can hold, cut, delay and take down.

It passes bytes on and looks at none of them. In front of a service outside, such as a Redis, it
is what a submission inside connects to, and a test decides what happens on the way. In front of
a submission it gives an address to clients that need one.
Source: Shopify's toxiproxy, whose toxics these are.
Leaves out: faults within a protocol, such as one lost command.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from servelab.grading.endpoint import Endpoint

CHUNK_BYTES = 65536
MAX_CONNECTIONS = 128
"""With two descriptors each, a quarter of those that a process mostly may have."""
REFUSED_PAUSE_S = 0.05
CALL_S = 30.0

T = TypeVar("T")


class Proxy:
    """Passes connections on from a listening socket to an endpoint.

    Args:
        listen: makes the socket that it listens on, again after it was down.
        endpoint: where it connects to for each connection that it accepts.

    Attributes:
        delay_s: how long each piece is kept before it is passed on.
    """

    def __init__(self, listen: Callable[[], socket.socket], endpoint: Endpoint) -> None:
        self._listen = listen
        self._endpoint = endpoint
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.delay_s = 0.0
        self.accepted = 0

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._call(self._up())
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Take it down for good."""
        if self._loop.is_closed():
            return
        self._call(self._down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket().getsockname()[1])

    @property
    def path(self) -> str:
        """The Unix socket that it listens on."""
        return str(self._socket().getsockname())

    def _socket(self) -> socket.socket:
        if self._listener is None:
            msg = "the proxy is down"
            raise ConnectionRefusedError(msg)
        return self._listener

    @property
    def open_connections(self) -> int:
        """How many connections it holds now."""
        return len(self._connections)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Pass nothing on until the block ends; then all of it."""
        self._call(self._set_flowing(flowing=False))
        try:
            yield
        finally:
            self._call(self._set_flowing(flowing=True))

    @contextmanager
    def down(self) -> Iterator[None]:
        """Cut all connections and refuse new ones until the block ends."""
        self._call(self._down())
        try:
            yield
        finally:
            self._call(self._up())

    def cut(self) -> None:
        """Cut the connections that are open now, as a server does that is started again."""
        self._call(self._cut())

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_S)

    async def _set_flowing(self, *, flowing: bool) -> None:
        (self._flowing.set if flowing else self._flowing.clear)()

    async def _up(self) -> None:
        self._listener = await asyncio.to_thread(self._listen)
        self._listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self._accepting = self._loop.create_task(self._accept(self._listener))

    async def _down(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.wait([self._accepting])
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        await self._cut()

    async def _cut(self) -> None:
        for each in self._connections:
            each.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    async def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = await self._loop.sock_accept(listener)
            except OSError:  # no descriptor is left
                await asyncio.sleep(REFUSED_PAUSE_S)
                continue
            if len(self._connections) >= MAX_CONNECTIONS:
                client.close()
                continue
            self.accepted += 1
            connection = self._loop.create_task(self._serve(client))
            self._connections.add(connection)
            connection.add_done_callback(self._connections.discard)

    async def _serve(self, client: socket.socket) -> None:
        with contextlib.closing(client):
            try:
                server = await asyncio.to_thread(self._endpoint.connect)
            except OSError:
                return
            with contextlib.closing(server):
                for each in (client, server):
                    each.setblocking(False)  # noqa: FBT003 - the standard library's signature
                await asyncio.gather(self._pass_on(client, server), self._pass_on(server, client))

    async def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := await self._loop.sock_recv(source, CHUNK_BYTES):
                await self._flowing.wait()
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                await self._loop.sock_sendall(target, chunk)
        # One direction has ended; the other one may go on.
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@contextmanager
def at_port(endpoint: Endpoint) -> Iterator[str]:
    """Give the URL of a port of this machine, for clients that speak only TCP."""
    with Proxy(lambda: socket.create_server(("127.0.0.1", 0)), endpoint) as proxy:
        yield f"http://127.0.0.1:{proxy.port}"
