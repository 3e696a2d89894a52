"""What `GET /metrics` says, read by the parser of Prometheus' own client library, and what the log says.

Both lag a little behind the answers that they tell of, so `eventually` waits for them.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any, TypeVar

from prometheus_client.parser import text_string_to_metric_families

from servelab.grading.service import Service

T = TypeVar("T")

DURATION = "http_server_request_duration_seconds"
PATIENCE_S = 3.0
PAUSE_S = 0.01


class Scrape:
    """All samples of one moment."""

    def __init__(self, service: Service) -> None:
        reply = service.client.get("/metrics")
        assert 200 == reply.status_code, "GET /metrics; see hint 1.10"
        kind = reply.headers.get("content-type", "").partition(";")[0]
        assert "text/plain" == kind, "the media type of Prometheus' text format; see hint 1.10"
        try:
            self._families = list(text_string_to_metric_families(reply.text))
        except ValueError as error:
            msg = f"GET /metrics is not in the text format of Prometheus: {error}; see hint 1.10"
            raise AssertionError(msg) from None
        self.kinds = {family.name: family.type for family in self._families}

    def series(self, name: str) -> list[dict[str, str]]:
        """Return the labels of every series of a sample's name."""
        samples = [sample for family in self._families for sample in family.samples]
        return [dict(sample.labels) for sample in samples if sample.name == name]

    def requests(self, method: str, route: str, status: int) -> float:
        """Return how many requests were counted; `route` is a pattern, for parameters may have any name."""
        name, samples = (
            f"{DURATION}_count",
            [sample for family in self._families for sample in family.samples],
        )
        wanted = {"http_request_method": method, "http_response_status_code": str(status)}
        return sum(
            sample.value
            for sample in samples
            if sample.name == name
            and wanted.items() <= sample.labels.items()
            and re.fullmatch(route, sample.labels.get("http_route", ""))
        )

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of a name that have these labels; 0 when there is none."""
        samples = [sample for family in self._families for sample in family.samples]
        return sum(
            sample.value
            for sample in samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


def eventually(wanted: T, look: Callable[[], T]) -> T:
    """Look again and again until it is what is wanted; return what was seen last."""
    deadline = time.monotonic() + PATIENCE_S
    while (seen := look()) != wanted and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
    return seen


def log_lines(service: Service, request_id: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a request, after a later request has left its own."""
    later = f"after.{request_id}"
    reply = service.client.get("/v1/models", headers={"X-Request-ID": later})
    assert 200 == reply.status_code, "GET /v1/models"
    told = eventually(True, lambda: later in service.output)  # noqa: FBT003 - the value that is waited for
    assert told, f"GET /v1/models with X-Request-ID: {later} left no line in the log; see hint 1.10"
    return [line for line in _json_lines(service.output) if line.get("request_id") == request_id]


def _json_lines(output: str) -> list[dict[str, Any]]:
    found = []
    for text in output.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found
