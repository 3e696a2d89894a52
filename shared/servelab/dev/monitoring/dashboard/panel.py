"""The three kinds of panels: a curve over time, one figure, a table.

A panel must have data while all is well: a query for what rarely happens gives 0, not nothing,
because an empty panel can't be told from a broken one. `servelab monitoring check` holds it to that.
"""

from dataclasses import dataclass

from grafana_foundation_sdk.builders import prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders.common import ReduceDataOptions, VizLegendOptions, VizTooltipOptions
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = DataSourceRef(type_val="prometheus", uid="prometheus")
"""The data source of `shared/monitoring/grafana/provisioning`."""

# Grafana's grid is 24 wide: four figures in a row, or two graphs.
FIGURE_WIDTH, FIGURE_HEIGHT = 6, 4
GRAPH_WIDTH, GRAPH_HEIGHT = 12, 8

GREEN, RED = "green", "red"


@dataclass(frozen=True)
class Query:
    """One question to Prometheus.

    Attributes:
        expression: PromQL, in which Grafana fills in `$job`, `$__rate_interval` and the like.
        legend: the name of each series, such as `{{http_route}}`.
    """

    expression: str
    legend: str = ""


def graph(title: str, description: str, *queries: Query, unit: str = "short") -> timeseries.Panel:
    """Return curves over time.

    Args:
        title: what is shown.
        description: how to read it.
        queries: one for each kind of curve.
        unit: Grafana's name of a unit: reqps, s, percentunit, bytes, short.
    """
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .axis_soft_min(0)
        .span(GRAPH_WIDTH)
        .height(GRAPH_HEIGHT)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .legend(
            VizLegendOptions()
            .display_mode(LegendDisplayMode.TABLE)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
            .calcs(["lastNotNull", "max"])
        )
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING))
    )
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        panel = panel.with_target(_target(letter, query).range())
    return panel


def figure(
    title: str, description: str, query: Query, *, unit: str = "short", bad: float | None = None
) -> stat.Panel:
    """Return one number, as it is now.

    Args:
        title: what is shown.
        description: how to read it.
        query: gives one series.
        unit: as for a graph.
        bad: from where on it is red; None for what is neither good nor bad.
    """
    steps = [Threshold(value=None, color=GREEN)]
    if bad is not None:
        steps.append(Threshold(value=bad, color=RED))
    return _figure(title, description, query, unit, steps)


def figure_below(title: str, description: str, query: Query, *, unit: str, bad_below: float) -> stat.Panel:
    """Return one number that is red when it is too small."""
    steps = [Threshold(value=None, color=RED), Threshold(value=bad_below, color=GREEN)]
    return _figure(title, description, query, unit, steps)


def listing(title: str, description: str, query: Query) -> table.Panel:
    """Return a table with the labels of each series, as they are now."""
    target = _target("A", query).instant().format(PromQueryFormat.TABLE)
    return (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .span(GRAPH_WIDTH)
        .height(GRAPH_HEIGHT)
        .with_target(target)
    )


def _figure(title: str, description: str, query: Query, unit: str, steps: list[Threshold]) -> stat.Panel:
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .span(FIGURE_WIDTH)
        .height(FIGURE_HEIGHT)
        .graph_mode(BigValueGraphMode.NONE)
        .color_mode(BigValueColorMode.VALUE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
        .with_target(_target("A", query).instant())
    )


def _target(letter: str, query: Query) -> prometheus.Dataquery:
    return (
        prometheus.Dataquery()
        .ref_id(letter)
        .datasource(SOURCE)
        .expr(query.expression)
        .legend_format(query.legend)
    )
