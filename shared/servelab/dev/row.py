"""One row of the verification matrix: a variant, what must come of it, what came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import Grade, Verdict

Kind = Literal["solution", "starter", "prefix", "hole", "mutant", "hostile"]


@dataclass(frozen=True)
class Row:
    """A claim about the grader: this variant gets these verdicts, and these tests fail.

    Attributes:
        exercise: its number, or 0 for the grader itself, which is attacked in the miniature exercise.
        task: the task that the row is about.
        expected: verdict of each task that is part of the claim.
        must_fail: ids that must fail; None asks for every scoring test of `task`.
        only: whether no other test may fail.
        points: points that the graded tasks must get in all, or None where the verdicts say it.
    """

    exercise: int
    task: str
    kind: Kind
    name: str
    expected: Mapping[str, Verdict]
    must_fail: frozenset[str] | None = frozenset()
    only: bool = False
    points: float | None = None
    refused: bool = False
    must_not_exist: tuple[Path, ...] = ()
    says: str = ""


class Variant(Protocol):
    """What is graded: an implementation that is made when it is wanted."""

    def build(self, folder: Path) -> None:
        """Write it into an empty folder."""

    def sources(self) -> Mapping[str, bytes]:
        """Return all that it is made of, by name: one byte changed is another variant."""


@dataclass(frozen=True)
class Run:
    """One grading run that decides one or more rows.

    Attributes:
        exercise: whose tests run.
        ignore_needs: see `grading.job.Job`.
        time_limit_s: see `grading.job.Job`.
        images: see `grading.job.Job`; only where an engine answers.
    """

    exercise: Exercise
    rows: tuple[Row, ...]
    tasks: tuple[Task, ...]
    variant: Variant
    ignore_needs: bool = False
    time_limit_s: float | None = None
    images: bool = False

    @property
    def name(self) -> str:
        """What it is called among the runs of its exercise."""
        first = self.rows[0]
        kind = () if first.name.startswith(first.kind) else (first.kind,)
        return " ".join((*kind, first.name, *(row.task for row in self.rows[1:])))

    def tried_by(self, task: Task) -> "Run":
        """Return the run by the tests of one of its tasks alone, with what must come of that task."""
        rows = (row for row in self.rows if len(self.rows) == 1 or row.task == task.id)
        part = tuple(
            replace(
                row,
                expected={task.id: row.expected[task.id]},
                must_fail=row.must_fail if row.task == task.id else frozenset(),
            )
            for row in rows
        )
        return replace(self, rows=part, tasks=(task,), ignore_needs=True)


@dataclass(frozen=True)
class Outcome:
    """A row with what came of it.

    Attributes:
        got: verdict of each task that is part of the claim.
        failed: the tests that failed, as far as the claim is about them.
        why: what is wrong, or what this machine lacks; empty when the row holds.
        not_run: whether it could not be decided here, which is neither right nor wrong.
        kept: whether it is known from evidence, and was not run.
    """

    row: Row
    isolation: str
    got: Mapping[str, Verdict]
    failed: tuple[str, ...]
    must_fail: tuple[str, ...]
    seconds: float
    why: str
    not_run: bool = False
    kept: bool = False

    @property
    def ok(self) -> bool:
        """Whether the row holds."""
        return not self.why


def judge(row: Row, grade: Grade, refused: str) -> Outcome:
    """Compare a grade with a row's claim.

    Args:
        row: the claim.
        grade: what the grader said.
        refused: why the intake refused the submission, empty when it took it.
    """
    if lacking := _lacking(row, grade):
        return Outcome(row, grade.isolation, {}, (), (), grade.seconds, lacking, not_run=True)
    got: dict[str, Verdict] = {task.task: task.verdict for task in grade.tasks if task.task in row.expected}
    tests = [test for task in grade.tasks for test in task.tests]
    failed = frozenset(test.id for test in tests if test.verdict in ("fail", "timeout", "error"))
    must_fail = _scoring(row.task, grade) if row.must_fail is None else row.must_fail
    if refused or row.refused:
        why = _refusal(row, refused)
    else:
        why = next(_faults(row, grade, got, failed, must_fail), "")
    left = [str(path) for path in row.must_not_exist if path.exists()]
    if left:
        why = f"it got out: {left[0]} exists"
    own = frozenset(test.id for task in grade.tasks if task.task == row.task for test in task.tests)
    shown = failed if row.only else failed & (own | must_fail)
    return Outcome(
        row, grade.isolation, got, tuple(sorted(shown)), tuple(sorted(must_fail)), grade.seconds, why
    )


def _lacking(row: Row, grade: Grade) -> str:
    """Return what this machine lacks to decide a row; empty when it can be decided, or is wrong already."""
    if grade.fault or any(path.exists() for path in row.must_not_exist):
        return ""
    # A mutant may fail tests of any task, points and messages may be those of any: none may be left out.
    whole = row.only or row.points or row.says
    left_out = [task for task in grade.tasks if not task.graded and (whole or task.task == row.task)]
    return left_out[0].message.replace("\n", "; ") if left_out else ""


def _scoring(task_id: str, grade: Grade) -> frozenset[str]:
    return frozenset(
        test.id
        for task in grade.tasks
        if task.task == task_id
        for test in task.tests
        if test.id not in task.guards
    )


def _refusal(row: Row, refused: str) -> str:
    if row.refused and refused:
        return "" if row.says in refused else f"the refusal says {refused!r}, not {row.says!r}"
    return f"the intake refused it: {refused}" if refused else "the intake took it, which it must not"


def _faults(
    row: Row, grade: Grade, got: Mapping[str, Verdict], failed: frozenset[str], must_fail: frozenset[str]
) -> Iterator[str]:
    """Yield what is wrong with a row, the most telling first."""
    if grade.fault:
        yield f"the grader failed: {grade.fault}"
    left_out = {task.task for task in grade.tasks if not task.graded}
    for task, verdict in row.expected.items():
        if task not in left_out and got.get(task) != verdict:
            yield f"task {task}: expected {verdict}, got {got.get(task, 'nothing')}{_first(grade, task)}"
    if missing := sorted(must_fail - failed):
        yield f"must fail but did not: {', '.join(missing)}"
    if row.only and (extra := sorted(failed - must_fail)):
        yield f"failed but must not: {', '.join(extra)}"
    total = round(sum(task.points for task in grade.tasks), 2)
    if row.points is not None and total != row.points:
        yield f"it got {total:g} points, not {row.points:g}"
    texts = [test.expected + test.said for task in grade.tasks for test in task.tests]
    if row.says and not any(row.says in text for text in texts):
        yield f"no message says {row.says!r}"


def _first(grade: Grade, task_id: str) -> str:
    for task in grade.tasks:
        for test in task.tests:
            if task.task == task_id and test.verdict not in ("pass", "not-run"):
                return f" ({test.id}: {test.expected.splitlines()[0] if test.expected else test.verdict})"
    return ""
