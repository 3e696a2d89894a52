"""What the service counts and measures, for Prometheus.

    http_server_request_duration_seconds    histogram by http_request_method, http_route and
                                            http_response_status_code
    http_server_active_requests             gauge
    model_inference_duration_seconds        histogram by model
    prediction_records_dropped_total        counter
    model_info                              gauge by model and version, always 1

Each application has its own registry: two in one process must not count into each other.
Source: OpenTelemetry, "Semantic conventions for HTTP metrics"; Prometheus, "Metric and label naming".
Leaves out: several worker processes, which would need prometheus_client's multiprocess mode.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

# From 1 ms to 10 s: a small model answers at the low end, an overloaded service at the high end.
BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The instruments of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # TODO(task 1.10), declaration: requests, active, inference and dropped, as the table above has them
        # end task 1.10
        # Replicas of one service that serve different versions show up as two series of one model.
        self._info = Gauge(
            "model_info", "The models that are served.", ["model", "version"], registry=self.registry
        )

    def serves(self, model: str, version: str) -> None:
        """Say that a model is served in a version: the digest of its file."""
        self._info.labels(model, version).set(1)

    def render(self) -> bytes:
        """Return every value in the text format of Prometheus."""
        return generate_latest(self.registry)
