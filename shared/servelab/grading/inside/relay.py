"""A relay from TCP on loopback to a Unix socket, for clients that speak only TCP.

    with Relay("/tmp/service.sock") as relay:
        client.get(f"{relay.url}/health/live")

It passes bytes on and looks at none of them. Outside it stands before a service, for
tools such as schemathesis; inside a sandbox, whose network is its own, before the one
socket that is bound into it.
Leaves out: half-closed connections; the end of one direction ends both.
"""

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK_BYTES = 65536
MAX_CONNECTIONS = 64
LOOPBACK = "127.0.0.1"


class Relay:
    """Listens at `url`, on a free port, as long as the block runs; at its end every connection is cut."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._listener = socket.create_server((LOOPBACK, 0))
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _cut(self._listener)
        self._accepting.join()
        self._listener.close()
        with self._lock:
            open_now = list(self._sockets)
        for each in open_now:
            _cut(each)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._connect(client)

    def _connect(self, client: socket.socket) -> None:
        service = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            service.connect(self._path)
        except OSError:
            client.close()
            service.close()
            return
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            too_many = len(self._sockets) >= 2 * MAX_CONNECTIONS
            self._sockets |= {client, service}
        if too_many:
            self._end(client, service)
            return
        back = threading.Thread(target=self._pass_on, args=(service, client), daemon=True)
        back.start()
        threading.Thread(target=self._serve, args=(client, service, back), daemon=True).start()

    def _serve(self, client: socket.socket, service: socket.socket, back: threading.Thread) -> None:
        self._pass_on(client, service)
        back.join()
        self._end(client, service)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                target.sendall(chunk)
        _cut(source)
        _cut(target)

    def _end(self, client: socket.socket, service: socket.socket) -> None:
        with self._lock:
            self._sockets -= {client, service}
        client.close()
        service.close()


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
