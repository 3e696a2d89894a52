"""Model serving: what the models do, apart from the HTTP around them."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from servelab.dev.monitoring.dashboard.page import page, variable
from servelab.dev.monitoring.dashboard.panel import Query, figure, graph, listing

CALLS = "model_inference_duration_seconds"
REQUESTS = "http_server_request_duration_seconds"
CHOSEN = 'job=~"$job", model=~"$model"'


def build() -> Dashboard:
    """Return the dashboard."""
    empty = page("model-serving", "Model serving", "How busy the models are, and which versions are served.")
    chosen = empty.with_variable(variable("job", "model_info")).with_variable(variable("model", "model_info"))
    return _versions(_time(_calls(chosen)))


def _calls(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Calls"))
        .with_panel(
            graph(
                "Calls by model",
                "A call runs one row or a whole batch.",
                Query(f"sum by (model) (rate({CALLS}_count{{{CHOSEN}}}[$__rate_interval]))", "{{model}}"),
                unit="ops",
            )
        )
        .with_panel(
            graph(
                "Busy workers",
                "Seconds of model time in each second. Near SERVICE_WORKERS, requests wait or are shed.",
                Query(f"sum by (instance) (rate({CALLS}_sum{{{CHOSEN}}}[$__rate_interval]))", "{{instance}}"),
            )
        )
    )


def _time(dashboard: Dashboard) -> Dashboard:
    buckets = f"sum by (model, le) (rate({CALLS}_bucket{{{CHOSEN}}}[$__rate_interval]))"
    route = 'job=~"$job", http_route=~"/v1/.*/predictions", http_response_status_code=~"2.."'
    return (
        dashboard.with_row(Row("Time"))
        .with_panel(
            graph(
                "Time of a call",
                "Without waiting for a worker.",
                Query(f"histogram_quantile(0.5, {buckets})", "{{model}} p50"),
                Query(f"histogram_quantile(0.99, {buckets})", "{{model}} p99"),
                unit="s",
            )
        )
        .with_panel(
            graph(
                "Mean time of a prediction, and of a call",
                "Single predictions of all models, beside calls of the chosen ones, batches included: "
                "where there are few batches, what lies between is waiting, checking and HTTP.",
                Query(
                    f"sum(rate({REQUESTS}_sum{{{route}}}[$__rate_interval]))"
                    f" / sum(rate({REQUESTS}_count{{{route}}}[$__rate_interval]))",
                    "prediction",
                ),
                Query(
                    f"sum(rate({CALLS}_sum{{{CHOSEN}}}[$__rate_interval]))"
                    f" / sum(rate({CALLS}_count{{{CHOSEN}}}[$__rate_interval]))",
                    "call",
                ),
                unit="s",
            )
        )
    )


def _versions(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Versions and records"))
        .with_panel(
            listing(
                "Versions",
                "How many replicas serve which file of a model; two versions of one model are a rollout.",
                Query(f"count by (job, model, version) (model_info{{{CHOSEN}}})"),
            )
        )
        .with_panel(
            figure(
                "Versions of a model",
                "The largest number of versions that one model has now; more than 1 for long is skew.",
                Query(
                    f"max(count by (job, model) (count by (job, model, version) (model_info{{{CHOSEN}}})))"
                ),
                bad=2,
            )
        )
        .with_panel(
            figure(
                "Records lost",
                "Predictions that were made and not recorded, in the range shown.",
                Query('sum(increase(prediction_records_dropped_total{job=~"$job"}[$__range]))'),
                bad=1,
            )
        )
    )
