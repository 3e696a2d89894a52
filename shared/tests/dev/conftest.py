"""A verification in which nothing is really graded, for what is kept of it and what is run again."""

import random
from pathlib import Path

import pytest

from servelab.course import variant
from servelab.dev import fingerprint, matrix, verification
from servelab.dev.evidence import Evidence
from servelab.dev.row import Outcome, Run
from servelab.grading import manifest
from servelab.grading.manifest import Exercise

MUTANT = """\
task = "1.1"
teaches = "a probe that says something else is not understood"
must_fail = ["test_01_live.py::test_liveness_answers"]

[[replace]]
file = "src/answer.py"
old = 'return "alive"'
new = 'return "undead"'
"""
ATTACK = """\
title = "exits with 0 at import"
base = "empty"
tasks = ["1.1"]
verdicts = { "1.1" = "fail" }
points = 0
"""


class Proof:
    """The verification of an exercise, in which nothing is really graded.

    Attributes:
        ran: names of the runs that the last verification has run.
        wrong: names of runs that come out wrong.
        level: name of the isolation level.
    """

    def __init__(self, exercise: Exercise) -> None:
        self.folder = exercise.folder
        self.ran: list[str] = []
        self.wrong: set[str] = set()
        self.level = "process"

    def run(self, run: Run, level: str) -> list[Outcome]:
        """Stand in for a grading run."""
        self.ran.append(run.name)
        why = "it broke" if run.name in self.wrong else ""
        return [Outcome(row, level, row.expected, (), (), 0.5, why) for row in run.rows]

    def verify(self, *, fresh: bool = False) -> list[Outcome]:
        """Verify as the command does."""
        self.ran.clear()
        runs = matrix.runs(manifest.load(self.folder), "process")
        plan = verification.plan(runs, self.level, Evidence(self.level, self.evidence), fresh=fresh)
        return verification.verify(plan, lambda _: None, workers=1)

    @property
    def evidence(self) -> Path:
        """Where the evidence lies."""
        return self.folder.parent / "evidence"

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text in a file of the exercise."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def proof(miniature: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Proof:
    """A verification of the miniature exercise, on a machine and with a grader that tests can change."""
    for name in ("1.01-undead", "1.01-other"):
        variant.write({f"mutants/{name}.toml": MUTANT}, miniature.folder)
    for name in ("01-exit", "02-exit"):
        text = {"hostile.toml": ATTACK, "files/src/__init__.py": "exit()\n", "make.py": ""}
        variant.write({f"hostile/{name}/{file}": content for file, content in text.items()}, miniature.folder)
    variant.write({"tests/data/rows.csv": "1,2\n"}, miniature.folder)
    made = Proof(miniature)
    monkeypatch.setattr(verification, "_run", made.run)
    package = tmp_path / "package"
    sources = ("errors.py", "grading/session.py", "zoo/artifacts/a.onnx", "course/variant.py", "dev/row.py")
    variant.write(dict.fromkeys((*sources, "course/watch.py", "dev/commands/verify.py"), "X = 1\n"), package)
    monkeypatch.setattr(fingerprint, "PACKAGE", package)
    monkeypatch.setattr(fingerprint, "SYSTEM_PACKAGES", tmp_path / "status")
    monkeypatch.setattr(fingerprint, "availability", lambda: ["redis"])
    monkeypatch.setattr(fingerprint, "engine_lacking", lambda: "there is none")
    return made


@pytest.fixture
def nothing_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run that is known is drawn to be run again."""
    monkeypatch.setattr(random, "sample", lambda *_: [])
