"""The relay from TCP to a Unix socket: it passes bytes on, and leaves nothing behind."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from servelab.grading.inside.relay import Relay

SHORT_S = 5.0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Path]:
    """A service that answers each line in capitals, until it reads "bye"."""
    path = tmp_path / "s"

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rwb") as lines:
            for line in lines:
                if line == b"bye\n":
                    return
                lines.write(line.upper())
                lines.flush()

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen(8)

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield path
        listener.shutdown(socket.SHUT_RDWR)


def connect(relay: Relay) -> socket.socket:
    """Return a connection to the relay."""
    port = int(relay.url.rpartition(":")[2])
    return socket.create_connection(("127.0.0.1", port), timeout=SHORT_S)


def test_bytes_go_both_ways(service: Path) -> None:
    """Several clients at once, each with its own answers."""
    with Relay(str(service)) as relay, connect(relay) as first, connect(relay) as second:
        first.sendall(b"one\n")
        second.sendall(b"two\n")

        assert [b"ONE\n", b"TWO\n"] == [first.recv(100), second.recv(100)]


def test_a_large_message_arrives_whole(service: Path) -> None:
    """More than fits into any buffer on the way."""
    message = b"x" * 3_000_000 + b"\n"
    received = bytearray()

    with Relay(str(service)) as relay, connect(relay) as client:
        threading.Thread(target=client.sendall, args=(message,), daemon=True).start()
        while len(received) < len(message):
            received += client.recv(65536)

    assert message.upper() == bytes(received)


def test_the_end_of_the_service_reaches_the_client(service: Path) -> None:
    """A client must see that nothing more comes."""
    with Relay(str(service)) as relay, connect(relay) as client:
        client.sendall(b"bye\n")

        assert b"" == client.recv(100)


def test_without_a_service_the_connection_just_ends(tmp_path: Path) -> None:
    """A service that has crashed looks as it would without a relay."""
    with Relay(str(tmp_path / "nobody")) as relay, connect(relay) as client:
        assert b"" == client.recv(100)


def test_the_end_of_the_block_cuts_every_connection(service: Path) -> None:
    """A suite that is over must not hold on to the service."""
    with Relay(str(service)) as relay:
        client = connect(relay)
        client.sendall(b"one\n")
        client.recv(100)

    with client:
        assert b"" == client.recv(100)
    with pytest.raises(ConnectionRefusedError):
        connect(relay)
