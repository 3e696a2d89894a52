"""Answers with a head that grows by a byte now and then, and never ends."""

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

def drip(connection):
    """Send a byte every tenth of a second."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(600):
        connection.sendall(b"a")
        time.sleep(0.1)


if "--fd" in sys.argv:
    serve(drip)
