"""The learner's progress: what has passed, the state of each task, and the task that comes next.

It is one JSON file in the clone, ignored by git:

    {"version": 1,
     "passed": {"1.2": {"at": "2030-01-31T12:00:00+00:00", "digest": "…"}},
     "hints": {"1.2": 2}}

It is read, changed and written whole, so two commands at once lose at most the
older of two changes. A file that can't be understood is set aside, never fatal.
A stretch task comes next only when no core task is left.
Source: rustlings' state file.
"""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servelab import atomic_file
from servelab.course import source
from servelab.grading.manifest import Exercise, Task

NAME = ".servelab/progress.json"

_log = logging.getLogger(__name__)


class Pass(BaseModel):
    """When a task passed, and the digest of its sources then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime
    digest: str


class Progress(BaseModel):
    """What a learner has done."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1] = 1
    passed: dict[str, Pass] = Field(default_factory=dict)
    hints: dict[str, int] = Field(default_factory=dict)

    def mark_passed(self, task_id: str, digest: str, now: datetime | None = None) -> None:
        """Record that a task passed with these sources."""
        self.passed[task_id] = Pass(at=(now or datetime.now(tz=UTC)).replace(microsecond=0), digest=digest)

    def forget(self, task_id: str) -> None:
        """Record that a task does not pass."""
        self.passed.pop(task_id, None)


def load(root: Path) -> Progress:
    """Return the progress kept in a clone; an empty one, with a warning, when it can't be understood."""
    path = root / NAME
    try:
        return Progress.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        pass
    except OSError as error:
        _log.warning("your progress can't be read: %s: %s", path, error.strerror)
    except ValidationError:
        _set_aside(path)
    return Progress()


def change(root: Path, edit: Callable[[Progress], None]) -> None:
    """Read the progress, edit it and write it back; warn when it can't be kept."""
    progress = load(root)
    edit(progress)
    try:
        atomic_file.write_text(root / NAME, progress.model_dump_json(indent=2) + "\n")
    except OSError as error:
        _log.warning("your progress can't be kept: %s: %s", root / NAME, error.strerror)


def _set_aside(path: Path) -> None:
    aside = path.with_name(f"progress.broken-{datetime.now(tz=UTC):%Y%m%d-%H%M%S}.json")
    try:
        path.rename(aside)
    except OSError as error:
        _log.warning("your progress can't be understood, nor set aside: %s: %s", path, error.strerror)
    else:
        _log.warning("your progress could not be understood; it is now %s, and a new one begins", aside)


State = Literal["open", "passed", "changed since it passed"]


@dataclass(frozen=True)
class TaskState:
    """One task of the course as the learner has it."""

    exercise: Exercise
    task: Task
    state: State
    passed_at: datetime | None
    hints_seen: int


def task_states(exercise: Exercise, progress: Progress) -> tuple[TaskState, ...]:
    """Return the state of every task of an exercise, in order."""
    return tuple(_task_state(exercise, task, progress) for task in exercise.tasks)


def _task_state(exercise: Exercise, task: Task, progress: Progress) -> TaskState:
    passed = progress.passed.get(task.id)
    state: State = "open"
    if passed:
        same = passed.digest == source.digest(exercise, task.id, exercise.starter)
        state = "passed" if same else "changed since it passed"
    return TaskState(exercise, task, state, passed.at if passed else None, progress.hints.get(task.id, 0))


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
