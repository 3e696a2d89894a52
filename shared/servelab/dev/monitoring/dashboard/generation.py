"""The generated JSON of the dashboards: rendered, written, compared with what is committed.

The SDK's builders give the JSON that Grafana imports; keys are sorted, so that a change of the
code is a small change of the file.
"""

from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from servelab import atomic_file
from servelab.dev.monitoring.dashboard import api_overview, model_serving, rabbitmq, redis, slo
from servelab.dev.monitoring.place import DASHBOARDS
from servelab.dev.monitoring.step import Step

BUILDERS: Final = MappingProxyType(
    {
        "api_overview.json": api_overview.build,
        "model_serving.json": model_serving.build,
        "rabbitmq.json": rabbitmq.build,
        "redis.json": redis.build,
        "slo.json": slo.build,
    }
)
"""Name of the file -> what builds it. A new dashboard is one more line."""


def render(name: str) -> str:
    """Return the JSON of a dashboard, in full."""
    dashboard = BUILDERS[name]().build()
    # Grafana numbers panels that have no id at every start; then links to a panel go astray.
    for number, panel in enumerate(dashboard.panels or [], start=1):
        panel.id_val = number
    return JSONEncoder(sort_keys=True, indent=2).encode(dashboard) + "\n"


def outdated(folder: Path = DASHBOARDS) -> list[str]:
    """Return the names of files that differ from the code, are missing, or have no code any more."""
    expected = {name: render(name) for name in BUILDERS}
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in {*expected, *there} if expected.get(name) != there.get(name))


def write(folder: Path = DASHBOARDS) -> Iterator[str]:
    """Write the files that are outdated, remove those without code, and yield their names."""
    for name in outdated(folder):
        if name in BUILDERS:
            atomic_file.write_text(folder / name, render(name))
        else:
            (folder / name).unlink()
        yield name


def check_current() -> Step:
    """Check that what is committed is what the code makes."""
    names = outdated()
    claim = "the dashboards are those of the code"
    detail = (
        f"{', '.join(names)} differ; fix it: servelab monitoring dashboards"
        if names
        else f"{len(BUILDERS)} files"
    )
    return Step(claim, ok=not names, detail=detail)
