"""Copies of the files that a command is about to replace, under `.servelab/backup/<time>/`.

Leaves out: thinning; a course makes few of them, and a learner's work is not ours to delete.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path

FOLDER = ".servelab/backup"


class Backup:
    """Keeps files of a clone in one folder per command; the folder is made with the first file.

    Args:
        root: root of the clone; files are kept by their path below it.
        now: the time in the folder's name.
    """

    def __init__(self, root: Path, now: datetime | None = None) -> None:
        """Choose the folder; nothing is written yet."""
        self._root = root
        moment = now or datetime.now(tz=UTC)
        self.folder = root / FOLDER / f"{moment.astimezone():%Y-%m-%d_%H-%M-%S.%f}"
        self.kept: list[Path] = []

    def keep(self, path: Path) -> Path:
        """Copy a file and return where the copy is."""
        copy = self.folder / path.relative_to(self._root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        self.kept.append(copy)
        return copy
