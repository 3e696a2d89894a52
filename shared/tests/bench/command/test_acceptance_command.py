"""`servelab bench acceptance` says beforehand what it needs, and writes JSON that every parser takes."""

import importlib.util
import json
import shutil

import pytest

from servelab import cli
from servelab.bench.load.worker_process import WorkerProcess
from servelab.dev import acceptance as checks
from servelab.dev.acceptance.check import Check


def undefined() -> Check:
    """A check whose measurement went wrong: its figure is no number."""
    return Check(1, "a claim", float("nan"), (float("nan"), float("inf")), ">= 1", ok=False)


@pytest.mark.parametrize(
    ("only", "named"),
    [([], "check 2 wrk, check 3 mlperf_loadgen"), (["--only", "2"], "check 2 wrk"), (["--only", "3"], "pip")],
)
def test_what_is_missing_is_said_before_anything_runs(
    only: list[str], named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Checks of minutes must not be lost for a program that was never there."""
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "mlperf_loadgen" else find("json")
    )
    monkeypatch.setattr(shutil, "which", lambda _: None)

    code = cli.run(["bench", "acceptance", *only])

    said = capsys.readouterr()
    assert (2, "", 1) == (code, said.out, len(said.err.strip().splitlines()))
    assert named in said.err


def test_what_other_checks_need_may_be_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked for check 1 alone, nobody needs wrk; and a figure that is no number is null in JSON."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(checks, "CHECKS", (undefined,) * 7)
    # Here, and not in a process worker, which could not import a function of a test.
    monkeypatch.setattr(WorkerProcess, "call", lambda _, function: function())

    code = cli.run(["bench", "acceptance", "--only", "1", "--json", "-"])

    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert 1 == code
    assert (None, [None, None]) == (found["checks"][0]["value"], found["checks"][0]["interval"])
