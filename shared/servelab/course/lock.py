"""The lock of a starter, `starter.lock`: what the last generation wrote, by digest.

It tells an edited file from a generated one, and, also in a student edition
without the solution, which files hold the regions of a task.
Source: the lock files of package managers.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from servelab import atomic_file
from servelab.course.region import parse
from servelab.errors import MisuseError

NAME = "starter.lock"


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


def digest(data: bytes) -> str:
    """Return the sha256 of a file's content, in hex."""
    return hashlib.sha256(data).hexdigest()


def lock_of(generation: Mapping[str, str]) -> Lock:
    """Return the lock of a generation: relative path -> text."""
    return Lock(
        files={
            name: Entry(
                sha256=digest(text.encode()),
                tasks=tuple(dict.fromkeys(region.task for region in parse(name, text))),
            )
            for name, text in sorted(generation.items())
        }
    )


def read(folder: Path) -> Lock | None:
    """Read the lock of an exercise's folder; None when the starter was never generated.

    Raises:
        MisuseError: the file is not a lock.
    """
    path = folder / NAME
    try:
        return Lock.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors()[0]
        msg = f"{path} is not a lock of a starter ({first['msg']}); restore it with git"
        raise MisuseError(msg) from error


def write(folder: Path, lock: Lock) -> None:
    """Write the lock of an exercise's folder."""
    atomic_file.write_text(folder / NAME, lock.model_dump_json(indent=2) + "\n")
