"""The sources of a task in the starter: in which files, at which lines, and whether they have changed.

`starter.lock` records what the last generation wrote: the digest of each file, which tells
an edited file from a generated one, and the tasks that have a region in it, which a student
edition can't learn from the solution.
The digest of a task covers its files without the regions of other tasks, so
that solving 1.3 in a file does not make 1.2 in the same file look changed.
Source: the lock files of package managers.
Leaves out: what a task's files import; a change there shows when its tests run again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from servelab import atomic_file
from servelab.course.region import Region, RegionError, fill, parse
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise

LOCK_NAME = "starter.lock"


class Entry(BaseModel):
    """One generated file: the digest of its text, and the tasks that have a region in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str
    tasks: tuple[str, ...]


class Lock(BaseModel):
    """Relative path -> entry of every file that the last generation wrote."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    files: dict[str, Entry]

    def files_of(self, task_id: str) -> tuple[str, ...]:
        """Return the paths of the files in which a task has a region."""
        return tuple(name for name, entry in self.files.items() if task_id in entry.tasks)


def sha256_of(data: bytes) -> str:
    """Return the sha256 of a file's content, in hex."""
    return hashlib.sha256(data).hexdigest()


def lock_of(generation: Mapping[str, str]) -> Lock:
    """Return the lock of a generation: relative path -> text."""
    return Lock(
        files={
            name: Entry(
                sha256=sha256_of(text.encode()),
                tasks=tuple(dict.fromkeys(region.task for region in parse(name, text))),
            )
            for name, text in sorted(generation.items())
        }
    )


def read_lock(folder: Path) -> Lock | None:
    """Read the lock of an exercise's folder; None when the starter was never generated.

    Raises:
        MisuseError: the file is not a lock.
    """
    path = folder / LOCK_NAME
    try:
        return Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{path} is not a lock of a starter ({first['msg']}); restore it with git"
        raise MisuseError(msg) from error


def write_lock(folder: Path, lock: Lock) -> None:
    """Write the lock of an exercise's folder."""
    atomic_file.write_text(folder / LOCK_NAME, lock.model_dump_json(indent=2) + "\n")


@dataclass(frozen=True)
class Place:
    """Where a task must be written; `line` counts from 1."""

    path: Path
    line: int


def files_of(exercise: Exercise, task_id: str) -> tuple[str, ...]:
    """Return the relative paths of the files in which a task has its regions."""
    known = read_lock(exercise.folder)
    return known.files_of(task_id) if known else ()


def places(exercise: Exercise, task_id: str) -> list[Place]:
    """Return where in the learner's starter a task must be written, one place per region."""
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
