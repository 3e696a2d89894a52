"""Verdicts of tests and tasks, and the score that follows from them.

A task's verdict is one of five: `pass`, `fail`, `error` (the grader's fault),
`timeout` and `not-run` (a need has not passed, or this machine lacks what it requires).
The set of expected ids is fixed before the run; an id without a verdict counts as failed.
Source: check50's three-valued verdict, Otter's points.
"""

from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["pass", "fail", "error", "timeout", "not-run"]


@dataclass(frozen=True)
class TestId:
    """A graded test, known before any learner code runs."""

    __test__ = False

    id: str
    task: str
    guard: bool
    claim: str
    image: bool = False


@dataclass(frozen=True)
class TestResult:
    """What became of one graded test.

    Attributes:
        call: the last call before the failure, as a `curl` line that can be pasted.
        expected: expected against got, as the assertion said it.
        said: what the learner's service printed, tracebacks with the learner's own paths.
        inside: it rests on what learner code says of itself (`submission.call` and `play`).
    """

    __test__ = False

    id: str
    verdict: Verdict
    seconds: float = 0.0
    claim: str = ""
    call: str = ""
    expected: str = ""
    said: str = ""
    inside: bool = False


@dataclass(frozen=True)
class TaskResult:
    """The verdict of one task with its points.

    Attributes:
        message: one or more lines that tell a learner what to do; empty after a pass.
        diagnosis: the sentence of the known mistake whose failing tests these are, if there is one.
        guards: ids of the tests that score nothing by themselves but take the task's points when they fail.
        graded: whether this machine could grade it; what it lacks for that stands in the message, one a line.
    """

    task: str
    title: str
    verdict: Verdict
    points: float
    out_of: int
    stretch: bool
    seconds: float
    message: str
    diagnosis: str = ""
    tests: tuple[TestResult, ...] = ()
    guards: frozenset[str] = frozenset()
    graded: bool = True


@dataclass(frozen=True)
class Grade:
    """The result of grading one submission.

    Attributes:
        path: the submission as the instructor named it.
        isolation: "process" (practice, not graded) or "bubblewrap".
        memory_held_by: what held the limit of memory, "cgroup v1", "cgroup v2" or "watcher".
        fault: why there is no score, when the grader or the intake failed; then `tasks` is empty or partial.
    """

    path: str
    exercise: int
    isolation: str
    tasks: tuple[TaskResult, ...]
    seconds: float
    fault: str = ""
    notes: tuple[str, ...] = field(default=())
    memory_held_by: str = ""

    @property
    def score(self) -> float | None:
        """Points of the core tasks; None when the grader failed: an error is no mark, not even zero."""
        if self.fault or any(task.verdict == "error" for task in self.tasks):
            return None
        return round(sum(task.points for task in self.tasks if not task.stretch), 2)

    @property
    def out_of(self) -> int:
        """Points that the core tasks can give."""
        return sum(task.out_of for task in self.tasks if not task.stretch)

    @property
    def graded_here(self) -> int:
        """Points that the core tasks could give on this machine, which may lack what some require."""
        return sum(task.out_of for task in self.tasks if task.graded and not task.stretch)

    @property
    def bonus(self) -> float:
        """Points of the stretch tasks, counted apart."""
        return round(sum(task.points for task in self.tasks if task.stretch), 2)

    @property
    def bonus_graded_here(self) -> int:
        """Points that the stretch tasks could give on this machine."""
        return sum(task.out_of for task in self.tasks if task.graded and task.stretch)


def points(out_of: int, results: tuple[TestResult, ...], guards: frozenset[str]) -> float:
    """Return the points of a task: partial credit by its scoring tests, none when a guard fails.

    A value that learner code gives back can be forged by code that knows the tests. So tests
    that rest on one count in the share in which those pass that see a service from outside.

    >>> points(8, (TestResult("a", "pass"), TestResult("b", "fail")), frozenset())
    4.0
    >>> points(8, (TestResult("a", "pass"), TestResult("g", "fail")), frozenset({"g"}))
    0.0
    >>> points(8, (TestResult("a", "fail"), TestResult("b", "pass", inside=True)), frozenset())
    0.0
    """
    scoring = [result for result in results if result.id not in guards]
    if not scoring or any(result.verdict != "pass" for result in results if result.id in guards):
        return 0.0
    outside = [result.verdict == "pass" for result in scoring if not result.inside]
    inside = [result.verdict == "pass" for result in scoring if result.inside]
    trust = sum(outside) / len(outside) if outside else 1.0
    return round(out_of * (sum(outside) + trust * sum(inside)) / len(scoring), 2)
