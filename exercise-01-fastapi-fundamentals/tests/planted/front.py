"""A service with a bug: a front that answers at a Unix socket of its own, and asks the right service.

Every run of a suite meets such a front, also the runs against the right service, so nothing but its
behaviour tells one from the other.
Leaves out: chunked answers, which the service does not give. What is no plain request, such as the
handshake of a WebSocket, is passed on byte by byte.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer

from planted.message import Answer, Bug, Request
from servelab.grading.endpoint import Endpoint, UnixEndpoint

TIMEOUT_S = 20.0
MAX_BODY_BYTES = 8 << 20
PER_HOP = {"connection", "keep-alive", "content-length", "transfer-encoding"}


class _Upstream(HTTPConnection):
    """An HTTP connection to a Unix socket."""

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__("service", timeout=TIMEOUT_S)
        self._endpoint = endpoint

    def connect(self) -> None:
        self.sock = self._endpoint.connect()
        self.sock.settimeout(TIMEOUT_S)


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path, service: Endpoint, bug: Bug) -> None:
        super().__init__(str(path), _Handler)
        self.service = service
        self.bug = bug

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = TIMEOUT_S

    def answer(self) -> None:
        """Read a request, let the bug answer it, write the answer."""
        if self.headers.get("upgrade"):
            self._pass_on()
            return
        headers = tuple(self.headers.items())
        with contextlib.closing(_Upstream(self.server.service)) as upstream:
            request = Request(headers, self._body(), self.command, self.path)
            self._write(self.server.bug(request, lambda each: _ask(upstream, each)))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = answer  # noqa: N815

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return b"".join(self._chunks())
        return self.rfile.read(min(int(self.headers.get("content-length") or 0), MAX_BODY_BYTES))

    def _chunks(self) -> Iterator[bytes]:
        left = MAX_BODY_BYTES
        while (size := int(self.rfile.readline(100).partition(b";")[0], 16)) and left > 0:
            yield self.rfile.read(min(size, left))
            self.rfile.readline(100)
            left -= size
        self.rfile.readline(100)

    def _write(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in PER_HOP:
                self.send_header(name, value)
        if answer.status >= 200 and answer.status != 204:
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _pass_on(self) -> None:
        self.close_connection = True
        lines = [self.requestline, *(f"{name}: {value}" for name, value in self.headers.items()), "", ""]
        with self.server.service.connect() as service:
            service.settimeout(None)
            service.sendall("\r\n".join(lines).encode("latin-1"))
            back = threading.Thread(target=_copy, args=(service, self.connection), daemon=True)
            back.start()
            _copy(self.connection, service)
            back.join(TIMEOUT_S)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Keep silent."""


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


def _ask(upstream: _Upstream, request: Request) -> Answer:
    headers = {name: value for name, value in request.headers if name.lower() not in PER_HOP}
    upstream.request(request.method, request.path, body=request.body or None, headers=headers)
    reply = upstream.getresponse()
    return Answer(tuple(reply.getheaders()), reply.read(), reply.status)


@contextlib.contextmanager
def served(bug: Bug, service: Endpoint, folder: Path) -> Iterator[Endpoint]:
    """Serve the service with a bug at a socket in `folder` as long as the block runs; yield where."""
    path = folder / "service.sock"
    with _Server(path, service, bug) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield UnixEndpoint(path)
        finally:
            server.shutdown()
            thread.join()
    path.unlink(missing_ok=True)
