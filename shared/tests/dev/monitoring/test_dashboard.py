"""The dashboards are what their code makes, and Grafana can lay them out."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from servelab.dev.monitoring.dashboard import generation
from servelab.dev.monitoring.place import DASHBOARDS, MONITORING

FILES = sorted(DASHBOARDS.glob("*.json"))
WIDTH = 24


def read(path: Path) -> dict[str, Any]:
    """Return a dashboard as Grafana gets it."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def test_the_committed_dashboards_are_those_of_the_code() -> None:
    """Whoever changes the code and forgets to generate learns it here, and not in Grafana."""
    assert [] == generation.outdated()


def test_a_changed_a_missing_and_a_foreign_file_are_outdated(tmp_path: Path) -> None:
    """A dashboard that was edited by hand, deleted or left behind is found."""
    list(generation.write(tmp_path))
    (tmp_path / "slo.json").write_text("{}", encoding="utf-8")
    (tmp_path / "redis.json").unlink()
    (tmp_path / "old.json").write_text("{}", encoding="utf-8")

    found = generation.outdated(tmp_path)

    assert ["old.json", "redis.json", "slo.json"] == found
    assert found == list(generation.write(tmp_path))
    assert [] == generation.outdated(tmp_path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_sdk_reads_back_what_it_wrote(path: Path) -> None:
    """A field that Grafana's own model does not know would be lost on the way into Grafana."""
    register_default_plugins()

    again = JSONEncoder(sort_keys=True, indent=2).encode(Dashboard.from_json(read(path)))

    assert path.read_text(encoding="utf-8") == again + "\n"


def test_no_two_dashboards_share_a_uid() -> None:
    """Grafana would show only one of them, whichever it reads last."""
    uids = Counter(read(path)["uid"] for path in FILES)

    assert len(FILES) == len(uids)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_panels_lie_side_by_side_and_not_on_each_other(path: Path) -> None:
    """A panel under another one is never seen."""
    places = [(panel["title"], panel["gridPos"]) for panel in read(path)["panels"]]

    assert all(place["x"] + place["w"] <= WIDTH for _, place in places)
    assert [] == [(one, other) for (one, a), (other, b) in combinations(places, 2) if overlap(a, b)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_panel_says_how_to_read_it(path: Path) -> None:
    """A curve without an explanation helps only who made it."""
    panels = [panel for panel in read(path)["panels"] if panel["type"] != "row"]

    assert panels
    assert [] == [panel["title"] for panel in panels if not panel.get("description") or not panel["targets"]]


def test_every_query_goes_to_the_provisioned_data_source() -> None:
    """A panel that names another uid shows "data source not found"."""
    provisioned = MONITORING / "grafana" / "provisioning" / "datasources" / "prometheus.yml"
    (source,) = yaml.safe_load(provisioned.read_text(encoding="utf-8"))["datasources"]

    asked = {
        target["datasource"]["uid"]
        for path in FILES
        for panel in read(path)["panels"]
        for target in panel.get("targets", [])
    }

    assert {source["uid"]} == asked


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Say whether two places on the grid have a cell in common."""
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )
