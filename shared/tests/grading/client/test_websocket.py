"""A WebSocket to a service that may be hostile: every way to end has one kind of failure."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.sync.server import ServerConnection, unix_serve

from servelab.grading.client import HandshakeRefused, WebSocketClosed
from servelab.grading.endpoint import UnixEndpoint
from servelab.grading.websocket import WebSocketClient

Converse = Callable[[socket.socket], None]
Serve = Callable[[Converse], UnixEndpoint]


@pytest.fixture
def websocket_at(tmp_path: Path) -> Iterator[Callable[[Callable[[ServerConnection], None]], UnixEndpoint]]:
    """Serve WebSockets by a function."""
    servers = []

    def start(handler: Callable[[ServerConnection], None]) -> UnixEndpoint:
        path = tmp_path / "w"
        server = unix_serve(handler, str(path))
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return UnixEndpoint(path)

    yield start
    for server in servers:
        server.shutdown()


def test_a_websocket_sends_and_receives(websocket_at: Callable[..., UnixEndpoint]) -> None:
    """Text for text, bytes for bytes."""
    path = websocket_at(lambda connection: connection.send(connection.recv()))

    with WebSocketClient(path, "/x") as client:
        client.send("hello")
        assert "hello" == client.receive()


def test_the_code_of_a_close_is_told(websocket_at: Callable[..., UnixEndpoint]) -> None:
    """Each way to end has its code, and a test asks for it."""
    path = websocket_at(lambda connection: connection.close(1008, "idle"))

    with WebSocketClient(path, "/x") as client, pytest.raises(WebSocketClosed) as caught:
        client.receive()

    assert (1008, "idle") == (caught.value.code, caught.value.reason)


def test_a_message_that_is_too_large_ends_the_websocket(websocket_at: Callable[..., UnixEndpoint]) -> None:
    """A cap for messages as for answers."""
    path = websocket_at(lambda connection: connection.send("x" * (2 << 20)))

    with WebSocketClient(path, "/x") as client, pytest.raises(WebSocketClosed):
        client.receive()


def test_a_refused_handshake_tells_its_status(serve: Serve) -> None:
    """A route that is none is 404, also for a WebSocket."""
    path = serve(
        lambda connection: connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    )

    with pytest.raises(HandshakeRefused) as caught:
        WebSocketClient(path, "/x")

    assert 404 == caught.value.status


def test_a_handshake_of_noise_is_a_closed_websocket(serve: Serve) -> None:
    """Whatever comes in its place, a test hears of one kind of failure."""
    with pytest.raises(WebSocketClosed):
        WebSocketClient(serve(lambda connection: connection.sendall(b"\xff\xfe\x00 noise\r\n\r\n")), "/x")
