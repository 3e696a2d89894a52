"""What passes in the learner's starter is remembered, as it was when the run began."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from servelab.course import practice, progress, source
from servelab.errors import GraderFaultError
from servelab.grading import session as grader
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, TaskResult, Verdict


class FakeGrader:
    """Gives every task the same verdict; `during` is called while it runs."""

    def __init__(self, verdict: Verdict = "pass", fault: str = "") -> None:
        """Nothing has run yet."""
        self.verdict = verdict
        self.fault = fault
        self.during: Callable[[], object] = lambda: None

    def __call__(
        self, path: Path, exercise: Exercise, tasks: Sequence[Task], *, level: str, **_: object
    ) -> Grade:
        """Grade."""
        self.during()
        results = tuple(
            TaskResult(task.id, task.title, self.verdict, 0.0, task.points, task.stretch, 0.1, "")
            for task in tasks
        )
        return Grade(str(path), exercise.number, level, results, 0.1, self.fault)


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeGrader:
    """A grader whose verdict the test chooses."""
    made = FakeGrader()
    monkeypatch.setattr(grader, "grade_one", made)
    monkeypatch.setattr(practice, "warm_up", lambda: None)
    return made


def practise(exercise: Exercise, folder: Path, *task_ids: str) -> Grade:
    """Run tasks."""
    return practice.practise(exercise, folder, [exercise.task(each) for each in task_ids], lambda _: None)


@pytest.mark.usefixtures("fake")
def test_a_pass_in_the_starter_is_remembered(miniature: Exercise, tmp_path: Path) -> None:
    """The next task comes after it."""
    practise(miniature, miniature.starter, "1.1", "1.3")

    assert {"1.1", "1.3"} == set(progress.load(tmp_path).passed)


def test_a_save_during_the_run_does_not_count_as_passed(
    miniature: Exercise, fake: FakeGrader, tmp_path: Path
) -> None:
    """The tests have seen the text from before."""
    path = miniature.starter / "src" / "answer.py"
    before = source.digest(miniature, "1.1", miniature.starter)
    fake.during = lambda: path.write_text("# rewritten", encoding="utf-8")

    practise(miniature, miniature.starter, "1.1")

    assert before == progress.load(tmp_path).passed["1.1"].digest


@pytest.mark.parametrize(
    ("verdict", "kept"), [("fail", False), ("timeout", False), ("not-run", True), ("error", True)]
)
def test_only_a_failure_takes_a_pass_back(
    miniature: Exercise, fake: FakeGrader, tmp_path: Path, verdict: Verdict, *, kept: bool
) -> None:
    """What was not run, or what the grader could not do, says nothing about the learner's code."""
    practise(miniature, miniature.starter, "1.1")
    fake.verdict = verdict

    practise(miniature, miniature.starter, "1.1")

    assert kept == ("1.1" in progress.load(tmp_path).passed)


@pytest.mark.usefixtures("fake")
def test_another_implementation_is_not_remembered(miniature: Exercise, tmp_path: Path) -> None:
    """That the solution passes is no progress of the learner."""
    practise(miniature, miniature.solution, "1.1")

    assert not (tmp_path / progress.NAME).exists()


def test_a_fault_of_the_grader_is_no_verdict(miniature: Exercise, fake: FakeGrader, tmp_path: Path) -> None:
    """No pass is given or taken by it."""
    fake.fault = "the session broke"

    with pytest.raises(GraderFaultError, match="the session broke"):
        practise(miniature, miniature.starter, "1.1")

    assert not (tmp_path / progress.NAME).exists()
