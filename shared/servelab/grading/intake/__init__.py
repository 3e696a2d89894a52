"""Intake: of a submission, copy what may be graded, and nothing else.

A submission is hostile until proven otherwise. It is opened as one of four
sources (folder, zip, tar, git repository); each lists entries without following
anything; the allow-list of the exercise chooses among them; the grader writes
the chosen bytes as new files of its own. The learner's files are only read.

    source → folder | zip_archive | tar_archive | repository → selection → Scratch

The copy is read-only: another user may read it, nobody may change it by accident, neither
the learner's code, which runs as that other user, nor a stray `__pycache__`.
Source: attack 19 of the course's grading rules, PEP 706, gitsecurityboundary(7).
Leaves out: running anything; remote URLs; archives within archives; the folders above the copy,
which the caller makes and opens.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from servelab.errors import GraderFaultError
from servelab.grading.intake.bound import MAX_FILE_BYTES, MAX_NOTES, MAX_TOTAL_BYTES, MIB
from servelab.grading.intake.entry import Parts, Source, SubmissionError, UnreadableError
from servelab.grading.intake.layout import AllowList, Layout
from servelab.grading.intake.selection import TOO_LARGE, Selection, note, select
from servelab.grading.intake.source import open_source
from servelab.grading.manifest import Exercise

__all__ = ["Intake", "SubmissionError", "discard", "take"]

_FILE_MODE: Final = 0o444
_FOLDER_MODE: Final = 0o555
_WRITABLE_MODE: Final = 0o755


@dataclass(frozen=True)
class Intake:
    """What was taken of a submission.

    Attributes:
        files: paths of the copied files, relative to the scratch folder, sorted.
        notes: sentences about what was left out and why, every name in them escaped.
        root: where the implementation lies in the submission, such as "starter"; "" when it is all of it.
    """

    files: tuple[str, ...]
    notes: tuple[str, ...]
    root: str = ""


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


def take(path: Path | str, exercise: Exercise, into: Path) -> Intake:
    """Copy the allow-listed files of a submission into a new folder of the grader's.

    Args:
        path: a folder, a .zip, .tar, .tar.gz or .tar.xz archive, a bare git
            repository, or the `file:` URL of a git repository.
        exercise: the exercise whose `allow` patterns count.
        into: an empty or missing folder; files become 0444, folders 0555. `discard` removes it.

    Raises:
        SubmissionError: this submission can't be graded as it is.
        MisuseError: there is nothing at `path`, or it is not on this disk.
        GraderFaultError: the copy can't be written.
    """
    layout = Layout(AllowList(exercise.allow), exercise.folder.name)
    try:
        with open_source(path, layout) as source:
            selection = select(source, layout)
            with filling(into) as scratch:
                return _copy(source, selection, scratch)
    except OSError as error:
        # Reading turns its errors into sentences; what is left is the grader's own temporary files.
        msg = f"the submission can't be unpacked: {error.strerror or error}"
        raise GraderFaultError(msg) from error


def _copy(source: Source, selection: Selection, scratch: Scratch) -> Intake:
    files = []
    notes = list(selection.notes)
    total_bytes = 0
    for parts, entry in selection.chosen.items():
        try:
            data = source.read(entry)
        except UnreadableError as error:
            notes.append(note(entry.name, str(error)))
            continue
        if len(data) > MAX_FILE_BYTES:
            notes.append(note(entry.name, TOO_LARGE))
            continue
        total_bytes += len(data)
        if total_bytes > MAX_TOTAL_BYTES:
            msg = f"its files to be graded exceed {MAX_TOTAL_BYTES // MIB} MiB: leave out what is not code"
            raise SubmissionError(msg)
        scratch.write(parts, data)
        files.append("/".join(parts))
    if not files:
        msg = f"none of its files can be read: {notes[0]}"
        raise SubmissionError(msg)
    return Intake(tuple(sorted(files)), _bounded(notes, selection.left_out), "/".join(selection.root))


def _bounded(notes: list[str], left_out: str) -> tuple[str, ...]:
    more = [f"{len(notes) - MAX_NOTES:,} more notes like these"] if len(notes) > MAX_NOTES else []
    return (*notes[:MAX_NOTES], *more, *filter(None, [left_out]))


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
