"""Resetting a task: its regions become what the generated starter has.

Where the learner's file still has the markers of the region, only the region is
replaced; otherwise the whole file, with the other tasks in it. The replaced
file is kept.
The generated text comes from the solution where there is one, and in a student edition
from the clone's git history: the version whose digest `starter.lock` has.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from servelab import atomic_file
from servelab.course import source, variant
from servelab.course.backup import Backup
from servelab.course.region import parse
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise

GIT_TIMEOUT_S = 20.0


def _generated(exercise: Exercise, names: tuple[str, ...]) -> dict[str, str]:
    """Return relative path -> generated text of the given files of the starter.

    Raises:
        MisuseError: neither the solution nor the git history has a file.
    """
    if exercise.solution.is_dir():
        generation = variant.starter(exercise)
        return {name: generation[name] for name in names if name in generation}
    recorded = source.read_lock(exercise.folder)
    entries = recorded.files if recorded else {}
    return {name: _from_history(exercise, name, entries[name].sha256) for name in names}


def _from_history(exercise: Exercise, name: str, sha256: str) -> str:
    path = f"./{exercise.starter.name}/{name}"
    for commit in _git(exercise, "log", "--all", "--format=%H", "--", path).decode().split():
        data = _git(exercise, "show", f"{commit}:{path}")
        if source.sha256_of(data) == sha256:
            return data.decode()
    msg = (
        f"the generated {exercise.starter.name}/{name} is neither in this edition nor in its git history; "
        "take the file from a fresh clone"
    )
    raise MisuseError(msg)


def _git(exercise: Exercise, *arguments: str) -> bytes:
    """Return what git prints in the exercise's folder, nothing when it fails or is not there."""
    command = ["git", "-C", str(exercise.folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=GIT_TIMEOUT_S)  # noqa: S603 - fixed command
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""


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
    for name, generated in _generated(exercise, names).items():
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
