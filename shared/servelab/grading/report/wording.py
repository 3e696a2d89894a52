"""The words and numbers that all reports share.

A person must read the same word for the same thing in every format.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from servelab.course_root import EXERCISES
from servelab.grading.verdict import Grade, TaskResult, Verdict

GRADED_ISOLATION: Final = ("bubblewrap", "container")
"""The levels whose score may count as a mark."""

PRACTICE: Final = "practice, not graded"

PRACTICE_REASON: Final = (
    "At isolation level “process” a submission could read or forge what it should not; "
    "grade it at level “bubblewrap” for a score that counts."
)

VERDICT_WORDS: Final[dict[Verdict, str]] = {
    "pass": "pass",
    "fail": "fail",
    "timeout": "timeout",
    "error": "grader error",
    "not-run": "not run",
}

VERDICT_SIGNS: Final[dict[Verdict, str]] = {
    "pass": "✓",
    "fail": "✗",
    "timeout": "⧖",
    "error": "!",
    "not-run": "·",
}
"""A sign for each verdict: a report must not depend on colour."""


def number(value: float) -> str:
    """Write a number with two decimals at most, and none that say nothing.

    >>> number(8.0), number(62.5), number(2.666)
    ('8', '62.5', '2.67')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")


def full(graded_here: int, out_of: int) -> str:
    """Write how many points could be had, on a machine that may lack what some tasks require.

    >>> full(100, 100), full(58, 100)
    ('100', '58 graded here, of 100')
    """
    return str(out_of) if graded_here == out_of else f"{graded_here} graded here, of {out_of}"


def lacks(tasks: Iterable[TaskResult]) -> tuple[str, ...]:
    """Return what the machine lacked, each lack once, behind the tasks that were not graded for it."""
    found: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        for lack in () if task.graded else task.message.splitlines():
            if task.task not in found[lack]:
                found[lack].append(task.task)
    return tuple(f"{', '.join(names)}: {lack}" for lack, names in found.items())


def seconds(value: float) -> str:
    """Write a duration as precisely as a person wants to know it.

    >>> seconds(0.04), seconds(2.345), seconds(41.2), seconds(312)
    ('0.04 s', '2.3 s', '41 s', '5 min 12 s')
    """
    if value < 1:
        return f"{value:.2f} s"
    if value < 10:  # noqa: PLR2004 - one decimal still says something
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def sentence(test_id: str) -> str:
    """Return the name of a test as the sentence that it is.

    >>> sentence("test_02_health.py::test_ready_says_503_when_the_model_is_down[digits]")
    'ready says 503 when the model is down [digits]'
    """
    name, bracket, parameter = test_id.rsplit("::", maxsplit=1)[-1].partition("[")
    words = name.removeprefix("test_").replace("_", " ")
    return f"{words} {bracket}{parameter}" if bracket else words


def isolation(grade: Grade) -> str:
    """Return the isolation of a run with what held the memory of the submission."""
    return f"{grade.isolation} ({grade.memory_held_by})" if grade.memory_held_by else grade.isolation


def is_practice(grade: Grade) -> bool:
    """Say whether the isolation of this run was too weak for a score that counts."""
    return grade.isolation not in GRADED_ISOLATION


def exercise_title(grade: Grade) -> str:
    """Return the name of the exercise as the course writes it."""
    title = EXERCISES.get(grade.exercise, ("", ""))[1]
    return f"Exercise {grade.exercise} · {title}" if title else f"Exercise {grade.exercise}"


def no_score_reason(grade: Grade) -> str:
    """Return why a grade has no score; empty when it has one."""
    if grade.score is not None:
        return ""
    return grade.fault or "the grader failed in a task; its message says how"


def verdict_counts(grade: Grade) -> str:
    """Count the tasks by verdict, in words.

    >>> verdict_counts(Grade("a", 1, "bubblewrap", (), 0.0))
    'no task was run'
    """
    counted = [
        f"{count} {word}"
        for verdict, word in VERDICT_WORDS.items()
        if (count := sum(task.verdict == verdict for task in grade.tasks))
    ]
    return ", ".join(counted) or "no task was run"
