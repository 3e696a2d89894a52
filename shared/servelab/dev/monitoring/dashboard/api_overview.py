"""API overview: RED, which is Rate, Errors and Duration, for each route.

Source: Tom Wilkie, "The RED Method"; the recorded series stand in `rules/red.yml`.
"""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from servelab.dev.monitoring.dashboard.page import page, variable
from servelab.dev.monitoring.dashboard.panel import Query, figure, figure_below, graph

COUNT = "http_server_request_duration_seconds_count"
BUCKET = "http_server_request_duration_seconds_bucket"


def build() -> Dashboard:
    """Return the dashboard."""
    empty = page("api-overview", "API overview", "How many requests, how many fail, how long they take.")
    return _duration(_errors(_rate(_now(empty.with_variable(variable("job", COUNT))))))


def _now(dashboard: Dashboard) -> Dashboard:
    rate, errors = "job_route:http_requests:rate5m", "job_route:http_errors:rate5m"
    return (
        dashboard.with_row(Row("Now"))
        .with_panel(
            figure(
                "Requests",
                "Per second, over 5 minutes.",
                Query(f'sum({rate}{{job=~"$job"}})'),
                unit="reqps",
            )
        )
        .with_panel(
            figure(
                "Failures",
                "The share of answers with 5xx, over 5 minutes.",
                Query(f'sum({errors}{{job=~"$job"}}) / sum({rate}{{job=~"$job"}})'),
                unit="percentunit",
                bad=0.005,
            )
        )
        .with_panel(
            figure(
                "p99",
                "Of all routes together, over 5 minutes.",
                Query(
                    "histogram_quantile(0.99, sum by (le) "
                    '(job_route_le:http_request_duration_seconds_bucket:rate5m{job=~"$job"}))'
                ),
                unit="s",
                bad=0.25,
            )
        )
        .with_panel(
            figure_below(
                "Replicas",
                "That answered the last scrape.",
                Query('sum(job:up:count{job=~"$job"})'),
                unit="short",
                bad_below=1,
            )
        )
    )


def _rate(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Rate"))
        .with_panel(
            graph(
                "Requests by route",
                "Which part of the service is used.",
                Query(
                    f'sum by (http_route) (rate({COUNT}{{job=~"$job"}}[$__rate_interval]))', "{{http_route}}"
                ),
                unit="reqps",
            )
        )
        .with_panel(
            graph(
                "Requests by replica",
                "Curves that differ show a load balancer that does not balance.",
                Query(f'sum by (instance) (rate({COUNT}{{job=~"$job"}}[$__rate_interval]))', "{{instance}}"),
                unit="reqps",
            )
        )
    )


def _errors(dashboard: Dashboard) -> Dashboard:
    status = "http_response_status_code"
    return (
        dashboard.with_row(Row("Errors"))
        .with_panel(
            graph(
                "Failures by route",
                "The share of answers with 5xx, over 5 minutes; 0 for a route without any.",
                Query('job_route:http_errors:ratio_rate5m{job=~"$job"}', "{{http_route}}"),
                unit="percentunit",
            )
        )
        .with_panel(
            graph(
                "Answers by status",
                "4xx are the clients' doing, 503 is overload, 499 a client that left.",
                Query(
                    f'sum by ({status}) (rate({COUNT}{{job=~"$job"}}[$__rate_interval]))', f"{{{{{status}}}}}"
                ),
                unit="reqps",
            )
        )
    )


def _duration(dashboard: Dashboard) -> Dashboard:
    buckets = f'sum by (le) (rate({BUCKET}{{job=~"$job"}}[$__rate_interval]))'
    return (
        dashboard.with_row(Row("Duration"))
        .with_panel(
            graph(
                "Duration of all routes",
                "The median, and what one request in 20 and one in 100 exceeds.",
                Query(f"histogram_quantile(0.5, {buckets})", "p50"),
                Query(f"histogram_quantile(0.95, {buckets})", "p95"),
                Query(f"histogram_quantile(0.99, {buckets})", "p99"),
                unit="s",
            )
        )
        .with_panel(
            graph(
                "p99 by route",
                "Over 5 minutes; interpolated between the bounds of the histogram.",
                Query('job_route:http_request_duration_seconds:p99_rate5m{job=~"$job"}', "{{http_route}}"),
                unit="s",
            )
        )
        .with_panel(
            graph(
                "Requests in flight",
                "Being served at this moment, by replica; what grows without end will not be answered.",
                Query('sum by (instance) (http_server_active_requests{job=~"$job"})', "{{instance}}"),
            )
        )
        .with_panel(
            graph(
                "Shed load",
                "The share of requests that were sent away with 503.",
                Query(
                    f'(sum(rate({COUNT}{{job=~"$job", {status_is("503")}}}[$__rate_interval])) or vector(0))'
                    f' / sum(rate({COUNT}{{job=~"$job"}}[$__rate_interval]))',
                    "503",
                ),
                unit="percentunit",
            )
        )
    )


def status_is(code: str) -> str:
    """Return the matcher of a status code.

    >>> status_is("503")
    'http_response_status_code="503"'
    """
    return f'http_response_status_code="{code}"'
