"""Where a learner stands: the state of each task, and the task that comes next.

A stretch task comes next only when no core task is left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from servelab.course import source
from servelab.course.progress import Progress
from servelab.grading.manifest import Exercise, Task

State = Literal["open", "passed", "changed since it passed"]


@dataclass(frozen=True)
class Standing:
    """One task of the course as the learner has it."""

    exercise: Exercise
    task: Task
    state: State
    passed_at: datetime | None
    hints_seen: int


def standing(exercise: Exercise, progress: Progress) -> tuple[Standing, ...]:
    """Return the standing of every task of an exercise, in order."""
    return tuple(_standing(exercise, task, progress) for task in exercise.tasks)


def _standing(exercise: Exercise, task: Task, progress: Progress) -> Standing:
    passed = progress.passed.get(task.id)
    state: State = "open"
    if passed:
        same = passed.digest == source.digest(exercise, task.id, exercise.starter)
        state = "passed" if same else "changed since it passed"
    return Standing(exercise, task, state, passed.at if passed else None, progress.hints.get(task.id, 0))


def next_task(
    exercises: Iterable[Exercise], progress: Progress, after: Task | None = None
) -> tuple[Exercise, Task] | None:
    """Return the task to work on, or None when all that is here has passed.

    Args:
        exercises: the exercises of the clone, in order.
        progress: what has passed.
        after: prefer the first open core task behind this one.
    """
    tasks = [(exercise, task) for exercise in exercises for task in exercise.tasks]
    still_open = [(exercise, task) for exercise, task in tasks if task.id not in progress.passed]
    core = [(exercise, task) for exercise, task in still_open if not task.stretch]
    behind = [(exercise, task) for exercise, task in core if after and _place(task) > _place(after)]
    return next(iter(behind + core + still_open), None)


def _place(task: Task) -> tuple[int, int]:
    return int(task.id.split(".")[0]), task.number
