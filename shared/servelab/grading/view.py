"""What a task sees of an implementation: its own files and those of its needs, as the manifest says.

So its verdict can't depend on the rest, and a task that imports what it did not declare fails at
once on the reference.
"""

from collections.abc import Iterable
from pathlib import Path

from servelab.grading.intake import filling
from servelab.grading.intake.layout import AllowList
from servelab.grading.manifest import Exercise, Task

EVERYTHING = AllowList(("**",))


def visible(exercise: Exercise, tasks: Iterable[Task]) -> AllowList:
    """Return what the tests of some tasks see together; everything where one of them declares nothing."""
    seen = {need for task in tasks for need in exercise.with_needs(task.id)}
    if not all(task.files for task in seen):
        return EVERYTHING
    return AllowList(tuple(sorted({pattern for task in seen for pattern in task.files})))


class Views:
    """The parts of an implementation that its tasks see, each copied when it is first asked for.

    Args:
        root: the whole of it.
        into: folder for the copies, which go with it.
    """

    def __init__(self, exercise: Exercise, root: Path, into: Path) -> None:
        self._exercise = exercise
        self._root = root
        self._into = into
        self._made: dict[AllowList, Path] = {EVERYTHING: root}

    def of(self, task_id: str) -> Path:
        """Return the folder that a task sees."""
        seen = visible(self._exercise, (self._exercise.task(task_id),))
        if seen not in self._made:
            self._made[seen] = self._copy(seen)
        return self._made[seen]

    def _copy(self, seen: AllowList) -> Path:
        folder = self._into / f"view-{len(self._made)}"
        with filling(folder) as scratch:
            for path in sorted(self._root.rglob("*")):
                parts = path.relative_to(self._root).parts
                if path.is_file() and seen.matches(parts):
                    scratch.write(parts, path.read_bytes())
        return folder
