"""A server of whatever bytes a test likes."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from servelab.grading.endpoint import UnixEndpoint

Converse = Callable[[socket.socket], None]
Serve = Callable[[Converse], UnixEndpoint]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves every connection by the function that it is given, and returns where."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    path = tmp_path / "s"
    listener.bind(str(path))
    listener.listen(8)

    def converse_with(converse: Converse) -> UnixEndpoint:
        def answer(connection: socket.socket) -> None:
            with connection:
                try:
                    while connection.recv(65536):
                        converse(connection)
                except OSError:
                    return

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return UnixEndpoint(path)

    yield converse_with
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
