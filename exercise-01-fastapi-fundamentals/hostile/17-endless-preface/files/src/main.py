"""Promises to continue, as fast as it can, for ten seconds."""

import socket
import sys
import threading
import time


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

def promise(connection):
    """Send interim answers only."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


if "--fd" in sys.argv:
    serve(promise)
