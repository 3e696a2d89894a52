"""Locust itself, with our base class, against a server that stalls."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from servelab.bench.servers.process import stalling

pytestmark = pytest.mark.skipif(find_spec("locust") is None, reason="Locust is in the extra `peers`")

STALL_S = 0.4
PERIOD_S = 0.8
LOCUSTFILE = dedent("""\
    from locust import constant, task
    from servelab.bench.locust_side.user import PlannedUser

    class Impatient(PlannedUser):
        pace_s = 0.05
        wait_time = constant(99)  # the pace decides

        @task
        def click(self):
            self.client.get("/")
    """)


@pytest.mark.parametrize(
    ("allow", "refused"), [([], True), (["--allow-remote", "192.0.2.1"], False)], ids=["stranger", "allowed"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_users_go_to_this_machine_alone(
    allow: list[str], scheme: str, *, refused: bool, tmp_path: Path
) -> None:
    """Two users are few, two thousand are an attack on whoever owns the host."""
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE, encoding="utf-8")
    command = [sys.executable, "-m", "locust", "--headless", "--users", "1", "--run-time", "1s"]
    command += ["--host", f"{scheme}://192.0.2.1:9", "--stop-timeout", "0", *allow]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)

    assert refused == ("192.0.2.1 is not this machine" in done.stderr), done.stderr
    if refused:
        assert 1 == done.returncode


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of two users who want to click every 50 ms, for 3 s, which holds three stalls."""
    folder = tmp_path_factory.mktemp("locust")
    (folder / "locustfile.py").write_text(LOCUSTFILE, encoding="utf-8")
    with stalling(STALL_S, PERIOD_S) as address:
        command = [sys.executable, "-m", "locust", "--headless", "--users", "2", "--spawn-rate", "2"]
        command += ["--host", address.rstrip("/"), "--run-time", "3s", "--stop-timeout", "1"]
        command += ["--bench-html", "report.html", "--bench-json", "report.json"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=30)
    assert 0 == done.returncode, done.stderr
    assert "closed loop" in (folder / "report.html").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def test_every_click_planned_during_a_stall_is_late(report: dict[str, Any]) -> None:
    """Stamped at send, each stall would show one slow click for each user: six in all."""
    samples = report["samples"]
    latency = np.array(samples["ended_s"]) - np.array(samples["intended_s"])

    assert int((latency > 0.1).sum()) > 6
    assert float(latency.max()) < 2 * PERIOD_S + STALL_S


def test_the_report_is_a_closed_loop_of_these_users(report: dict[str, Any]) -> None:
    """It must not be taken for a measurement of capacity."""
    assert ("closed loop", False, 2) == (report["loop"], report["valid"], report["load"]["connections"])
    assert {} == report["figures"]["errors"]
