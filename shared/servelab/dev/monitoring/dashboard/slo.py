"""SLO and error budget: what was promised, what was kept, and how fast the rest is spent.

Source: Google, "The Site Reliability Workbook", chapters 2 and 5; objectives stand in `rules/slo.yml`.
"""

from grafana_foundation_sdk.builders.dashboard import Dashboard, Row

from servelab.dev.monitoring.dashboard.page import page, variable
from servelab.dev.monitoring.dashboard.panel import Query, figure, figure_below, graph

# What a request may fail at: the share that the objective leaves.
ALLOWED = "on (slo) group_left () (1 - slo:objective:ratio)"


def build() -> Dashboard:
    """Return the dashboard."""
    empty = page("slo", "SLO and error budget", "Whether promises are kept, and what may still go wrong.")
    dashboard = empty.with_variable(variable("job", "job_slo:requests:rate5m")).time("now-7d", "now")
    for slo in ("availability", "latency"):
        dashboard = _objective(dashboard, slo)
    return _burn(dashboard)


def _objective(dashboard: Dashboard, slo: str) -> Dashboard:
    chosen = f'{{job=~"$job", slo="{slo}"}}'
    kept = f"min(1 - job_slo:failures:ratio_rate30d{chosen})"
    left = f"min(1 - job_slo:failures:ratio_rate30d{chosen} / {ALLOWED})"
    spending = f"max(job_slo:failures:ratio_rate1h{chosen} / {ALLOWED})"
    return (
        dashboard.with_row(Row(f"The {slo} objective"))
        .with_panel(
            figure(
                "Promised",
                "The share of good requests over 30 days.",
                Query(f'max(slo:objective:ratio{{slo="{slo}"}})'),
                unit="percentunit",
            )
        )
        .with_panel(
            figure("Kept", "Over the last 30 days, by the worst job.", Query(kept), unit="percentunit"),
        )
        .with_panel(
            figure_below(
                "Budget left",
                "Of the failures that are allowed in 30 days; below 0 the promise is broken.",
                Query(left),
                unit="percentunit",
                bad_below=0,
            )
        )
        .with_panel(
            figure(
                "Burn rate",
                "Over the last hour; 1 spends the budget in exactly 30 days, 14.4 pages.",
                Query(spending),
                bad=14.4,
            )
        )
    )


def _burn(dashboard: Dashboard) -> Dashboard:
    dashboard = dashboard.with_row(Row("Budgets over time"))
    dashboard = dashboard.with_panel(
        graph(
            "Budget left",
            "A slope is a defect, a step is an incident.",
            Query(f'1 - job_slo:failures:ratio_rate30d{{job=~"$job"}} / {ALLOWED}', "{{job}} {{slo}}"),
            unit="percentunit",
        )
    ).with_panel(
        graph(
            "Alerts that fire",
            "All of them, by severity; none is 0.",
            Query('count(ALERTS{alertstate="firing", severity="page"}) or vector(0)', "page"),
            Query('count(ALERTS{alertstate="firing", severity="ticket"}) or vector(0)', "ticket"),
        )
    )
    paces = (("fast", "5m", "1h", "14.4"), ("steady", "30m", "6h", "6"))
    for pace, short, long, limit in paces:
        queries = [
            Query(
                f'job_slo:failures:ratio_rate{window}{{job=~"$job"}} / {ALLOWED}',
                f"{{{{job}}}} {{{{slo}}}} {window}",
            )
            for window in (short, long)
        ]
        words = f"It pages when both windows, {short} and {long}, are above {limit}."
        dashboard = dashboard.with_panel(graph(f"Burn rate, {pace}", words, *queries))
    return dashboard
