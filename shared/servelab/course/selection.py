"""What a command is about: a task, an exercise, and the implementation that is run.

1.4                                   a task
1, 01, exercise-01[-…], its folder    an exercise
starter, solution, PATH               an implementation
"""

import re
from pathlib import Path

from servelab import course_root
from servelab.course.progress import load, next_task
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise, Task, exercise, exercises, find_task

_TASK = re.compile(r"\d+\.\d+")
_EXERCISE = re.compile(r"(?:exercise-)?0*(\d+)(?:-[\w-]*)?")


def select(name: str | None) -> tuple[Exercise, tuple[Task, ...]]:
    """Return the exercise and the tasks that a name stands for; the next task without one.

    Raises:
        MisuseError: there is no such task or exercise here.
    """
    if name is None or _TASK.fullmatch(name):
        owner, task = select_task(name)
        return owner, (task,)
    owner = select_exercise(name)
    return owner, owner.tasks


def select_exercise(name: str) -> Exercise:
    """Return the exercise that a number, a folder's name or a path stands for."""
    match = _EXERCISE.fullmatch(Path(name).name)
    if match is None:
        msg = f"{name!r} is neither a task, such as 1.4, nor an exercise, such as 1"
        raise MisuseError(msg)
    return exercise(int(match[1]))


def select_task(name: str | None) -> tuple[Exercise, Task]:
    """Return a task of the course with its exercise; the one that comes next without a name.

    Raises:
        MisuseError: there is no such task, or all have passed.
    """
    if name is not None and not _TASK.fullmatch(name):
        msg = f"{name!r} is not a task; a task is written like 1.4"
        raise MisuseError(msg)
    found = find_task(name) if name else next_task(exercises(), load(root()))
    if found is None:
        msg = "all tasks that are here have passed; name one, such as 1.4"
        raise MisuseError(msg)
    return found


def implementation(owner: Exercise, name: str) -> Path:
    """Return the folder of an implementation of an exercise.

    Raises:
        MisuseError: it is not there, or has no `src` in it.
    """
    folder = {"starter": owner.starter, "solution": owner.solution}.get(name) or Path(name).expanduser()
    fixes = {
        "starter": f"; restore it with: git restore {owner.starter}",
        "solution": "; this is a student edition",
    }
    if not folder.is_dir():
        msg = f"there is no folder {folder}{fixes.get(name, '')}"
        raise MisuseError(msg)
    if not (folder / "src").is_dir():
        msg = f"{folder} is not an implementation: it has no folder src"
        raise MisuseError(msg)
    return folder.resolve()


def shown(path: Path) -> str:
    """Return a path as it can be clicked in a terminal: relative when it lies below the current folder."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def root() -> Path:
    """Return the root of the clone; looked up each time, so that a test can move it."""
    return course_root.COURSE_ROOT
