"""Answer the wire protocol on a Unix socket, one thread for each connection.

The other end is a learner's process and may be hostile: connections are capped,
frames are capped before they are read, a frame that has begun has a deadline, an
answer that nobody takes as well, and no input ends the server.
Leaves out: what a question means; that is the handler's.
"""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from servelab.zoo import wire
from servelab.zoo.connection_pool import check_path_length
from servelab.zoo.errors import InvalidInputError, ZooError, one_line

MAX_CONNECTIONS = 128
BACKLOG = 128
HEADER_BYTES = 4096
FRAME_S = 10.0
SEND_TIMEOUT_S = 10.0
JOIN_S = 5.0
PAUSE_S = 0.05


class ModelServer:
    """A listener that can go down and come up again at the same path."""

    def __init__(self, path: Path, handler: Callable[[wire.Frame], wire.Frame], max_body_bytes: int) -> None:
        """Prepare; nothing listens before `listen`."""
        check_path_length(path)
        self._path = path
        self._handler = handler
        self._limit = wire.Limit(HEADER_BYTES, max_body_bytes, FRAME_S)
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._acceptor: threading.Thread | None = None
        self._wake: socket.socket | None = None

    def listen(self) -> None:
        """Accept connections until `drop`; nothing changes when it listens already."""
        if self._acceptor is not None:
            return
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._path.unlink(missing_ok=True)
        listener.bind(str(self._path))
        self._path.chmod(0o666)  # learner code runs under another uid
        listener.listen(BACKLOG)
        listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
        self._wake, woken = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept, args=(listener, woken), daemon=True)
        self._acceptor.start()

    def drop(self) -> None:
        """Stop listening and cut every connection; the path stays, so that connecting is refused."""
        if self._acceptor is not None and self._wake is not None:
            self._wake.close()
            self._acceptor.join(JOIN_S)
            self._acceptor = None
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Drop, wait for the threads, and take the path away."""
        self.drop()
        with self._lock:
            threads = list(self._connections.values())
        for thread in threads:
            thread.join(JOIN_S)
        self._path.unlink(missing_ok=True)

    def _accept(self, listener: socket.socket, woken: socket.socket) -> None:
        with listener, woken, selectors.DefaultSelector() as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while not any(key.fileobj is woken for key, _ in selector.select()):
                try:
                    self._admit(listener.accept()[0])
                except BlockingIOError:
                    continue  # the client has left again, or it was only the wake-up
                except (OSError, RuntimeError):
                    time.sleep(PAUSE_S)  # out of descriptors or threads: that passes

    def _admit(self, connection: socket.socket) -> None:
        thread = threading.Thread(target=self._converse, args=(connection,), daemon=True)
        with self._lock:
            if len(self._connections) >= MAX_CONNECTIONS:
                connection.close()
                return
            self._connections[connection] = thread
        try:
            thread.start()
        except RuntimeError:
            self._forget(connection)
            raise

    def _converse(self, connection: socket.socket) -> None:
        # OSError: the client left, or took its time; WireError: it spoke something else.
        try:
            with contextlib.suppress(OSError):
                while (question := self._receive(connection)) is not None:
                    wire.send(connection, self._answer(question), SEND_TIMEOUT_S)
        finally:
            self._forget(connection)

    def _forget(self, connection: socket.socket) -> None:
        with self._lock:
            del self._connections[connection]
        connection.close()

    def _receive(self, connection: socket.socket) -> wire.Frame | None:
        """Return the next question; None ends the conversation, for a broken frame after saying why."""
        try:
            return wire.receive(connection, self._limit, first_byte_s=None)
        except ZooError as error:
            wire.send(connection, _refusal(error), SEND_TIMEOUT_S)
            return None

    def _answer(self, question: wire.Frame) -> wire.Frame:
        try:
            return self._handler(question)
        except ZooError as error:
            return _refusal(error)


def _refusal(error: ZooError) -> wire.Frame:
    kind = "input" if isinstance(error, InvalidInputError) else "unavailable"
    return wire.Frame({"ok": False, "error": kind, "message": one_line(error)})
