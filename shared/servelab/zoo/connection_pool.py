"""Connections of a remote model: one for each call in progress, kept for the next.

Leaves out: use across `fork`; a process opens its own model after the fork.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from servelab.zoo.errors import ModelUnavailableError

CONNECT_TIMEOUT_S = 2.0
RETRY_S = 0.01
MAX_IDLE = 16
MAX_PATH_BYTES = 100


class ConnectionPool:
    """Stream connections to one Unix socket, thread-safe."""

    def __init__(self, path: Path) -> None:
        """Remember where to connect; connects to nothing yet.

        Raises:
            ModelUnavailableError: the path is too long for a Unix socket.
        """
        check_path_length(path)
        self._path = path
        self._idle: list[socket.socket] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """Lend a connection to the block; when the block fails, the connection is dropped.

        Raises:
            ModelUnavailableError: closed, or nothing accepts at the socket within 2 s.
        """
        connection = self._take()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._lock:
            keep = not self._closed and len(self._idle) < MAX_IDLE
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def close(self) -> None:
        """Close the idle connections now, and those in use when their call ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _take(self) -> socket.socket:
        while True:
            with self._lock:
                if self._closed:
                    msg = f"unix:{self._path} is closed; open it again with zoo.open"
                    raise ModelUnavailableError(msg)
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return connect(self._path)
            if _is_fresh(connection):
                return connection
            connection.close()


def check_path_length(path: Path) -> None:
    """Raise ModelUnavailableError for a path too long for a Unix socket (Linux: 107 bytes, macOS: 103)."""
    length = len(bytes(path))
    if length > MAX_PATH_BYTES:
        msg = f"the socket path {path} has {length} bytes, at most {MAX_PATH_BYTES} fit; use a shorter folder"
        raise ModelUnavailableError(msg)


def connect(path: Path) -> socket.socket:
    """Connect to a Unix socket within 2 s.

    Raises:
        ModelUnavailableError: nothing accepts there.
    """
    deadline = time.monotonic() + CONNECT_TIMEOUT_S
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(CONNECT_TIMEOUT_S)
        try:
            connection.connect(str(path))
        except OSError as error:
            connection.close()
            # EAGAIN: somebody listens, but the backlog is full at this instant.
            if not isinstance(error, BlockingIOError) or time.monotonic() > deadline:
                reason = error.strerror or error
                msg = f"no model answers at unix:{path} ({reason}); start it, or check the path"
                raise ModelUnavailableError(msg) from error
            time.sleep(RETRY_S)
        else:
            return connection


def _is_fresh(connection: socket.socket) -> bool:
    """Say whether an idle connection still has its other end.

    Looking first is better than trying again after a failure: a call that was sent
    may have run, and must not run twice.
    """
    connection.setblocking(False)  # noqa: FBT003 - the standard library's signature
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False  # closed, or bytes that nobody asked for
