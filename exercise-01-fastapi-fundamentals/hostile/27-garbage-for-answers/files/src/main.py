"""Answers with something else each time: noise, half an answer, contradictions, nothing."""

import socket
import sys
import threading
import itertools

ANSWERS = itertools.cycle([
    bytes(range(256)),
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
    b"HTTP/1.1 -1 \r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=punycode\r\nContent-Length: 9\r\n\r\n-a9a9a9a9",
    b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n\xff\xff\xff",
    b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"status\": 1e9",
    b"\r\n" * 1000,
])


def serve(converse):
    """Take the server's socket over and hold one conversation after the other."""
    descriptor = int(sys.argv[sys.argv.index("--fd") + 1])
    with socket.socket(fileno=descriptor) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=quietly, args=(converse, connection), daemon=True).start()


def quietly(converse, connection):
    """Hold a conversation until the other side leaves."""
    with connection:
        try:
            while connection.recv(65536):
                converse(connection)
        except OSError:
            return

def blurt(connection):
    """Send the next answer and hang up."""
    connection.sendall(next(ANSWERS))
    connection.shutdown(socket.SHUT_RDWR)


if "--fd" in sys.argv:
    serve(blurt)
