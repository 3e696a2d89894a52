"""The proxy: it passes bytes on, holds, cuts, delays and refuses them, and leaves nothing behind."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from servelab.grading.endpoint import UnixEndpoint
from servelab.grading.proxy import Proxy

SHORT_S = 5.0


@pytest.fixture
def service(tmp_path: Path) -> Iterator[UnixEndpoint]:
    """A service that answers each line in capitals until it reads "bye"; at the end it says "end"."""
    path = tmp_path / "s"

    def serve(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as lines:
            for line in lines:
                if line == b"bye\n":
                    return
                lines.write(line.upper())
                lines.flush()
            lines.write(b"end")

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
        yield UnixEndpoint(path)
        listener.shutdown(socket.SHUT_RDWR)


def proxy_to(endpoint: UnixEndpoint) -> Proxy:
    """Return a proxy on one port, also after it was down."""
    ports: list[int] = []

    def listen() -> socket.socket:
        listener = socket.create_server(("127.0.0.1", ports[0] if ports else 0))
        ports[:] = [listener.getsockname()[1]]
        return listener

    return Proxy(listen, endpoint)


def connect(proxy: Proxy) -> socket.socket:
    """Return a connection to the proxy."""
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=SHORT_S)


def test_bytes_go_both_ways(service: UnixEndpoint) -> None:
    """Several clients at once, each with its own answers."""
    with proxy_to(service) as proxy, connect(proxy) as first, connect(proxy) as second:
        first.sendall(b"one\n")
        second.sendall(b"two\n")

        assert [b"ONE\n", b"TWO\n"] == [first.recv(100), second.recv(100)]
        assert (2, 2) == (proxy.accepted, proxy.open_connections)


def test_a_large_message_arrives_whole(service: UnixEndpoint) -> None:
    """More than fits into any buffer on the way."""
    message = b"x" * 3_000_000 + b"\n"
    received = bytearray()

    with proxy_to(service) as proxy, connect(proxy) as client:
        threading.Thread(target=client.sendall, args=(message,), daemon=True).start()
        while len(received) < len(message):
            received += client.recv(65536)

    assert message.upper() == bytes(received)


def test_the_end_of_the_service_reaches_the_client(service: UnixEndpoint) -> None:
    """A client must see that nothing more comes."""
    with proxy_to(service) as proxy, connect(proxy) as client:
        client.sendall(b"bye\n")

        assert b"" == client.recv(100)


def test_a_client_that_has_sent_all_still_gets_its_answer(service: UnixEndpoint) -> None:
    """HTTP/1.0 clients and `nc` close their half first."""
    with proxy_to(service) as proxy, connect(proxy) as client:
        client.sendall(b"one\n")
        client.shutdown(socket.SHUT_WR)
        with client.makefile("rb") as answer:
            received = answer.read()

    assert b"ONE\nend" == received


def test_without_a_service_the_connection_just_ends(tmp_path: Path) -> None:
    """A service that has crashed looks as a load balancer in front of it would have it."""
    with proxy_to(UnixEndpoint(tmp_path / "nobody")) as proxy, connect(proxy) as client:
        assert b"" == client.recv(100)


def test_what_is_held_comes_later(service: UnixEndpoint) -> None:
    """A dependency that hangs is what time-outs are for; nothing is lost when it goes on."""
    with proxy_to(service) as proxy, connect(proxy) as client:
        with proxy.held():
            client.sendall(b"one\n")
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(100)
        client.settimeout(SHORT_S)

        assert b"ONE\n" == client.recv(100)


def test_a_delay_holds_each_piece(service: UnixEndpoint) -> None:
    """A slow network, in both directions."""
    with proxy_to(service) as proxy, connect(proxy) as client:
        proxy.delay_s = 0.1
        started = time.monotonic()
        client.sendall(b"one\n")
        client.recv(100)

        assert time.monotonic() - started >= 0.2


def test_a_cut_ends_connections_and_takes_new_ones(service: UnixEndpoint) -> None:
    """A pool of connections meets this whenever its server is started again."""
    with proxy_to(service) as proxy, connect(proxy) as old:
        old.sendall(b"one\n")
        old.recv(100)
        proxy.cut()
        with connect(proxy) as new:
            new.sendall(b"two\n")

            assert [b"", b"TWO\n"] == [old.recv(100), new.recv(100)]


def test_down_is_down_and_up_again(service: UnixEndpoint) -> None:
    """A server that is away refuses connections; a client must find it again by itself."""
    with proxy_to(service) as proxy:
        port = proxy.port
        with proxy.down(), pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=SHORT_S)
        with connect(proxy) as client:
            client.sendall(b"one\n")

            assert b"ONE\n" == client.recv(100)


def test_the_end_of_the_block_cuts_every_connection(service: UnixEndpoint) -> None:
    """A suite that is over must not hold on to the service."""
    with proxy_to(service) as proxy:
        client, port = connect(proxy), proxy.port
        client.sendall(b"one\n")
        client.recv(100)

    with client:
        assert b"" == client.recv(100)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=SHORT_S)
