"""The course's gateway, run by this machine's nginx, between a DNS and replicas that do as they are told.

What a container would give to nginx is put in its place: the resolver, the ports, the places of files.
Like a container engine's, the DNS says that an answer holds for ten minutes.
Source: RFC 1035, sections 4.1 and 4.1.4, for the answers of the DNS.
"""

import json
import os
import re
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from servelab.course_root import COURSE_ROOT
from servelab.services.program import find

NGINX = find(["nginx"])
SOURCE = COURSE_ROOT / "shared" / "compose" / "nginx"
TTL_S = 600
HEADER_BYTES = 12
TIMEOUT_S = 10.0


class DnsServer:
    """Answers every question for an address with the same ones.

    Args:
        addresses: may be replaced at any time.
    """

    def __init__(self, addresses: list[str]) -> None:
        self.addresses = addresses
        self._server = socketserver.ThreadingUDPServer(("127.0.0.1", 0), self._handler())
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[socketserver.BaseRequestHandler]:
        owner = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                query, answer_from = self.request
                answer_from.sendto(owner.answer(query), self.client_address)

        return Handler

    def answer(self, query: bytes) -> bytes:
        """Return the answer to a query with one question."""
        addresses = list(self.addresses)
        question = query[HEADER_BYTES : query.index(b"\0", HEADER_BYTES) + 5]
        header = query[:2] + struct.pack(">HHHHH", 0x8180, 1, len(addresses), 0, 0)
        # 0xC00C points at the name in the question.
        records = (
            struct.pack(">HHHIH", 0xC00C, 1, 1, TTL_S, 4) + socket.inet_aton(each) for each in addresses
        )
        return header + question + b"".join(records)


class Replica:
    """An HTTP server.

    Args:
        address: where it listens.
        port: 0 takes any that is free.

    Attributes:
        asked: (method, path, headers) of each request, in order.
        status: what it answers with; 0 breaks the connection off when the request is read.
    """

    def __init__(self, address: str, port: int = 0) -> None:
        self.address = address
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.status = 200
        self._server = ThreadingHTTPServer((address, port), self._handler())
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    def __enter__(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.stop()

    def stop(self) -> None:
        """End, as often as it is called: no connection is made any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", "0")))
                owner.asked.append((self.command, self.path, dict(self.headers.items())))
                self.close_connection = True
                if owner.status:
                    body = owner.address.encode()
                    self.send_response(owner.status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815 - the names that the standard library looks for

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        return Handler


class Gateway:
    """A running nginx.

    Args:
        program: the nginx to run.
        scratch: an empty folder.
        dns_port: where the resolver listens, on 127.0.0.1.
        service_port: the port of the replicas.

    Attributes:
        client: an HTTP client of it.
    """

    def __init__(self, program: str, scratch: Path, dns_port: int, service_port: int) -> None:
        self._program = program
        self._folder = scratch / "nginx"
        self._log = scratch / "access.log"
        self._folder.mkdir()
        port, health_port = _free_port(), _free_port()
        for path in SOURCE.iterdir():
            shutil.copy(path, self._folder)
        main = self._folder / "nginx.conf"
        text = main.read_text(encoding="utf-8")
        for old, new in {
            # Each worker remembers for itself what DNS said: one of them, so that tests know which.
            r"worker_processes 2;": "worker_processes 1;",
            r" /tmp/": f" {scratch}/",
            r"/dev/stdout": str(self._log),
            r"/dev/stderr": str(scratch / "error.log"),
            r"resolver 127\.0\.0\.11 ": f"resolver 127.0.0.1:{dns_port} ",
            r"listen 8080;": f"listen 127.0.0.1:{port};",
            r"127\.0\.0\.1:8081": f"127.0.0.1:{health_port}",
            r"exercise-01:8000": f"exercise-01:{service_port}",
        }.items():
            text, replaced = re.subn(old, new, text)
            assert replaced, f"the configuration has no {old} any more, which this test replaces"
        main.write_text(text, encoding="utf-8")
        self._health_url = f"http://127.0.0.1:{health_port}/healthz"
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT_S, trust_env=False)

    def check(self) -> "subprocess.CompletedProcess[str]":
        """Let nginx read the configuration and say what it thinks of it."""
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)

    def __enter__(self) -> Self:
        """Start nginx, and wait until it is as healthy as the compose file asks for."""
        self._process = subprocess.Popen(self._command())
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                httpx.get(self._health_url, trust_env=False).raise_for_status()
            except httpx.TransportError:
                assert time.monotonic() < deadline, "nginx does not answer"
                assert self._process.poll() is None, "nginx has ended"
            else:
                return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.client.close()
        self._process.terminate()
        self._process.wait(TIMEOUT_S)

    def logged(self, request_id: str) -> dict[str, Any]:
        """Return the log's line of a request, which comes after its answer."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            for line in self._log.read_text(encoding="utf-8").splitlines():
                entry: dict[str, Any] = json.loads(line)
                if entry["request_id"] == request_id:
                    return entry
        message = f"{request_id} is not in the log"
        raise AssertionError(message)

    def _command(self) -> list[str]:
        # Root's workers would become somebody else, whom the scratch folder does not let in.
        user = " user root;" if os.geteuid() == 0 else ""
        words = ["-p", str(self._folder), "-c", str(self._folder / "nginx.conf")]
        return [self._program, *words, "-g", f"daemon off;{user}"]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def replicas() -> Iterator[tuple[Replica, Replica]]:
    """Two replicas at different addresses and the same port, both known to the DNS."""
    with Replica("127.0.0.2") as one, Replica("127.0.0.3", one.port) as other:
        yield one, other


@pytest.fixture
def newcomer(replicas: tuple[Replica, Replica]) -> Iterator[Replica]:
    """A replica that the DNS does not know yet."""
    with Replica("127.0.0.4", replicas[0].port) as made:
        yield made


@pytest.fixture
def dns(replicas: tuple[Replica, Replica]) -> Iterator[DnsServer]:
    """Knows one name, that of the service, and the addresses of its replicas."""
    with DnsServer([each.address for each in replicas]) as server:
        yield server


@pytest.fixture
def gateway(tmp_path: Path, replicas: tuple[Replica, Replica], dns: DnsServer) -> Iterator[Gateway]:
    """The gateway in front of the replicas."""
    if not NGINX:
        pytest.skip("nginx is not installed: apt-get install --no-install-recommends nginx-light")
    with Gateway(NGINX, tmp_path, dns.port, replicas[0].port) as made:
        yield made
