"""`servelab monitoring` says what is wrong, and its exit code too."""

import json

import pytest

from servelab import cli
from servelab.dev.monitoring import live_check, tool_check
from servelab.dev.monitoring.dashboard import generation
from servelab.dev.monitoring.live_check import Seen
from servelab.dev.monitoring.panel_check import Finding
from servelab.dev.monitoring.panel_query import PanelQuery
from servelab.dev.monitoring.place import DASHBOARDS
from servelab.dev.monitoring.step import Step
from servelab.services import LackingServiceError

EMPTY = Finding(PanelQuery("slo.json", "Budget left", "slo:left"), 0, "no data")


@pytest.fixture(autouse=True)
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tools say is tested elsewhere, and takes seconds."""
    monkeypatch.setattr(tool_check, "check_by_tools", list)


def test_an_empty_panel_fails_the_check_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI stops here, and the output alone tells which panel to mend."""
    seen = Seen(Step(live_check.LIVE, ok=False, detail="no data in 1 of 1 queries"), (EMPTY,))
    monkeypatch.setattr(live_check, "look_live", lambda: seen)

    code = cli.run(["monitoring", "check"])

    assert 1 == code
    assert "slo.json, Budget left: no data: slo:left" in capsys.readouterr().out


def test_what_this_machine_lacks_is_said_and_is_no_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A proof that was not run has proved nothing."""

    def look() -> Seen:
        why = "prometheus is not on this machine"
        raise LackingServiceError(why, "apt")

    monkeypatch.setattr(live_check, "look_live", look)

    code = cli.run(["monitoring", "check", "--json", "-"])

    report = json.loads(capsys.readouterr().out)
    assert 1 == code
    assert not report["summary"]["ok"]
    assert "not proved: prometheus is not on this machine" in report["summary"]["steps"][-1]["detail"]
    assert [] == report["panels"]


def test_all_well_is_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check must be able to pass."""
    good = Finding(EMPTY.asked, 1, "")
    monkeypatch.setattr(
        live_check, "look_live", lambda: Seen(Step(live_check.LIVE, ok=True, detail=""), (good,))
    )

    assert 0 == cli.run(["monitoring", "check"])


def test_a_tool_that_is_missing_leaves_its_step_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without promtool nothing is known about the rules."""
    monkeypatch.setattr(tool_check, "find", lambda _: "")

    step = tool_check.run_tool("the rules are right", "promtool", "check")

    assert not step.ok
    assert "promtool is not on this machine; get it with: sudo apt-get install" in step.detail


def test_dashboards_check_tells_a_file_that_is_not_the_codes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever edited the JSON learns that the code is its source."""
    monkeypatch.setattr(generation, "outdated", lambda: ["slo.json"])

    code = cli.run(["monitoring", "dashboards", "--check"])

    assert 1 == code
    assert "slo.json differs from its code" in capsys.readouterr().out


def test_dashboards_check_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` is for CI, where nothing may be written."""
    before = {path: path.stat().st_mtime_ns for path in DASHBOARDS.glob("*.json")}

    assert 0 == cli.run(["monitoring", "dashboards", "--check"])

    assert before == {path: path.stat().st_mtime_ns for path in DASHBOARDS.glob("*.json")}
    assert "the dashboards are those of the code" in capsys.readouterr().out
