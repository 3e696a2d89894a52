"""The manifest of an exercise: its tasks, read from `exercise.toml` and checked.

Source: rustlings' `info.toml` (order and hints) and check50's dependency graph
("not run because 1.2 failed").
Leaves out: the tests of a task, which name their task themselves with `@task("1.2")`;
whether what a task requires is here, which `lack.py` decides.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from servelab.course_root import COURSE_ROOT, EXERCISES, available_exercises, exercise_folder
from servelab.errors import MisuseError
from servelab.grading import soundness
from servelab.grading.environment import Environment
from servelab.grading.program import Program


class Replacement(BaseModel):
    """Text that stands in the place of a region, or of a part of it.

    `old` must occur exactly once inside one region of the task in `file`;
    without it the whole region is replaced.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    old: str | None = None
    new: str


class Task(BaseModel):
    """One task: 15 to 45 minutes of a learner's work, in one or more regions.

    Attributes:
        needs: ids of the tasks that must pass before this one is run.
        services: names of the services that its tests use; see `servelab.services`.
        environments: names of the exercise's environments that its tests use.
        files: globs of the implementation's files that its tests see; without any they see all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^\d+\.\d+$")
    title: str
    points: int = Field(gt=0)
    minutes: int = Field(ge=5, le=60)
    stretch: bool = False
    needs: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    time_limit_s: float = Field(default=60.0, gt=0)
    hints: tuple[str, str, str]
    stub: tuple[Replacement, ...] = ()

    @property
    def number(self) -> int:
        """Position of the task within its exercise: 10 for "1.10"."""
        return int(self.id.split(".")[1])


class Exercise(BaseModel):
    """An exercise of the course with its folder and its tasks in order."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True)

    number: int
    title: str
    hours: str
    folder: Path
    allow: tuple[str, ...]
    # The file has `[[task]]`, one table for each.
    tasks: tuple[Task, ...] = Field(validation_alias="task")
    environments: tuple[Environment, ...] = Field(default=(), validation_alias="environment")
    programs: tuple[Program, ...] = Field(default=(), validation_alias="program")

    def task(self, task_id: str) -> Task:
        """Return the task of that id.

        Raises:
            MisuseError: the exercise has no such task.
        """
        for task in self.tasks:
            if task.id == task_id:
                return task
        first, last = self.tasks[0].id, self.tasks[-1].id
        msg = f"there is no task {task_id}; exercise {self.number} has {first} to {last}"
        raise MisuseError(msg)

    def with_needs(self, task_id: str) -> tuple[Task, ...]:
        """Return a task and all that it needs, directly or not, in the order of the exercise."""
        wanted: set[str] = set()
        queue = [task_id]
        while queue:
            current = queue.pop()
            if current not in wanted:
                wanted.add(current)
                queue.extend(self.task(current).needs)
        return tuple(task for task in self.tasks if task.id in wanted)

    def needing(self, task_id: str) -> tuple[Task, ...]:
        """Return the tasks that need the given one, directly or not, without itself."""
        return tuple(
            task
            for task in self.tasks
            if task.id != task_id and task_id in {need.id for need in self.with_needs(task.id)}
        )

    def environment(self, name: str) -> Environment:
        """Return the environment of that name; a sound exercise names no other but its own."""
        return next(each for each in self.environments if each.name == name)

    @property
    def solution(self) -> Path:
        """Folder of the reference solution; absent in a student edition."""
        return self.folder / "solution"

    def require_solution(self) -> None:
        """Refuse what needs the reference solution.

        Raises:
            MisuseError: this is a student edition, which has none.
        """
        if not self.solution.is_dir():
            msg = f"this is a student edition: {self.solution} is not in it, ask your instructor"
            raise MisuseError(msg)

    @property
    def starter(self) -> Path:
        """Folder in which the learner works."""
        return self.folder / "starter"


def load(folder: Path) -> Exercise:
    """Read and check the manifest of one exercise.

    Raises:
        MisuseError: the file is missing, broken or not sound.
    """
    path = folder / "exercise.toml"
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        head = raw.pop("exercise", None)
        if not isinstance(head, dict):
            msg = f"{path}: the table [exercise] is missing"
            raise MisuseError(msg)
        read = Exercise.model_validate({**head, **raw, "folder": folder})
    except FileNotFoundError as error:
        msg = f"{path} is missing: give the folder of an exercise"
        raise MisuseError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not valid TOML: {error}"
        raise MisuseError(msg) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        msg = f"{path}: {where}: {first['msg']}"
        raise MisuseError(msg) from error
    if fault := soundness.fault(read):
        msg = f"{path}: {fault}"
        raise MisuseError(msg)
    return read


@cache
def exercise(number: int) -> Exercise:
    """Return an exercise of this clone by its number."""
    return load(exercise_folder(number))


def exercises() -> tuple[Exercise, ...]:
    """Return all exercises that are in this clone, in order."""
    return tuple(exercise(number) for number in available_exercises())


def find_task(task_id: str) -> tuple[Exercise, Task]:
    """Return a task of the course with its exercise, by an id such as "1.4"."""
    number = task_id.split(".", maxsplit=1)[0]
    if not number.isdigit() or int(number) not in EXERCISES:
        msg = f"{task_id!r} is not a task; a task is written like 1.4"
        raise MisuseError(msg)
    owner = exercise(int(number))
    return owner, owner.task(task_id)


def exercise_of(path: Path) -> Exercise | None:
    """Return the exercise that a path in the clone belongs to, if it lies in one."""
    resolved = path.resolve()
    for number, (name, _) in EXERCISES.items():
        if resolved.is_relative_to(COURSE_ROOT / name):
            return exercise(number)
    return None
