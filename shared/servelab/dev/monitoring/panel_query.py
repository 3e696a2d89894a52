"""What the dashboards ask Prometheus: every query of every panel, with Grafana's variables filled in.

Read from the committed JSON, because that is what Grafana reads, and not from the code that made it.
Leaves out: Grafana's own transformations; a panel that hides what its query found is not noticed.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from servelab.dev.monitoring.place import DASHBOARDS
from servelab.errors import MisuseError

# What Grafana makes of them for a scrape interval of 15 s and a dashboard that shows 5 minutes.
BUILT_IN: Final = {"__rate_interval": "1m", "__range": "5m"}
LABEL_VALUES: Final = re.compile(r"label_values\((?P<metric>.+), *(?P<label>\w+)\)")


@dataclass(frozen=True)
class PanelQuery:
    """One question of a dashboard.

    Attributes:
        dashboard: its file.
        panel: title of the panel, or `variable $name`.
        query: PromQL as Prometheus gets it.
    """

    dashboard: str
    panel: str
    query: str


def panel_queries(folder: Path = DASHBOARDS) -> list[PanelQuery]:
    """Return the questions of all dashboards in a folder.

    Raises:
        MisuseError: there is no dashboard, or one with a variable that has no value for "All".
    """
    found = [each for path in sorted(folder.glob("*.json")) for each in _of_dashboard(path)]
    if not found:
        msg = f"there is no dashboard in {folder}; make them with: servelab monitoring dashboards"
        raise MisuseError(msg)
    return found


def fill_in(query: str, values: Mapping[str, str]) -> str:
    """Return a query with its variables filled in; an unknown one stays, and Prometheus will refuse it.

    >>> fill_in('rate(a{job=~"$job"}[$__rate_interval])', {"job": ".+", "__rate_interval": "1m"})
    'rate(a{job=~".+"}[1m])'
    """
    return re.sub(r"\$(\w+)", lambda found: values.get(found[1], found[0]), query)


def _of_dashboard(path: Path) -> Iterator[PanelQuery]:
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    variables = dashboard.get("templating", {}).get("list", [])
    values = BUILT_IN | {each["name"]: _all_value(path, each) for each in variables}
    for variable in variables:
        yield PanelQuery(path.name, f"variable ${variable['name']}", _as_promql(path, variable))
    for panel in _panels(dashboard):
        for target in panel.get("targets", []):
            yield PanelQuery(path.name, panel["title"], fill_in(target["expr"], values))


def _panels(container: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the panels, also those inside rows that are folded."""
    for panel in container.get("panels", []):
        yield panel
        yield from _panels(panel)


def _all_value(path: Path, variable: dict[str, Any]) -> str:
    if value := variable.get("allValue"):
        return str(value)
    msg = f"{path.name}: the variable {variable['name']} has no value for All; make it with page.variable()"
    raise MisuseError(msg)


def _as_promql(path: Path, variable: dict[str, Any]) -> str:
    """Return what Prometheus is asked instead of Grafana's label_values(metric, label)."""
    if found := LABEL_VALUES.fullmatch(str(variable["query"])):
        return f"count by ({found['label']}) ({found['metric']})"
    msg = f"{path.name}: the variable {variable['name']} is no label_values(metric, label)"
    raise MisuseError(msg)
