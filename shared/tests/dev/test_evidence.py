"""What was right is kept, and is not run again but for one run in twenty."""

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from servelab.dev import fingerprint, verification
from servelab.dev.row import Outcome, Run

if TYPE_CHECKING:
    from tests.dev.conftest import Proof

ALL = 12
"""Runs of the matrix: solution, starter, three prefixes, three holes, two mutants, two attacks."""


@pytest.mark.usefixtures("nothing_drawn")
def test_what_was_right_is_kept(proof: "Proof") -> None:
    """A contributor waits for what they have touched, and for nothing else."""
    first = proof.verify()

    second = proof.verify()

    assert [] == proof.ran
    assert [outcome.row for outcome in first] == [outcome.row for outcome in second]
    assert ({False}, {True}) == ({row.kept for row in first}, {row.kept for row in second})


@pytest.mark.usefixtures("nothing_drawn")
def test_what_is_wrong_is_no_evidence(proof: "Proof") -> None:
    """It is run until it is right, and then it is kept."""
    proof.wrong = {"hole 1.3"}
    proof.verify()
    proof.verify()
    assert ["hole 1.3"] == proof.ran

    proof.wrong = set()
    proof.verify()
    proof.verify()

    assert [] == proof.ran


@pytest.mark.usefixtures("nothing_drawn")
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("0.5", "0.6"),
        lambda text: text.replace("{", "[", 1),
        lambda _: "",
        lambda text: text.replace('"rows":[{', '"rows":[],"more":[{'),
    ],
    ids=["changed", "broken", "empty", "unknown"],
)
def test_evidence_that_was_tampered_with_is_none(proof: "Proof", damage: Callable[[str], str]) -> None:
    """Half a file, or a merge of two, says nothing."""
    proof.verify()
    path = proof.evidence / "process" / "1" / "hole 1.3.json"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")

    proof.verify()

    assert ["hole 1.3"] == proof.ran


def test_one_run_in_twenty_is_run_again_all_the_same(proof: "Proof") -> None:
    """At least one, so that what the fingerprint leaves out comes to light one day."""
    proof.verify()

    proof.verify()

    assert 1 == len(proof.ran)


def test_a_run_that_was_right_and_is_wrong_takes_the_evidence_of_its_exercise(
    proof: "Proof", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then something decides it that the fingerprint leaves out, and all the rest hangs on it, too."""
    monkeypatch.setattr(random, "sample", lambda places, _: places[-1:])
    proof.verify()
    proof.wrong = {"hostile 02-exit"}

    wrong = [outcome for outcome in proof.verify() if not outcome.ok]
    again = proof.verify()

    assert ["right before, though nothing in its fingerprint has changed"] == [
        outcome.why.partition(";")[0] for outcome in wrong
    ]
    assert ALL == len(proof.ran)
    assert not any(outcome.kept for outcome in again)


@pytest.mark.usefixtures("nothing_drawn")
def test_fresh_runs_everything_and_keeps_it(proof: "Proof") -> None:
    """CI believes nothing that it has not seen."""
    proof.verify()

    proof.verify(fresh=True)
    assert ALL == len(proof.ran)
    proof.verify()

    assert [] == proof.ran


@pytest.mark.usefixtures("nothing_drawn")
def test_what_is_edited_during_its_run_is_not_kept(proof: "Proof", monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether the run has seen the text of before or the one behind it."""

    def run(run: Run, level: str) -> list[Outcome]:
        if run.name == "mutant 1.01-undead":
            proof.edit("mutants/1.01-undead.toml", '"undead"', '"dead"')
            proof.edit("solution/src/main.py", "65536", "4096")
        return proof.run(run, level)

    monkeypatch.setattr(verification, "_run", run)
    proof.verify()
    proof.edit("solution/src/main.py", "4096", "65536")
    monkeypatch.setattr(verification, "_run", proof.run)

    proof.verify()

    assert "mutant 1.01-undead" in proof.ran


@pytest.mark.usefixtures("nothing_drawn")
def test_a_run_that_builds_images_is_never_kept(proof: "Proof", monkeypatch: pytest.MonkeyPatch) -> None:
    """What a registry answers tomorrow is in no fingerprint."""
    monkeypatch.setattr(fingerprint, "engine_lacking", lambda: "")
    proof.verify()

    proof.verify()

    assert ["solution 1.1 1.2 1.3"] == proof.ran


def test_the_report_counts_what_was_run_and_what_was_kept(proof: "Proof") -> None:
    """Whoever reads "0 wrong" must see how much of it was seen today."""
    proof.verify()

    report = verification.as_json(proof.verify(), 1.0)

    summary = report["summary"]
    assert summary["rows"] == summary["run"] + summary["kept"]
    assert summary["kept"] == sum(row["kept"] for row in report["rows"])
    assert 0 < summary["run"] < summary["rows"]
