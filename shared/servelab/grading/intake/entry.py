"""An entry of a submission: its name as somebody else wrote it, and what is wrong with it.

A name is taken apart here and nowhere else, so that no source can forget a
check. Source: the checks of `tarfile`'s `data` filter (PEP 706), made stricter:
what it would repair, such as a leading slash, is refused here.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from servelab.errors import ServelabError
from servelab.grading.intake.bound import MAX_DEPTH, MAX_PATH_CHARACTERS

Parts = tuple[str, ...]
"""A relative path as its names: ("src", "main.py")."""

LINK = "is a link, which is never followed"
HARD_LINK = "is a hard link to another entry"
SPECIAL = "is neither a file nor a folder"
OUTSIDE = "leads out of the submission"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a submission.

    Attributes:
        name: the name as it stands there; hostile, to be escaped before it is shown.
        parts: the names of its path; empty when the path leads out of the submission.
        size_bytes: what the source claims, which a read must not rely on.
        key: what the source finds it by again.
        refused: why it can't be copied, as the rest of a sentence; empty for a regular file.
        folder: a folder that was not looked into.
    """

    name: str
    parts: Parts
    size_bytes: int = 0
    key: int = 0
    refused: str = ""
    folder: bool = False


class Source(Protocol):
    """Where a submission comes from: a folder, an archive or a repository."""

    def entries(self) -> Iterator[Entry]:
        """Yield every entry once, folders left out unless they were not looked into.

        Raises:
            SubmissionError: the submission is damaged or beyond a limit.
        """

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of an entry, at most one more than `MAX_FILE_BYTES`.

        Raises:
            UnreadableError: this entry can't be read; the others may.
            SubmissionError: the submission is damaged.
        """


OpenSource = AbstractContextManager[Source]


class UnreadableError(Exception):
    """One entry can't be read; the message is the rest of a sentence that begins with its path."""


def entry(name: str, *, size_bytes: int = 0, key: int = 0, refused: str = "", folder: bool = False) -> Entry:
    """Take a name apart and say what is wrong with it.

    >>> entry("./src/main.py").parts
    ('src', 'main.py')
    >>> entry("../../etc/passwd").refused
    'leads out of the submission'
    """
    names = name.split("/")
    parts = tuple(part for part in names if part not in {"", "."})
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        return Entry(name, (), size_bytes, key, OUTSIDE, folder)
    return Entry(name, parts, size_bytes, key, refused or _complaint(parts), folder)


def _complaint(parts: Parts) -> str:
    if any(not part.isprintable() or "\\" in part for part in parts):
        return "has a name with characters that can't be shown"
    if len("/".join(parts)) > MAX_PATH_CHARACTERS:
        return f"has a path of more than {MAX_PATH_CHARACTERS} characters"
    if len(parts) > MAX_DEPTH:
        return f"lies more than {MAX_DEPTH - 1} folders deep"
    return ""


class SubmissionError(ServelabError):
    """This one submission can't be taken in; it ends one submission of a cohort, not the command.

    The message is one sentence: what was found, what is expected.
    """
