"""`servelab verify` from its arguments to what is run; nothing is really graded."""

import json
from collections import Counter
from pathlib import Path

import pytest

from servelab import cli
from servelab.course import variant
from servelab.dev import evidence, hostile, verification
from servelab.dev.row import Outcome, Run
from servelab.grading.manifest import Exercise

ATTACK = """\
title = "exits with 0 at import"
base = "empty"
points = 0
"""


@pytest.fixture(autouse=True)
def ran(miniature: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what is run of the miniature course, which has an attack of its own and one on the grader."""
    names: list[str] = []

    def run(run: Run, level: str) -> list[Outcome]:
        names.append(f"{run.rows[0].exercise} {run.name}")
        return [Outcome(row, level, row.expected, (), (), 0.5, "") for row in run.rows]

    general = tmp_path / "attacks"
    for folder, name in ((miniature.folder / "hostile", "35-own"), (general, "01-general")):
        variant.write({f"{name}/hostile.toml": ATTACK, f"{name}/files/src/__init__.py": ""}, folder)
    monkeypatch.setattr(hostile, "GENERAL", general)
    monkeypatch.setattr(verification, "_run", run)
    monkeypatch.setattr(evidence.Evidence.__init__, "__defaults__", (tmp_path / "evidence",))
    return names


def verify(*options: str) -> int:
    """Run the command at a level that every machine has."""
    return cli.run(["verify", "--isolation", "process", *options])


def test_without_options_everything_is_proven(ran: list[str]) -> None:
    """Attacks on the grader run once, whatever number of exercises there is."""
    assert 0 == verify()

    kinds = Counter(name.split(" ")[0] for name in ran)
    assert {"0": 2, "1": 9} == kinds
    assert {"0 solution 1.1 1.2 1.3", "0 hostile 01-general", "1 hostile 35-own"} < set(ran)


@pytest.mark.parametrize(
    ("options", "exercises"),
    [(["--attacks"], {"0"}), (["--exercise", "1"], {"1"}), (["--task", "1.3"], {"1"})],
    ids=" ".join,
)
def test_a_part_can_be_asked_for(ran: list[str], options: list[str], exercises: set[str]) -> None:
    """Who works on the grader waits for its attacks, who works on an exercise for its rows."""
    assert 0 == verify(*options)

    assert exercises == {name[0] for name in ran}


def test_the_shards_are_everything_and_share_nothing(ran: list[str]) -> None:
    """What no machine of CI has run is not proven, and what two have run costs time."""
    verify("--fresh")
    whole = sorted(ran)
    ran.clear()

    sizes = []
    for part in ("1/3", "2/3", "3/3"):
        before = len(ran)
        assert 0 == verify("--fresh", "--shard", part)
        sizes.append(len(ran) - before)

    assert whole == sorted(ran)
    assert max(sizes) - min(sizes) <= 1


def test_a_second_time_little_is_run_and_fresh_runs_all(
    ran: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The report says how much of it was seen today."""
    verify()
    everything = len(ran)
    capsys.readouterr()

    verify("--json", "-")
    second = json.loads(capsys.readouterr().out)
    assert everything + 1 == len(ran)
    verify("--fresh")

    assert everything + 1 + everything == len(ran)
    assert second["summary"]["rows"] == second["summary"]["run"] + second["summary"]["kept"]
    assert second["summary"]["kept"] == sum(row["kept"] for row in second["rows"])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--shard", "0/3"], "write part and number of parts"),
        (["--shard", "4/3"], "write part and number of parts"),
        (["--shard", "two"], "write part and number of parts"),
        (["--attacks", "--exercise", "1"], "exclude each other"),
        (["--task", "1.1", "--exercise", "1"], "exclude each other"),
    ],
)
def test_what_makes_no_sense_is_refused(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A shard that is nothing would prove nothing, and be green."""
    assert 2 == verify(*options)

    assert sentence in capsys.readouterr().err


def test_what_the_level_does_not_hold_is_said(
    miniature: Exercise, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the level for practice can't hold is said, not hidden."""
    path = miniature.folder / "hostile" / "35-own" / "hostile.toml"
    path.write_text(ATTACK + 'held_by = ["bubblewrap"]\n', encoding="utf-8")

    verify()

    assert "level process does not claim to hold: 35-own" in capsys.readouterr().out
