"""What a task sees of an implementation: its own files and those of its needs, as the manifest says.

So its verdict can't depend on the rest, and a task that imports what it did not declare fails at
once on the reference.
"""

from pathlib import Path

from servelab.grading.intake import discard, filling
from servelab.grading.intake.layout import AllowList
from servelab.grading.manifest import Exercise


class Views:
    """The parts of an implementation that its tasks see, each copied when it is first asked for.

    Args:
        root: the whole of it.
        into: folder for the copies.
    """

    def __init__(self, exercise: Exercise, root: Path, into: Path) -> None:
        self._exercise = exercise
        self._root = root
        self._into = into
        self._made: dict[tuple[str, ...], Path] = {}

    def of(self, task_id: str) -> Path:
        """Return the folder that a task sees; the whole where the manifest names no files."""
        patterns = self._exercise.files_seen(task_id)
        if not patterns:
            return self._root
        if patterns not in self._made:
            self._made[patterns] = self._copy(patterns)
        return self._made[patterns]

    def _copy(self, patterns: tuple[str, ...]) -> Path:
        seen = AllowList(patterns)
        folder = self._into / f"view-{len(self._made)}"
        with filling(folder) as scratch:
            for path in sorted(self._root.rglob("*")):
                parts = path.relative_to(self._root).parts
                if path.is_file() and seen.matches(parts):
                    scratch.write(parts, path.read_bytes())
        return folder

    def close(self) -> None:
        """Remove the copies."""
        for folder in self._made.values():
            discard(folder)
