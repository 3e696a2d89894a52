"""Choosing what is copied of a submission, and saying what is not.

A refused entry that an allowed file could have been is noted, and the file is
simply absent. Everything else that is left out is counted in one note.
"""

import time
import unicodedata
from collections import Counter
from dataclasses import dataclass

from servelab.grading.intake.bound import DEADLINE_S, MAX_ENTRIES, MAX_FILE_BYTES, MAX_FILES, MIB
from servelab.grading.intake.entry import Entry, Parts, Source, SubmissionError
from servelab.grading.intake.layout import PACKAGE, Layout
from servelab.grading.report import escape

TOO_LARGE = f"is larger than {MAX_FILE_BYTES // MIB} MiB"
AMBIGUOUS = "occurs twice, or beside a name that differs in case only: nobody can tell which is meant"
BELOW_FILE = "lies below something that is a file"
EXPECTED = "hand in the folder that holds src/, an archive of it, or a clone of the course"

_NAMED = 3
_NAME_LIMIT = 60


@dataclass(frozen=True)
class Selection:
    """What will be copied.

    Attributes:
        root: where the implementation lies in the submission; empty when the submission is it.
        chosen: path below the root -> entry.
        notes: sentences about entries that an allowed file could have been.
        left_out: the sentence that counts everything else; empty when there is nothing else.
    """

    root: Parts
    chosen: dict[Parts, Entry]
    notes: tuple[str, ...]
    left_out: str


def select(source: Source, layout: Layout) -> Selection:
    """Choose the files of the implementation among all entries of a submission.

    Raises:
        SubmissionError: there is no implementation, or it is beyond a limit.
    """
    entries = _collect(source)
    files = [entry.parts for entry in entries if not entry.refused and not entry.folder]
    root = layout.find(files)
    if root is None:
        raise SubmissionError(_unrecognisable(entries))
    wanted = [entry for entry in entries if _is_wanted(entry, root, layout)]
    taken = Counter(_folded(entry.parts) for entry in wanted)
    chosen = {}
    notes = []
    for entry in wanted:
        if reason := entry.refused or _refusal(entry, taken):
            notes.append(note(entry.name, reason))
        else:
            chosen[entry.parts[len(root) :]] = entry
    if len(chosen) > MAX_FILES:
        msg = (
            f"it holds {len(chosen):,} files to be graded, more than {MAX_FILES}: leave out what is not code"
        )
        raise SubmissionError(msg)
    if other := layout.beside(root, files):
        notes.append(f"{_package(other)} is not graded: {_package(root)} goes before it")
    return Selection(root, chosen, tuple(notes), _left_out(entries, wanted))


def note(name: str, reason: str) -> str:
    """Return the sentence about an entry that is left out, its hostile name escaped."""
    return f"{escape.path(name)} {reason}"


def _collect(source: Source) -> list[Entry]:
    end = time.monotonic() + DEADLINE_S
    entries: list[Entry] = []
    for entry in source.entries():
        entries.append(entry)
        if len(entries) > MAX_ENTRIES:
            msg = f"it holds more than {MAX_ENTRIES:,} entries: leave out what is not code, such as a .venv"
            raise SubmissionError(msg)
        if time.monotonic() > end:
            msg = f"it can't be looked through within {DEADLINE_S:.0f} s: leave out what is not code"
            raise SubmissionError(msg)
    return entries


def _is_wanted(entry: Entry, root: Parts, layout: Layout) -> bool:
    if not entry.parts:
        return True
    if entry.parts[: len(root)] != root:
        return False
    path = entry.parts[len(root) :]
    # What was refused may have been a whole folder of wanted files.
    return layout.allowed.matches(path) or (bool(entry.refused) and layout.allowed.may_hold(path))


def _refusal(entry: Entry, taken: Counter[Parts]) -> str:
    folded = _folded(entry.parts)
    if taken[folded] > 1:
        return AMBIGUOUS
    if any(folded[:depth] in taken for depth in range(1, len(folded))):
        return BELOW_FILE
    return TOO_LARGE if entry.size_bytes > MAX_FILE_BYTES else ""


def _folded(parts: Parts) -> Parts:
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in parts)


def _package(root: Parts) -> str:
    return escape.path("/".join((*root, PACKAGE))) + "/"


def _unrecognisable(entries: list[Entry]) -> str:
    if not entries:
        return f"it is empty: {EXPECTED}"
    for entry in entries:
        if entry.refused and PACKAGE in entry.parts:
            return f"there is no {PACKAGE}/ with Python files ({note(entry.name, entry.refused)}): {EXPECTED}"
    tops = dict.fromkeys(
        escape.path(entry.parts[0], _NAME_LIMIT) + "/" * (entry.folder or len(entry.parts) > 1)
        for entry in entries
        if entry.parts
    )
    return f"there is no {PACKAGE}/ with Python files among {_some(list(tops))}: {EXPECTED}"


def _left_out(entries: list[Entry], wanted: list[Entry]) -> str:
    kept = set(map(id, wanted))
    others = [entry for entry in entries if id(entry) not in kept]
    if not others:
        return ""
    names = dict.fromkeys(
        escape.path("/".join(entry.parts), _NAME_LIMIT) + "/" * entry.folder for entry in others
    )
    count = "1 other entry was" if len(others) == 1 else f"{len(others):,} other entries were"
    return f"{count} left out: {_some(list(names))}"


def _some(names: list[str]) -> str:
    if not names:
        return "what can't be named"
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
