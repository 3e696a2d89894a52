"""The collector takes what the exporters of OpenTelemetry send, and says what it refuses."""

import gzip

import httpx
import pytest

from servelab import services
from servelab.dev.selftest.span_use import export
from servelab.services.otlp.collector import PATH, PROTOBUF

SPAN = export("predict", trace=b"t" * 16, span=b"s" * 8).SerializeToString()


def post(
    collector: services.Collector,
    path: str = PATH,
    body: bytes = SPAN,
    content: str = PROTOBUF,
    encoding: str = "",
) -> int:
    """Send an export, and return the status of the answer."""
    headers = {"Content-Type": content, **({"Content-Encoding": encoding} if encoding else {})}
    return httpx.post(f"{collector.url}{path}", content=body, headers=headers, trust_env=False).status_code


def test_a_span_comes_with_its_names_and_ids() -> None:
    """Assertions about a trace are about who called whom."""
    with services.otlp_collector() as collector:
        post(collector)
        (span,) = collector.spans.wait_for(lambda each: each.name == "predict")

    assert ("predict", "selftest", "74" * 16, "73" * 8, "") == (
        span.name,
        span.service,
        span.trace_id,
        span.span_id,
        span.parent_id,
    )


def test_a_compressed_export_is_understood() -> None:
    """Exporters compress when they are told to."""
    with services.otlp_collector() as collector:
        status = post(collector, body=gzip.compress(SPAN), encoding="gzip")

        assert 200 == status
        assert 1 == len(collector.spans.all())


def test_what_is_no_export_is_refused() -> None:
    """An exporter that is set up wrongly must not seem to work."""
    with services.otlp_collector() as collector:
        statuses = (
            post(collector, body=b"not protobuf"),
            post(collector, path="/v1/metrics"),
            post(collector, content="application/json"),
            post(collector, body=b"not gzip", encoding="gzip"),
        )

        assert (400, 404, 415, 400) == statuses
        assert () == collector.spans.all()


def test_a_span_that_does_not_come_is_said_with_those_that_did() -> None:
    """The name is wrong more often than the exporter."""
    with services.otlp_collector() as collector:
        post(collector)

        with pytest.raises(
            TimeoutError, match=r"0 of 1 wanted spans came within 0\.1 s; the spans that came: predict"
        ):
            collector.spans.wait_for(lambda span: span.name == "Predict", timeout_s=0.1)
