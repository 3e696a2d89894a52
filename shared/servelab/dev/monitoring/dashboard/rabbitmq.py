"""RabbitMQ: do messages come in, do they go out, and has the server room for them?"""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from servelab.dev.monitoring.dashboard.page import page
from servelab.dev.monitoring.dashboard.panel import Query, figure, graph


def build() -> Dashboard:
    """Return the dashboard."""
    empty = page("rabbitmq", "RabbitMQ", "Whether messages flow, where they wait, and what room there is.")
    return _room(_queues(_flow(_now(empty))))


def _now(dashboard: Dashboard) -> Dashboard:
    alarms = "rabbitmq_alarms_memory_used_watermark + rabbitmq_alarms_free_disk_space_watermark"
    return (
        dashboard.with_row(Row("Now"))
        .with_panel(
            figure(
                "Alarms",
                "Memory or disk is used up: every publisher is blocked.",
                Query(f"sum({alarms})"),
                bad=1,
            )
        )
        .with_panel(
            figure(
                "Messages ready",
                "Waiting in all queues for a consumer.",
                Query("sum(rabbitmq_queue_messages_ready)"),
            )
        )
        .with_panel(
            figure(
                "Messages unacknowledged",
                "Taken by a consumer that has not finished with them.",
                Query("sum(rabbitmq_queue_messages_unacked)"),
            )
        )
        .with_panel(figure("Connections", "Open now.", Query("sum(rabbitmq_connections)")))
    )


def _flow(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Flow"))
        .with_panel(
            graph(
                "Messages per second",
                "Received by the server, delivered to consumers, acknowledged by them.",
                Query("sum(rate(rabbitmq_global_messages_received_total[$__rate_interval]))", "received"),
                Query("sum(rate(rabbitmq_global_messages_delivered_total[$__rate_interval]))", "delivered"),
                Query(
                    "sum(rate(rabbitmq_global_messages_acknowledged_total[$__rate_interval]))", "acknowledged"
                ),
                unit="ops",
            )
        )
        .with_panel(
            graph(
                "Trouble per second",
                "Delivered again because a consumer failed; dropped because no queue wanted them.",
                Query(
                    "sum(rate(rabbitmq_global_messages_redelivered_total[$__rate_interval]))", "redelivered"
                ),
                Query(
                    "sum(rate(rabbitmq_global_messages_unroutable_dropped_total[$__rate_interval]))",
                    "dropped",
                ),
                unit="ops",
            )
        )
    )


def _queues(dashboard: Dashboard) -> Dashboard:
    queues = (
        ("Ready by queue", "Waiting for a consumer; what only grows is never worked off.", "messages_ready"),
        ("Unacknowledged by queue", "In the hands of consumers.", "messages_unacked"),
        ("Consumers by queue", "A queue without any fills up.", "consumers"),
    )
    dashboard = dashboard.with_row(Row("Queues"))
    for title, description, what in queues:
        query = Query(f"sum by (vhost, queue) (rabbitmq_detailed_queue_{what})", "{{vhost}} {{queue}}")
        dashboard = dashboard.with_panel(graph(title, description, query).span(8))
    return dashboard


def _room(dashboard: Dashboard) -> Dashboard:
    return (
        dashboard.with_row(Row("Room"))
        .with_panel(
            graph(
                "Memory",
                "At the limit the server blocks its publishers.",
                Query("rabbitmq_process_resident_memory_bytes", "used"),
                Query("rabbitmq_resident_memory_limit_bytes", "limit"),
                unit="bytes",
            )
        )
        .with_panel(
            graph(
                "Disk",
                "Below the limit the server blocks its publishers.",
                Query("rabbitmq_disk_space_available_bytes", "free"),
                Query("rabbitmq_disk_space_available_limit_bytes", "limit"),
                unit="bytes",
            )
        )
    )
