"""What this machine lacks for a task, decided before anything of the task starts.

A lack is no mistake of whoever is graded: the task is not run, and its points are not
counted among those that could be had here.
Source: the "not run" of TAP's SKIP directive, which always has a reason.
Leaves out: container engines, for which `--images` asks.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.verdict import TaskResult


@dataclass(frozen=True)
class Lack:
    """A service or an environment that is not here.

    Attributes:
        why: what is not here, and how large it is where that matters.
        mend: the command that brings it.
    """

    why: str
    mend: str

    def __str__(self) -> str:
        return f"{self.why}; get it with: {self.mend}"


def lacks(exercise: Exercise, task: Task) -> tuple[Lack, ...]:
    """Return what this machine lacks for a task, what its needs require left out."""
    return (*_lacking_services(task), *_lacking_environments(exercise, task))


def _lacking_services(task: Task) -> Iterator[Lack]:
    if not task.services:
        return
    # Imported here: services cost a tenth of a second, and most exercises use none.
    from servelab.services.availability import require  # noqa: PLC0415
    from servelab.services.errors import LackingServiceError  # noqa: PLC0415

    for name in task.services:
        try:
            require(name)
        except LackingServiceError as error:
            yield Lack(error.why, error.mend)


def _lacking_environments(exercise: Exercise, task: Task) -> Iterator[Lack]:
    for name in task.environments:
        environment = exercise.environment(name)
        if fault := environment.fault():
            yield Lack(f"the environment {name} ({environment.size}) {fault}", environment.command)


def not_graded(exercise: Exercise, tasks: Sequence[Task]) -> dict[str, TaskResult]:
    """Return the results of those of the tasks that this machine can't grade, by their ids."""
    return {
        task.id: TaskResult(
            task.id,
            task.title,
            "not-run",
            0.0,
            task.points,
            task.stretch,
            0.0,
            "\n".join(map(str, found)),
            graded=False,
        )
        for task in tasks
        if (found := lacks(exercise, task))
    }


def refuse(found: Iterable[Lack]) -> None:
    """Refuse to go on where something is lacking.

    Raises:
        MisuseError: something is; names every lack once, with its command.
    """
    # Numbered: a command that is followed by the next lack could not be told from it.
    if listed := [f"({number}) {lack}" for number, lack in enumerate(dict.fromkeys(found), start=1)]:
        msg = f"this machine lacks what the tests require: {' '.join(listed)}"
        raise MisuseError(msg)
