"""An OTLP collector in this process, by HTTP/protobuf and by gRPC.

It takes what an exporter of OpenTelemetry sends and gives it to assertions.
Source: the OTLP specification 1.x, sections "OTLP/gRPC" and "OTLP/HTTP".
Leaves out: JSON bodies, metrics and logs, storing, and a page to look at, which Jaeger has.
"""

import gzip
import importlib.util
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from importlib import metadata
from threading import Condition
from typing import Any

from servelab.services.errors import LackingServiceError
from servelab.services.otlp.span import Span, spans_of
from servelab.services.port import LOOPBACK
from servelab.services.running import Running
from servelab.services.threaded_server import serving

WAIT_S = 10.0


class Collected:
    """Spans of all threads and protocols, in the order in which they came."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._changed = Condition()

    def add(self, spans: Iterable[Span]) -> None:
        """Take in the spans of an export."""
        with self._changed:
            self._spans.extend(spans)
            self._changed.notify_all()

    def all(self) -> Sequence[Span]:
        """Return what has come so far."""
        with self._changed:
            return tuple(self._spans)

    def wait_for(
        self, wanted: Callable[[Span], bool], count: int = 1, timeout_s: float = WAIT_S
    ) -> list[Span]:
        """Return the spans that are wanted, as soon as there are `count` of them.

        Exporters send in batches, some seconds after a span has ended.

        Raises:
            TimeoutError: there are fewer; the message names the spans that came instead.
        """
        with self._changed:
            if self._changed.wait_for(lambda: len(self._matching(wanted)) >= count, timeout_s):
                return self._matching(wanted)
            names = ", ".join(sorted({span.name for span in self._spans})) or "none at all"
            found = len(self._matching(wanted))
        msg = f"{found} of {count} wanted spans came within {timeout_s:g} s; the spans that came: {names}"
        raise TimeoutError(msg)

    def _matching(self, wanted: Callable[[Span], bool]) -> list[Span]:
        return [span for span in self._spans if wanted(span)]


NAME = "otlp-collector (stand-in for Jaeger)"
PACKAGES = ("grpc", "opentelemetry.proto")
PATH = "/v1/traces"
PROTOBUF = "application/x-protobuf"
MAX_BYTES = 16 << 20
GRPC_THREADS = 2
GRACE_S = 1.0  # for calls that are under way


@dataclass(frozen=True)
class Collector(Running):
    """A collector that listens.

    Attributes:
        spans: what it has been sent.
    """

    spans: Collected = field(default_factory=Collected)


@contextmanager
def collector() -> Iterator[Collector]:
    """Listen as long as the block runs; `url` is the endpoint for HTTP, `urls["grpc"]` that for gRPC.

    Raises:
        LackingServiceError: the packages of its protocol are not installed.
    """
    check_packages()
    began = time.monotonic()
    spans = Collected()
    with serving(type("Handler", (_Handler,), {"spans": spans})) as http_port, _grpc(spans) as grpc_port:
        yield Collector(
            name=NAME,
            url=f"http://{LOOPBACK}:{http_port}",
            urls={"grpc": f"http://{LOOPBACK}:{grpc_port}"},
            origin="embedded",
            version=metadata.version("opentelemetry-proto"),
            stand_in=True,
            ports=(http_port, grpc_port),
            ready_s=time.monotonic() - began,
            spans=spans,
        )


def check_packages() -> None:
    """Refuse to go on without the packages of the protocol.

    Raises:
        LackingServiceError: one is not installed.
    """
    for package in PACKAGES:
        try:
            found = importlib.util.find_spec(package)
        except ModuleNotFoundError:  # not even the package around it
            found = None
        if found is None:
            why = f"the OTLP collector needs the Python package {package}"
            raise LackingServiceError(why, "make setup")


class _Handler(BaseHTTPRequestHandler):
    """Takes exports by HTTP."""

    spans: Collected
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds that a connection may stay open without a request

    def do_POST(self) -> None:
        """Take an export."""
        from google.protobuf.message import DecodeError  # noqa: PLC0415 - of the extra `services`
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as protocol  # noqa: PLC0415

        length = self.headers.get("Content-Length", "")
        if refusal := self._refusal(length):
            self.close_connection = True  # its body has not been read
            self._answer(refusal)
            return
        body = self.rfile.read(int(length))
        try:
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            request = protocol.ExportTraceServiceRequest.FromString(body)
        except (DecodeError, OSError, EOFError, zlib.error):
            self._answer(400)
            return
        self.spans.add(spans_of(request))
        self._answer(200, protocol.ExportTraceServiceResponse().SerializeToString())

    def _refusal(self, length: str) -> int:
        if self.path != PATH:
            return 404
        if self.headers.get("Content-Type") != PROTOBUF:
            return 415
        if not length.isdecimal():
            return 411
        return 413 if int(length) > MAX_BYTES else 0

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", PROTOBUF)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing: a test's output is its own."""


@contextmanager
def _grpc(spans: Collected) -> Iterator[int]:
    import grpc  # noqa: PLC0415 - of the extra `services`
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as protocol  # noqa: PLC0415
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service  # noqa: PLC0415

    class Servicer(service.TraceServiceServicer):
        """Takes exports by gRPC."""

        def Export(self, request: Any, _context: Any) -> Any:  # noqa: N802, ANN401 - generated code has no types
            """Take an export."""
            spans.add(spans_of(request))
            return protocol.ExportTraceServiceResponse()

    server = grpc.server(ThreadPoolExecutor(GRPC_THREADS))
    service.add_TraceServiceServicer_to_server(Servicer(), server)  # type: ignore[no-untyped-call]
    port: int = server.add_insecure_port(f"{LOOPBACK}:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=GRACE_S).wait()
