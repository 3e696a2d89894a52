"""A small HTTP server in a thread of this process, for as long as a block lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from servelab.services.port import LOOPBACK

POLL_S = 0.05  # how long the end of the block may have to wait for the thread


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Yield the port of a server on the loopback interface; at the end its thread and socket are gone."""
    server = ThreadingHTTPServer((LOOPBACK, 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": POLL_S})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
