"""Whether every panel shows something: its query must give at least one series with a number.

A panel is empty for good when a metric was renamed, a label misspelt, a job dropped; nobody
notices until it is needed. NaN counts as nothing: Grafana draws no curve for it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from servelab.dev.monitoring.panel_query import PanelQuery

Ask = Callable[[str], Sequence[float]]
"""Asks Prometheus a query, and returns the value of each series now; raises RefusedQueryError."""


class RefusedQueryError(Exception):
    """Prometheus refuses the query; the message is its own."""


@dataclass(frozen=True)
class Finding:
    """What came of a question.

    Attributes:
        asked: the question.
        series: how many series with a number it gave.
        detail: what is wrong; empty when nothing is.
    """

    asked: PanelQuery
    series: int
    detail: str

    @property
    def ok(self) -> bool:
        """Whether the panel shows something."""
        return not self.detail

    def to_dict(self) -> dict[str, object]:
        """Return it as it stands in the report."""
        asked = self.asked
        return {
            "dashboard": asked.dashboard,
            "panel": asked.panel,
            "query": asked.query,
            "series": self.series,
            "ok": self.ok,
            "detail": self.detail,
        }


def look(asked: PanelQuery, ask: Ask) -> Finding:
    """Ask one question."""
    try:
        values = ask(asked.query)
    except RefusedQueryError as error:
        return Finding(asked, 0, f"refused: {error}")
    series = sum(map(math.isfinite, values))
    if series:
        return Finding(asked, series, "")
    return Finding(asked, 0, "only NaN" if values else "no data")


def look_at_all(questions: Sequence[PanelQuery], ask: Ask, another_time: Callable[[], bool]) -> list[Finding]:
    """Ask all questions, and again those without an answer as long as there is another time.

    Args:
        questions: of all panels.
        ask: asks Prometheus.
        another_time: waits for the next scrape, and says whether it is worth asking again.
    """
    findings = [look(each, ask) for each in questions]
    while not all(each.ok for each in findings) and another_time():
        findings = [each if each.ok else look(each.asked, ask) for each in findings]
    return findings
