"""The grader's own copy of a submission: read-only files in read-only folders.

Another user may read it, nobody may change it by accident: not the learner's
code, which runs as that other user, nor a stray `__pycache__`.
Leaves out: the folders above, which the caller makes and opens.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from servelab.errors import GraderFaultError
from servelab.grading.intake.pattern import Parts

_FILE_MODE: Final = 0o444
_FOLDER_MODE: Final = 0o555
_WRITABLE_MODE: Final = 0o755


class Scratch:
    """A new folder that is being filled."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, parts: Parts, data: bytes) -> None:
        """Write one new file; its path has been checked."""
        path = self._folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(data)
        path.chmod(_FILE_MODE)

    def close(self) -> None:
        """Make every folder read-only, whatever the umask was."""
        for folder in [self._folder, *self._folder.rglob("*/")]:
            if folder.is_dir():
                folder.chmod(_FOLDER_MODE)


@contextmanager
def filling(folder: Path) -> Iterator[Scratch]:
    """Make a new folder and yield it to be filled; if that fails, it is gone again.

    Raises:
        GraderFaultError: it exists with something in it, or can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            msg = f"{folder} is not empty: the copy of a submission needs a folder of its own"
            raise GraderFaultError(msg)
        scratch = Scratch(folder)
        try:
            yield scratch
            scratch.close()
        except BaseException:
            discard(folder)
            raise
    except OSError as error:
        msg = f"the submission can't be copied to {folder}: {error.strerror or error}"
        raise GraderFaultError(msg) from error


def discard(folder: Path) -> None:
    """Remove a copy; read-only folders are opened first, since their owner may not be root."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(_WRITABLE_MODE)
    shutil.rmtree(folder, ignore_errors=True)
