"""Intake: of a submission, copy what may be graded, and nothing else.

A submission is hostile until proven otherwise. It is opened as one of four
sources (folder, zip, tar, git repository); each lists entries without following
anything; the allow-list of the exercise chooses among them; the grader writes
the chosen bytes as new files of its own. The learner's files are only read.

    opening → folder | zip_archive | tar_archive | repository → selection → scratch

Source: attack 19 of the course's grading rules, PEP 706, gitsecurityboundary(7).
Leaves out: running anything; remote URLs; archives within archives.
"""

from dataclasses import dataclass
from pathlib import Path

from servelab.errors import GraderFaultError
from servelab.grading.intake.entry import Source, UnreadableError
from servelab.grading.intake.error import SubmissionError
from servelab.grading.intake.layout import Layout
from servelab.grading.intake.limit import MAX_FILE_BYTES, MAX_NOTES, MAX_TOTAL_BYTES, MIB
from servelab.grading.intake.opening import open_source
from servelab.grading.intake.pattern import AllowList
from servelab.grading.intake.scratch import Scratch, discard, filling
from servelab.grading.intake.selection import TOO_LARGE, Selection, note, select
from servelab.grading.manifest import Exercise

__all__ = ["Intake", "SubmissionError", "discard", "take"]


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
