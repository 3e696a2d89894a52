"""The gate of all reports: numbers that can't be are a fault, text is made harmless.

Every writer calls `checked` on what it is given, so that none can forget it.
Source: attacks 24 and 25 of the course's grading rules.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from servelab.errors import GraderFaultError
from servelab.grading.report import escape
from servelab.grading.verdict import Grade, TaskResult, TestResult, Verdict

_VERDICTS = frozenset(get_args(Verdict))
_PATH_LIMIT = 1_000
_MESSAGE_LIMIT = 2_000
_DIAGNOSIS_LIMIT = 1_000
_CALL_LIMIT = 2_000
_EXPECTED_LIMIT = 3_000


def checked(grades: Sequence[Grade]) -> tuple[Grade, ...]:
    """Return the grades with harmless text.

    Raises:
        GraderFaultError: a number is not finite or out of its range, a verdict is
            none of the five, a task occurs twice, or one that was not graded has
            points. Nothing is repaired silently.
    """
    return tuple(_grade(grade) for grade in grades)


def _grade(grade: Grade) -> Grade:
    where = escape.path(grade.path, _PATH_LIMIT)
    _require_number(grade.seconds, math.inf, f"the seconds of {where}")
    ids = [task.task for task in grade.tasks]
    if len(set(ids)) != len(ids):
        msg = f"the grade of {where} names a task twice: {', '.join(ids)}"
        raise GraderFaultError(msg)
    return replace(
        grade,
        path=where,
        isolation=escape.line(grade.isolation),
        tasks=tuple(_task(task, where) for task in grade.tasks),
        fault=escape.line(grade.fault, _MESSAGE_LIMIT),
        notes=tuple(map(escape.line, grade.notes)),
    )


def _task(task: TaskResult, where: str) -> TaskResult:
    what = f"task {escape.line(task.task)} of {where}"
    _require_number(task.out_of, math.inf, f"the full points of {what}")
    _require_number(task.points, task.out_of, f"the points of {what}")
    _require_number(task.seconds, math.inf, f"the seconds of {what}")
    _require_verdict(task.verdict, what)
    if not task.graded and (task.verdict != "not-run" or task.points):
        msg = f"{what} was not graded, but has a verdict or points: the grade is not to be trusted"
        raise GraderFaultError(msg)
    return replace(
        task,
        task=escape.line(task.task),
        title=escape.line(task.title),
        message=escape.block(task.message, _MESSAGE_LIMIT).strip(),
        diagnosis=escape.line(task.diagnosis, _DIAGNOSIS_LIMIT),
        tests=tuple(_test(test, what) for test in task.tests),
    )


def _test(test: TestResult, where: str) -> TestResult:
    what = f"test {escape.line(test.id)} in {where}"
    _require_number(test.seconds, math.inf, f"the seconds of {what}")
    _require_verdict(test.verdict, what)
    return replace(
        test,
        id=escape.line(test.id),
        claim=escape.line(test.claim),
        call=escape.block(test.call, _CALL_LIMIT).strip(),
        expected=escape.block(test.expected, _EXPECTED_LIMIT).strip("\n"),
        said=escape.block(test.said).strip("\n"),
    )


def _require_number(value: float, most: float, what: str) -> None:
    # The exact types: a subclass could compare as it likes.
    if type(value) not in {int, float} or not math.isfinite(value) or not 0 <= value <= most:
        bounds = "a finite number" if math.isinf(most) else f"between 0 and {most}"
        msg = f"{what} are {escape.line(repr(value))}, which is not {bounds}: the grade is not to be trusted"
        raise GraderFaultError(msg)


def _require_verdict(verdict: str, what: str) -> None:
    if verdict not in _VERDICTS:
        msg = f"the verdict of {what} is {escape.line(repr(verdict))}, which is none: it is not to be trusted"
        raise GraderFaultError(msg)
