"""Redis: is it there, does the cache hit, is there room?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from servelab.dev.monitoring.dashboard.page import page
from servelab.dev.monitoring.dashboard.panel import Query, figure, figure_below, graph


def build() -> Dashboard:
    """Return the dashboard."""
    empty = page("redis", "Redis", "Whether it answers, what it is asked, and what room there is.")
    return _keys(_work(_now(empty)))


def _now(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Now"))
        .with_panel(
            figure_below(
                "Redis up",
                "1 when the exporter reaches it.",
                Query("min(redis_up)"),
                unit="short",
                bad_below=1,
            )
        )
        .with_panel(
            figure("Memory", "That is used.", Query("sum(redis_memory_used_bytes)"), unit="bytes"),
        )
        .with_panel(figure("Clients", "Connected now.", Query("sum(redis_connected_clients)")))
        .with_panel(
            figure(
                "Connections refused",
                "Because there were too many, in the range shown.",
                Query("sum(increase(redis_rejected_connections_total[$__range]))"),
                bad=1,
            )
        )
    )


def _work(dashboard: Dashboard) -> Dashboard:
    seconds = "rate(redis_commands_duration_seconds_total[$__rate_interval])"
    hits, misses = (
        f"sum(rate(redis_keyspace_{what}_total[$__rate_interval]))" for what in ("hits", "misses")
    )
    return (
        dashboard.with_row(Row("Work"))
        .with_panel(
            graph(
                "Commands per second",
                "The exporter's own questions are among them.",
                Query("sum by (cmd) (rate(redis_commands_total[$__rate_interval]))", "{{cmd}}"),
                unit="ops",
            )
        )
        .with_panel(
            graph(
                "Time in commands",
                "Redis runs one command at a time: near 1 it does nothing else.",
                Query(f"sum by (cmd) ({seconds})", "{{cmd}}"),
            )
        )
        .with_panel(
            graph(
                "Hit ratio",
                "The share of reads that found their key; no curve where nothing is read.",
                Query(f"{hits} / ({hits} + {misses})", "hits"),
                unit="percentunit",
            )
        )
        .with_panel(
            graph(
                "Network",
                "Bytes per second, seen from Redis.",
                Query("sum(rate(redis_net_input_bytes_total[$__rate_interval]))", "in"),
                Query("sum(rate(redis_net_output_bytes_total[$__rate_interval]))", "out"),
                unit="Bps",
            )
        )
    )


def _keys(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Keys and room"))
        .with_panel(
            graph(
                "Keys",
                "By database; the difference are keys that never expire.",
                Query("sum by (db) (redis_db_keys)", "{{db}}"),
                Query("sum by (db) (redis_db_keys_expiring)", "{{db}} with expiry"),
            ).span(8)
        )
        .with_panel(
            graph(
                "Keys that went",
                "Expired at their time, or evicted because memory was full.",
                Query("sum(rate(redis_expired_keys_total[$__rate_interval]))", "expired"),
                Query("sum(rate(redis_evicted_keys_total[$__rate_interval]))", "evicted"),
                unit="ops",
            ).span(8)
        )
        .with_panel(
            graph(
                "Memory",
                "A limit of 0 is none.",
                Query("redis_memory_used_bytes", "used"),
                Query("redis_memory_max_bytes", "limit"),
                unit="bytes",
            ).span(8)
        )
    )
