"""Hostile submissions: attacks on the grader, each with the verdicts and points that it must get.

An attack is a folder with `hostile.toml`; its `files/` are laid over a base (the starter,
the solution or a hole in it), and what cannot be stored in a repository (links, FIFOs,
endless names) is made by `make.py`, called with the submission's folder, which it may
replace by an archive. What attacks the grader itself is tried once, against the miniature
exercise; what needs an exercise's own tasks lies in that exercise.
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
from servelab.grading import manifest
from servelab.grading.manifest import Exercise
from servelab.grading.verdict import Verdict

GENERAL = COURSE_ROOT / "shared" / "tests" / "hostile"
MINIATURE = COURSE_ROOT / "shared" / "tests" / "miniature" / "exercise-01-miniature"


class _HostileFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=10)
    base: str = Field(pattern=r"^(starter|solution|hole \d+\.\d+|empty)$")
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
        exercise: the one that it is handed in for.
        tasks: tasks that are graded; all that they need should be among them.
        verdicts: expected verdict of each of them, "not-run" where none is given.
        points: points they must get in all.
        refused: the intake must refuse the submission as a whole.
        held_by: isolation levels that hold the attack.
        must_not_exist: paths outside that would exist had it got out.
        says: text that must stand in a message of the grade.
        time_limit_s: a shorter limit for each task, so that an attack which hangs is over soon.
    """

    exercise: Exercise
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

    def build(self, folder: Path) -> None:
        """Write the submission into an empty folder."""
        variant.write(self._base_files(), folder)
        if (self.folder / "files").is_dir():
            shutil.copytree(self.folder / "files", folder, dirs_exist_ok=True, symlinks=True)
        maker = self.folder / "make.py"
        if maker.is_file():
            subprocess.run([sys.executable, str(maker), str(folder)], check=True)  # noqa: S603 - a script of this repository

    def sources(self) -> dict[str, bytes]:
        """Return what the submission is made of: its base, and the folder of the attack."""
        base = {f"base/{name}": text.encode() for name, text in self._base_files().items()}
        own = {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }
        return base | own

    def _base_files(self) -> dict[str, str]:
        if self.base == "empty":
            return {}
        if self.base == "solution":
            return variant.source_files(self.exercise)
        if self.base == "starter":
            return variant.starter(self.exercise)
        return variant.hole(self.exercise, self.base.removeprefix("hole "))


def attacks_on_the_grader() -> tuple[Hostile, ...]:
    """Return the attacks that need no exercise but the miniature one.

    Raises:
        MisuseError: a file is broken, or this is a student edition, which has none.
    """
    if not MINIATURE.is_dir():
        msg = f"this is a student edition: {GENERAL} is not in it, ask your instructor"
        raise MisuseError(msg)
    return _all(manifest.load(MINIATURE), GENERAL)


def hostiles(exercise: Exercise) -> tuple[Hostile, ...]:
    """Return the attacks that need the tasks of an exercise.

    Raises:
        MisuseError: a file is broken.
    """
    return _all(exercise, exercise.folder / "hostile")


def _all(exercise: Exercise, folder: Path) -> tuple[Hostile, ...]:
    return tuple(_load(exercise, path) for path in sorted(folder.glob("*/hostile.toml")))


def _load(exercise: Exercise, path: Path) -> Hostile:
    try:
        read = _HostileFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        msg = f"{path}: {' '.join(str(error).split())}"
        raise MisuseError(msg) from error
    return Hostile(
        exercise,
        path.parent.name,
        path.parent,
        read.title,
        read.base,
        read.tasks or tuple(task.id for task in exercise.tasks),
        read.verdicts,
        read.points,
        read.refused,
        read.held_by,
        tuple(map(Path, read.must_not_exist)),
        read.says,
        read.time_limit_s,
    )
