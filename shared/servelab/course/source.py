"""The learner's sources of a task: in which files they are, at which lines, and whether they changed.

The digest of a task covers its files without the regions of other tasks, so
that solving 1.3 in a file does not make 1.2 in the same file look changed.
Leaves out: what a task's files import; a change there shows when its tests run again.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from servelab.course import lock
from servelab.course.region import Region, RegionError, fill, parse
from servelab.grading.manifest import Exercise


@dataclass(frozen=True)
class Place:
    """Where a task is to be written; `line` counts from 1."""

    path: Path
    line: int


def files_of(exercise: Exercise, task_id: str) -> tuple[str, ...]:
    """Return the relative paths of the files in which a task has its regions."""
    known = lock.read(exercise.folder)
    return known.files_of(task_id) if known else ()


def places(exercise: Exercise, task_id: str) -> list[Place]:
    """Return where in the learner's starter a task is to be written, one place per region."""
    found = []
    for name in files_of(exercise, task_id):
        path = exercise.starter / name
        regions = [region for region in regions_in(name, read(path)) if region.task == task_id]
        found += [Place(path, region.begin + 1) for region in regions] or [Place(path, 1)]
    return found


def digest(exercise: Exercise, task_id: str, implementation: Path) -> str:
    """Return a digest of a task's files in an implementation, other tasks' regions left out."""
    total = hashlib.sha256()
    for name in files_of(exercise, task_id):
        text = _without_others(name, read(implementation / name), task_id)
        total.update(f"{name}\0{len(text)}\0{text}".encode())
    return total.hexdigest()


def read(path: Path) -> str:
    """Return a learner's file as text, empty when it is not there: no state of it is an error here."""
    try:
        return path.read_text(encoding="utf-8", errors="backslashreplace")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return ""


def regions_in(name: str, text: str) -> list[Region]:
    """Return the regions of a learner's file, none when its markers are damaged.

    Whether the text is valid Python does not matter: it is being worked on.
    """
    try:
        return parse(_learners(name), text)
    except RegionError:
        return []


def fill_learners(name: str, text: str, contents: dict[str, list[str]]) -> str | None:
    """Return a learner's file with regions replaced, or None when its markers no longer allow it.

    Args:
        name: relative path of the file.
        text: its content.
        contents: task id -> new texts of the task's regions, in order.
    """
    found = regions_in(name, text)
    if any(len(new) != sum(region.task == task for region in found) for task, new in contents.items()):
        return None
    left = {task: iter(new) for task, new in contents.items()}
    return fill(
        _learners(name), text, lambda region: next(left[region.task]) if region.task in left else region.text
    )


def _learners(name: str) -> str:
    # The ending `.py` would have the region's parser refuse what does not compile.
    return f"{name} (yours)"


def _without_others(name: str, text: str, task_id: str) -> str:
    if not regions_in(name, text):
        return text
    return fill(_learners(name), text, lambda region: region.text if region.task == task_id else region.task)
