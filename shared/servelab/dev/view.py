"""Which files of an implementation the tests of some tasks can see.

A task that declares `files` sees these and those of its needs, and nothing else is in
its sandbox; so what lies elsewhere can't decide its verdict.
"""

from collections.abc import Iterable

from servelab.grading.intake.pattern import AllowList
from servelab.grading.manifest import Exercise, Task

EVERYTHING = AllowList(("**",))


def view(exercise: Exercise, tasks: Iterable[Task]) -> AllowList:
    """Return what the tests of some tasks see together; everything where one of them declares nothing."""
    seen = {need for task in tasks for need in exercise.with_needs(task.id)}
    if not all(task.files for task in seen):
        return EVERYTHING
    return AllowList(tuple(sorted({pattern for task in seen for pattern in task.files})))


def sees(exercise: Exercise, task: Task, names: Iterable[str]) -> bool:
    """Say whether the tests of a task can see one of these files."""
    seen = view(exercise, (task,))
    return any(seen.matches(tuple(name.split("/"))) for name in names)
