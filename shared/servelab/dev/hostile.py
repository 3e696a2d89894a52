"""Hostile submissions: attacks on the grader, each with the verdicts and points that it must get.

An attack is a folder with `hostile.toml`; its `files/` are laid over a base (the starter,
the solution or a hole in it), and what cannot be stored in a repository (links, FIFOs,
endless names) is made by `make.py`, called with the submission's folder, which it may
replace by an archive. A general attack names tasks as ".1": that of whatever exercise.
Source: the attack list of the grader's threat model in SECURITY.md.
"""

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servelab.course import variant
from servelab.course_root import COURSE_ROOT
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise
from servelab.grading.verdict import Verdict

GENERAL = COURSE_ROOT / "shared" / "tests" / "hostile"


class _HostileFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=10)
    base: str = Field(pattern=r"^(starter|solution|hole \d*\.\d+|empty)$")
    tasks: tuple[str, ...] = ()
    verdicts: dict[str, Verdict] = Field(default_factory=dict)
    points: float = Field(ge=0)
    refused: bool = False
    held_by: tuple[Literal["process", "bubblewrap"], ...] = ("process", "bubblewrap")
    must_not_exist: tuple[str, ...] = ()
    says: str = ""
    time_limit_s: float | None = Field(default=None, gt=0)


@dataclass(frozen=True)
class Hostile:
    """One attack and what must come of it.

    Attributes:
        tasks: tasks that are graded; all that they need should be among them.
        verdicts: expected verdict of each of them, "not-run" where none is given.
        points: points they must get in all.
        refused: the intake must refuse the submission as a whole.
        held_by: isolation levels that hold the attack.
        must_not_exist: paths outside that would exist had it got out.
        says: text that must stand in a message of the grade.
        time_limit_s: a shorter limit for each task, so that an attack which hangs is over soon.
    """

    name: str
    folder: Path
    title: str
    base: str
    tasks: tuple[str, ...]
    verdicts: dict[str, Verdict]
    points: float
    refused: bool
    held_by: tuple[str, ...]
    must_not_exist: tuple[Path, ...]
    says: str
    time_limit_s: float | None

    def build(self, exercise: Exercise, into: Path) -> None:
        """Write the submission into an empty folder."""
        variant.write(self._base_files(exercise), into)
        if (self.folder / "files").is_dir():
            shutil.copytree(self.folder / "files", into, dirs_exist_ok=True, symlinks=True)
        maker = self.folder / "make.py"
        if maker.is_file():
            subprocess.run([sys.executable, str(maker), str(into)], check=True)  # noqa: S603 - a script of this repository

    def _base_files(self, exercise: Exercise) -> dict[str, str]:
        if self.base == "empty":
            return {}
        if self.base == "solution":
            return variant.source_files(exercise)
        if self.base == "starter":
            return variant.starter(exercise)
        return variant.hole(exercise, self.base.removeprefix("hole "))


def hostiles(exercise: Exercise) -> tuple[Hostile, ...]:
    """Return the attacks on an exercise: the general ones and its own, in the order of their names.

    Raises:
        MisuseError: a file is broken.
    """
    folders = [*GENERAL.glob("*/hostile.toml"), *(exercise.folder / "hostile").glob("*/hostile.toml")]
    return tuple(_load(exercise, path) for path in sorted(folders, key=lambda path: path.parent.name))


def _load(exercise: Exercise, path: Path) -> Hostile:
    try:
        read = _HostileFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        msg = f"{path}: {' '.join(str(error).split())}"
        raise MisuseError(msg) from error
    tasks = tuple(_absolute(exercise, task) for task in read.tasks) or tuple(
        task.id for task in exercise.tasks
    )
    outside = tuple(map(Path, read.must_not_exist))
    return Hostile(
        path.parent.name,
        path.parent,
        read.title,
        read.base.replace(" .", f" {exercise.number}."),
        tasks,
        {_absolute(exercise, task): verdict for task, verdict in read.verdicts.items()},
        read.points,
        read.refused,
        read.held_by,
        outside,
        read.says,
        read.time_limit_s,
    )


def _absolute(exercise: Exercise, task_id: str) -> str:
    return f"{exercise.number}{task_id}" if task_id.startswith(".") else task_id
