"""Finding out what a submission is: a folder, an archive or a repository; and reading a folder.

Archives are known by their content, not by their name. Of a folder only those folders are
looked into that can hold a wanted file, so that a `.venv` or a data set costs nothing.
"""

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

from servelab.errors import MisuseError
from servelab.grading.intake.bound import MAX_ARCHIVE_BYTES, MAX_DEPTH, MAX_FILE_BYTES, MIB
from servelab.grading.intake.entry import (
    LINK,
    SPECIAL,
    Entry,
    OpenSource,
    Parts,
    Source,
    SubmissionError,
    UnreadableError,
    entry,
)
from servelab.grading.intake.layout import Layout
from servelab.grading.intake.repository import git_folder, open_repository
from servelab.grading.intake.safe_reader import SafeReader
from servelab.grading.intake.tar_archive import GZIP_MAGIC, XZ_MAGIC, open_tar
from servelab.grading.intake.zip_archive import open_zip
from servelab.grading.report import escape

# A Path swallows one of two slashes, so that "file:///x" comes as "file:/x".
_FILE_URL = re.compile(r"file:/(?:/(?:localhost)?/)?(?P<path>[^/].*)")
_REMOTE_URL = re.compile(r"[a-z][a-z0-9+.-]+:/|[\w.-]+@[\w.-]+:")
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_TAR_MAGIC = slice(257, 262)


@contextmanager
def open_source(path: Path | str, layout: Layout) -> Iterator[Source]:
    """Open whatever lies at a path, or at a `file:` URL of a git repository.

    Raises:
        MisuseError: there is nothing, or the URL leads off this disk.
        SubmissionError: it is neither a folder nor an archive nor a repository.
    """
    url = _FILE_URL.fullmatch(str(path))
    if url is None and _REMOTE_URL.match(str(path)):
        msg = f"{escape.path(str(path))} is not on this disk: clone it first and give the folder of the clone"
        raise MisuseError(msg)
    place = Path("/" + unquote(url["path"])) if url else Path(path)
    mode = _mode(place)
    if stat.S_ISDIR(mode):
        with _open_folder(place, layout, repository=url is not None) as source:
            yield source
    elif stat.S_ISREG(mode):
        with _open_archive(_read(place)) as source:
            yield source
    else:
        what = "a link" if stat.S_ISLNK(mode) else "neither a file nor a folder"
        msg = f"it is {what}: give the folder or archive itself"
        raise SubmissionError(msg)


def _mode(place: Path) -> int:
    try:
        return os.lstat(place).st_mode
    except FileNotFoundError as error:
        msg = f"there is nothing at {escape.path(str(place))}: give a folder, an archive or a git repository"
        raise MisuseError(msg) from error
    except (OSError, ValueError) as error:
        msg = f"{escape.path(str(place))} can't be looked at: {getattr(error, 'strerror', error)}"
        raise MisuseError(msg) from error


@contextmanager
def _open_folder(place: Path, layout: Layout, *, repository: bool) -> Iterator[Source]:
    try:
        reader = SafeReader(place)
    except OSError as error:
        msg = f"the folder can't be opened ({error.strerror})"
        raise SubmissionError(msg) from error
    with reader:
        at = git_folder(reader, must_be=repository)
        if at is None:
            yield FolderSource(reader, layout.may_lead)
            return
        with open_repository(reader, at) as source:
            yield source


def _read(place: Path) -> bytes:
    # By the descriptor of its folder, so that the file can't become a link in between.
    try:
        with SafeReader(place.parent.resolve()) as reader:
            data = reader.read((place.name,), MAX_ARCHIVE_BYTES + 1)
    except UnreadableError as error:
        msg = f"the file {error}"
        raise SubmissionError(msg) from error
    if len(data) > MAX_ARCHIVE_BYTES:
        limit = f"{MAX_ARCHIVE_BYTES // MIB} MiB"
        msg = f"the archive is larger than {limit}: leave out what is not code, such as a .venv"
        raise SubmissionError(msg)
    return data


def _open_archive(data: bytes) -> OpenSource:
    if not data:
        msg = "the file is empty: a folder, a .zip, a .tar.gz or a .tar.xz with src/ in it is expected"
        raise SubmissionError(msg)
    if data.startswith(_ZIP_MAGIC):
        return open_zip(data)
    if data.startswith((GZIP_MAGIC, XZ_MAGIC)) or data[_TAR_MAGIC] == b"ustar":
        return open_tar(data)
    msg = "the file is not an archive: a folder, a .zip, a .tar.gz or a .tar.xz with src/ in it is expected"
    raise SubmissionError(msg)


_REFUSED = {"link": LINK, "special": SPECIAL}


class FolderSource:
    """The files below a folder, read by descriptor."""

    def __init__(self, reader: SafeReader, may_lead: Callable[[Parts], bool]) -> None:
        self._reader = reader
        self._may_lead = may_lead

    def entries(self) -> Iterator[Entry]:
        """Yield the entries of all folders worth looking into, without following a link."""
        waiting: list[Parts] = [()]
        while waiting:
            folder = waiting.pop()
            try:
                found = self._reader.scan(folder)
            except UnreadableError as error:
                yield entry("/".join(folder), refused=str(error), folder=True)
                continue
            for name, kind in found:
                parts = (*folder, name)
                if kind == "folder" and len(parts) <= MAX_DEPTH and self._may_lead(parts):
                    waiting.append(parts)
                else:
                    yield entry("/".join(parts), refused=_REFUSED.get(kind, ""), folder=kind == "folder")

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a file; it may have become something else since it was listed."""
        return self._reader.read(entry.parts, MAX_FILE_BYTES + 1)
