"""The report for programs: `{"submissions": [{"path", "isolation", "score", "out_of", "tasks": […]}]}`.

A grade without a score has `null` for it and for the points of its tasks: an
error is never a mark, and a program that sums points must not find one. Nor has a
task that was not graded on this machine; `graded_here` is what the others can give.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from servelab.grading.report.checked import checked
from servelab.grading.report.wording import is_practice
from servelab.grading.verdict import Grade, TaskResult

# JSON of many shapes; the tests hold its keys.
Document = dict[str, Any]


def render(grades: Sequence[Grade]) -> str:
    """Return the grades as a JSON document that ends with a line break.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    return json.dumps(document(grades), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def document(grades: Sequence[Grade]) -> Document:
    """Return the grades as plain values, for a caller that adds to them."""
    return {"submissions": [_submission(grade) for grade in checked(grades)]}


def _submission(grade: Grade) -> Document:
    return {
        "path": grade.path,
        "exercise": grade.exercise,
        "isolation": grade.isolation,
        "memory_held_by": grade.memory_held_by,
        "practice": is_practice(grade),
        "score": grade.score,
        "out_of": grade.out_of,
        "graded_here": grade.graded_here,
        "bonus": None if grade.score is None else grade.bonus,
        "seconds": round(grade.seconds, 3),
        "fault": grade.fault,
        "notes": list(grade.notes),
        "tasks": [_task(task, has_score=grade.score is not None) for task in grade.tasks],
    }


def _task(task: TaskResult, *, has_score: bool) -> Document:
    return {
        "task": task.task,
        "title": task.title,
        "verdict": task.verdict,
        "graded": task.graded,
        "points": task.points if has_score and task.graded else None,
        "out_of": task.out_of,
        "stretch": task.stretch,
        "seconds": round(task.seconds, 3),
        "message": task.message,
        "diagnosis": task.diagnosis,
        "tests": [asdict(test) | {"seconds": round(test.seconds, 3)} for test in task.tests],
    }
