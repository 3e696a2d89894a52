"""Reading below a folder that somebody else owns, without ever following a link.

Every name is opened relative to the descriptor of its folder with `O_NOFOLLOW`,
and looked at only after it is open: a file that becomes a link between a look
and an open is refused, and so is a folder on the way to it.
Source: the `openat` idiom of `shutil.rmtree` and of openat2's RESOLVE_NO_SYMLINKS.
Leaves out: Windows, which has no directory descriptors.
"""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Literal, Self

from servelab.grading.intake.bound import MAX_ENTRIES
from servelab.grading.intake.entry import LINK, SPECIAL, Parts, UnreadableError

Kind = Literal["file", "folder", "link", "special"]

_CHUNK_BYTES = 1 << 16
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Not blocking: opening a FIFO to read would wait for a writer for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class SafeReader:
    """A folder whose content is read by descriptor; a context manager.

    Raises:
        OSError: the folder can't be opened, or it is a link.
    """

    def __init__(self, folder: Path) -> None:
        self._root = os.open(folder, _FOLDER)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._root)

    def scan(self, parts: Parts) -> list[tuple[str, Kind]]:
        """Return the names in a folder with what they are, at most one more than `MAX_ENTRIES`.

        Raises:
            UnreadableError: it is no folder, or may not be read.
        """
        try:
            with self._folder(parts) as folder, os.scandir(folder) as found:
                # The kind is asked for in here: an entry looks itself up by the descriptor.
                return [(entry.name, _kind(entry)) for entry in islice(found, MAX_ENTRIES + 1)]
        except OSError as error:
            raise UnreadableError(_reason(error)) from error

    def read(self, parts: Parts, limit_bytes: int) -> bytes:
        """Return at most `limit_bytes` of a regular file.

        Raises:
            UnreadableError: it is missing, not regular, or may not be read.
        """
        chunks = []
        with self.open(parts) as file:
            try:
                while limit_bytes > 0 and (chunk := os.read(file, min(limit_bytes, _CHUNK_BYTES))):
                    chunks.append(chunk)
                    limit_bytes -= len(chunk)
            except OSError as error:
                raise UnreadableError(_reason(error)) from error
        return b"".join(chunks)

    @contextmanager
    def open(self, parts: Parts) -> Iterator[int]:
        """Open a regular file and yield its descriptor.

        Raises:
            UnreadableError: it is missing, not regular, or may not be read.
        """
        try:
            with self._folder(parts[:-1]) as folder:
                file = os.open(parts[-1], _FILE, dir_fd=folder)
        except OSError as error:
            raise UnreadableError(_reason(error)) from error
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise UnreadableError(SPECIAL)
            yield file
        finally:
            os.close(file)

    @contextmanager
    def _folder(self, parts: Parts) -> Iterator[int]:
        current = os.dup(self._root)
        try:
            for part in parts:
                deeper = os.open(part, _FOLDER, dir_fd=current)
                os.close(current)
                current = deeper
            yield current
        finally:
            os.close(current)


def _kind(entry: os.DirEntry[str]) -> Kind:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _reason(error: OSError) -> str:
    return LINK if error.errno == errno.ELOOP else f"can't be read ({error.strerror})"
