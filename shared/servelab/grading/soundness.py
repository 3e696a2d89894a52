"""What makes an exercise sound, beyond the types of what its manifest says."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from servelab.grading.manifest import Exercise, Task

CORE_POINTS = 100


def fault(exercise: "Exercise") -> str:
    """Say what is wrong with an exercise; empty when it is sound.

    A need is unknown or comes later, a service or an environment is unknown, an
    environment or a program is declared twice, ids are out of order, or the core points do not sum to 100.
    """
    checks = (_tasks(exercise.tasks), _environments(exercise), _services(exercise.tasks), _programs(exercise))
    return next(chain(*checks), "")


def _tasks(tasks: Sequence["Task"]) -> Iterator[str]:
    seen: list[str] = []
    for position, task in enumerate(tasks, start=1):
        if task.number != position:
            yield f"task {task.id} stands at place {position}; tasks are numbered in order"
        for need in task.needs:
            if need not in seen:
                yield f"task {task.id} needs {need}, which does not come before it"
        seen.append(task.id)
    core = sum(task.points for task in tasks if not task.stretch)
    if core != CORE_POINTS:
        yield f"the core tasks sum to {core} points; they must sum to {CORE_POINTS}"


def _environments(exercise: "Exercise") -> Iterator[str]:
    names = [environment.name for environment in exercise.environments]
    for name in names:
        if names.count(name) > 1:
            yield f"the environment {name} is declared twice"
    for task in exercise.tasks:
        yield from _unknown(task, "environment", task.environments, names)


def _services(tasks: Sequence["Task"]) -> Iterator[str]:
    for task in tasks:
        if task.services:
            # Imported here: services cost a tenth of a second, and most exercises use none.
            from servelab.services.availability import NAMES  # noqa: PLC0415

            yield from _unknown(task, "service", task.services, NAMES)


def _programs(exercise: "Exercise") -> Iterator[str]:
    names = [program.name for program in exercise.programs]
    known = [environment.name for environment in exercise.environments]
    for program in exercise.programs:
        if names.count(program.name) > 1:
            yield f"the program {program.name} is declared twice"
        if program.environment and program.environment not in known:
            where = f"the program {program.name} runs in the environment {program.environment}"
            yield f"{where}, which is unknown; there are: {', '.join(known) or 'none'}"


def _unknown(task: "Task", kind: str, named: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    for name in named:
        if name not in known:
            there_are = ", ".join(known) or "none"
            yield f"task {task.id} requires the {kind} {name}, which is unknown; there are: {there_are}"
