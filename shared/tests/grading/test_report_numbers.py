"""The gate of the reports: a grade with a number that can't be is a fault, and no score follows from it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from servelab.errors import GraderFaultError
from servelab.grading.report import csv, html, json, junit, text
from servelab.grading.report.checked import checked
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict

NOW = datetime(2026, 3, 14, tzinfo=UTC)
TEST = TestResult("test_01.py::test_x", "pass", 0.1)
TASK = TaskResult("1.1", "factory", "pass", 8.0, 8, stretch=False, seconds=0.1, message="", tests=(TEST,))
GRADE = Grade("alice", 1, "bubblewrap", (TASK,), 0.1)
WRITERS: dict[str, Callable[[Sequence[Grade]], str]] = {
    "json": json.render,
    "csv": csv.render,
    "text": text.render,
    "junit": lambda grades: junit.render(grades, now=NOW),
    "html": lambda grades: html.render(grades, now=NOW),
}


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("points", [float("nan"), float("inf"), -0.5, 8.01, 1e300, cast("float", "8"), True])
def test_points_that_can_not_be_are_a_fault_in_every_format(writer: str, points: float) -> None:
    """Attack 24: NaN compares with nothing, and a program that clamps it gives full marks."""
    grade = replace(GRADE, tasks=(replace(TASK, points=points),))

    with pytest.raises(GraderFaultError) as caught:
        WRITERS[writer]([grade])

    assert "the points of task 1.1 of alice are" in str(caught.value)


@pytest.mark.parametrize(
    "grade",
    [
        replace(GRADE, seconds=float("nan")),
        replace(GRADE, tasks=(replace(TASK, seconds=-1.0),)),
        replace(GRADE, tasks=(replace(TASK, tests=(replace(TEST, seconds=float("inf")),)),)),
        replace(GRADE, tasks=(replace(TASK, out_of=-8),)),
        replace(GRADE, tasks=(TASK, TASK)),
        replace(GRADE, tasks=(replace(TASK, verdict=cast("Verdict", "passed")),)),
        replace(GRADE, tasks=(replace(TASK, graded=False, points=0.0),)),
        replace(GRADE, tasks=(replace(TASK, graded=False, verdict="not-run"),)),
        replace(GRADE, tasks=(replace(TASK, tests=(replace(TEST, verdict=cast("Verdict", "skip")),)),)),
    ],
)
def test_nothing_else_that_can_not_be_is_mended_in_silence(grade: Grade) -> None:
    """A report that hides a broken grader is worse than none."""
    with pytest.raises(GraderFaultError):
        checked([grade])


def test_a_number_that_compares_as_it_likes_is_a_fault() -> None:
    """Attack 2: a subclass of a number whose every comparison is true."""

    class Best(float):
        def __le__(self, other: Any) -> bool:  # noqa: ANN401 - as the attack has it
            return True

    grade = replace(GRADE, tasks=(replace(TASK, points=Best(1e9)),))

    with pytest.raises(GraderFaultError):
        checked([grade])


def test_an_honest_grade_passes_unchanged() -> None:
    """The gate must not alter what it lets through."""
    assert (GRADE,) == checked([GRADE])
