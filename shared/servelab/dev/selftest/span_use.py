"""Use of the OTLP collector: a parent span by HTTP and its child by gRPC."""

import secrets
from typing import TYPE_CHECKING

import httpx

from servelab.dev.selftest.use import expect
from servelab.services.otlp.collector import PATH, PROTOBUF, Collector
from servelab.services.running import Running

if TYPE_CHECKING:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def otlp_collector(running: Running) -> str:
    """Export two spans of a trace, each by another protocol, and find the one as the other's parent."""
    import grpc  # noqa: PLC0415 - of the extra `services`
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service  # noqa: PLC0415

    if not isinstance(running, Collector):
        msg = f"{running.name} can't be asked for spans"
        raise TypeError(msg)
    trace, parent, child = secrets.token_bytes(16), secrets.token_bytes(8), secrets.token_bytes(8)
    httpx.post(
        f"{running.url}{PATH}",
        content=export("parent", trace, parent).SerializeToString(),
        headers={"Content-Type": PROTOBUF},
        trust_env=False,
    ).raise_for_status()
    with grpc.insecure_channel(running.urls["grpc"].removeprefix("http://")) as channel:
        service.TraceServiceStub(channel).Export(export("child", trace, child, parent))  # type: ignore[no-untyped-call]
    found = running.spans.wait_for(lambda span: span.trace_id == trace.hex(), count=2)
    expect(
        [("parent", ""), ("child", parent.hex())], [(each.name, each.parent_id) for each in found], "spans"
    )
    return "a span by HTTP, its child by gRPC"


def export(name: str, trace: bytes, span: bytes, parent: bytes = b"") -> "ExportTraceServiceRequest":
    """Return the export of one span, as the official exporters make it."""
    from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as protocol  # noqa: PLC0415

    request = protocol.ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "selftest"
    resource.scope_spans.add().spans.add(name=name, trace_id=trace, span_id=span, parent_span_id=parent)
    return request
