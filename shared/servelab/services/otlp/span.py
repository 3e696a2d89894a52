"""A span as a test wants to look at it.

Source: opentelemetry-proto, `trace/v1/trace.proto`.
Leaves out: events and links.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
    from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

    Value = str | bool | int | float | bytes | None | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True)
class Span:
    """A finished piece of work.

    Attributes:
        name: what was done.
        service: `service.name` of the process that did it.
        trace_id: 32 hex digits, the same in all spans of a request.
        span_id: 16 hex digits.
        parent_id: `span_id` of the span that it is a part of; empty for the first of a trace.
        kind: "internal", "server", "client", "producer" or "consumer".
        status: "unset", "ok" or "error".
        attributes: what else is known.
        start_ns: when it began, in nanoseconds since 1970.
        end_ns: when it ended.
    """

    name: str
    service: str
    trace_id: str
    span_id: str
    parent_id: str
    kind: str
    status: str
    attributes: Mapping[str, "Value"]
    start_ns: int
    end_ns: int


def spans_of(request: "ExportTraceServiceRequest") -> Iterator[Span]:
    """Yield the spans of an export."""
    from opentelemetry.proto.trace.v1 import trace_pb2  # noqa: PLC0415 - of the extra `services`

    for resource in request.resource_spans:
        service = str(_attributes(resource.resource.attributes).get("service.name", ""))
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            yield Span(
                name=span.name,
                service=service,
                trace_id=span.trace_id.hex(),
                span_id=span.span_id.hex(),
                parent_id=span.parent_span_id.hex(),
                kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
                status=trace_pb2.Status.StatusCode.Name(span.status.code)
                .removeprefix("STATUS_CODE_")
                .lower(),
                attributes=_attributes(span.attributes),
                start_ns=span.start_time_unix_nano,
                end_ns=span.end_time_unix_nano,
            )


def _attributes(pairs: "Iterable[KeyValue]") -> dict[str, "Value"]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: "AnyValue") -> "Value":
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_value(each) for each in value.array_value.values]
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values)
    plain: Value = getattr(value, kind)
    return plain
