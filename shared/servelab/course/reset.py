"""Resetting a task: its regions become what the generated starter has.

Where the learner's file still has the markers of the region, only the region is
replaced; otherwise the whole file, with the other tasks in it. The replaced
file is kept.
"""

from dataclasses import dataclass
from pathlib import Path

from servelab import atomic_file
from servelab.course import source
from servelab.course.backup import Backup
from servelab.course.generated_starter import originals
from servelab.course.region import parse
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise


@dataclass(frozen=True)
class Replaced:
    """A file that was reset: `whole` when more than the task's regions had to go, `kept` is its copy."""

    path: Path
    whole: bool
    kept: Path | None


def reset(exercise: Exercise, task_id: str, backup: Backup) -> list[Replaced]:
    """Put a task's regions in the starter back, and return the files that changed.

    Raises:
        MisuseError: the task has no file in the starter, or the generated one can't be had.
    """
    names = source.files_of(exercise, task_id)
    if not names:
        msg = f"task {task_id} has no file in {exercise.starter}: its starter.lock is missing or old"
        raise MisuseError(msg)
    plan = []
    for name, generated in originals(exercise, names).items():
        path = exercise.starter / name
        current = source.read(path)
        fresh, whole = _fresh(name, current, generated, task_id)
        if fresh != current:
            plan.append((path, fresh, whole))
    return [_replace(path, fresh, backup, whole=whole) for path, fresh, whole in plan]


def _fresh(name: str, current: str, generated: str, task_id: str) -> tuple[str, bool]:
    stubs = [region.text for region in parse(name, generated) if region.task == task_id]
    filled = source.fill_learners(name, current, {task_id: stubs})
    return (generated, True) if filled is None else (filled, False)


def _replace(path: Path, text: str, backup: Backup, *, whole: bool) -> Replaced:
    kept = backup.keep(path) if path.is_file() else None
    atomic_file.write_text(path, text)
    return Replaced(path, whole, kept)
