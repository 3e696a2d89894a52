"""A panel without data is found and named, with a Prometheus that exists only here."""

import math
from collections.abc import Sequence

import pytest

from servelab.dev.monitoring.panel_check import RefusedQueryError, look, look_at_all
from servelab.dev.monitoring.panel_query import PanelQuery, fill_in, panel_queries

LATENCY = PanelQuery("api_overview.json", "p99", "latency")
ERRORS = PanelQuery("api_overview.json", "Failures", "errors")


@pytest.mark.parametrize(
    ("values", "detail"),
    [([], "no data"), ([math.nan], "only NaN"), ([math.nan, math.inf], "only NaN"), ([math.nan, 0.0], "")],
)
def test_a_panel_needs_a_series_with_a_number(values: Sequence[float], detail: str) -> None:
    """Grafana draws neither nothing nor NaN; a 0 it draws."""
    finding = look(LATENCY, lambda _: values)

    assert detail == finding.detail
    assert (not detail) == finding.ok


def test_a_finding_names_dashboard_panel_and_query() -> None:
    """Who mends an empty panel must not have to search for it."""
    finding = look(LATENCY, lambda _: [])

    assert {
        "dashboard": "api_overview.json",
        "panel": "p99",
        "query": "latency",
        "series": 0,
        "ok": False,
        "detail": "no data",
    } == finding.to_dict()


def test_a_query_that_prometheus_refuses_is_a_finding_and_no_crash() -> None:
    """One broken query must not hide what is wrong with the others."""

    def refuse(query: str) -> list[float]:
        msg = f"parse error in {query}"
        raise RefusedQueryError(msg)

    finding = look(LATENCY, refuse)

    assert "refused: parse error in latency" == finding.detail


def test_a_panel_gets_time_and_one_that_stays_empty_fails() -> None:
    """A rate needs two scrapes; a misspelt metric has none after any number of them."""
    asked: list[str] = []

    def ask(query: str) -> list[float]:
        asked.append(query)
        return [1.0] if query == "latency" and asked.count(query) > 1 else []

    again = iter([True, True, False])

    findings = look_at_all([LATENCY, ERRORS], ask, lambda: next(again))

    assert [("p99", True), ("Failures", False)] == [(each.asked.panel, each.ok) for each in findings]
    assert 2 == asked.count("latency"), "what has given data is not asked again"


def test_every_variable_of_every_dashboard_is_filled_in() -> None:
    """A `$` that is left would be refused by Prometheus, or worse, match nothing."""
    assert [] == [each for each in panel_queries() if "$" in each.query]


def test_an_unknown_variable_stays_so_that_prometheus_refuses_it() -> None:
    """Filling in nothing could turn a broken query into one that works here and nowhere else."""
    assert 'a{b="$typo"}' == fill_in('a{b="$typo"}', {"job": ".+"})
