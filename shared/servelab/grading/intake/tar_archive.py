"""A submission that is a tar archive, plain or compressed by gzip or xz.

`tarfile` reads the headers; nothing is extracted by it, so its filters are not
needed: only regular members are read, and written by the grader elsewhere. What
it does not bound is bounded here: unpacking, extended headers, going backwards
(CVE-2024-6232, CVE-2025-8194), and an end that is not there.
Leaves out: sparse members, whose size says nothing; bzip2 and zstd.
"""

import gzip
import lzma
import tarfile
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from typing import BinaryIO

from servelab.grading.intake.bound import (
    DEADLINE_S,
    KIB,
    MAX_EXTENDED_HEADER_BYTES,
    MAX_FILE_BYTES,
    MAX_UNPACKED_BYTES,
    MAX_XZ_BYTES,
    MIB,
)
from servelab.grading.intake.entry import HARD_LINK, LINK, SPECIAL, Entry, SubmissionError, entry

GZIP_MAGIC = b"\x1f\x8b"
XZ_MAGIC = b"\xfd7zXZ\x00"
DAMAGED = "the tar archive is damaged or cut short: make it again"

_CHUNK_BYTES = 64 * KIB
_EXTENDED = {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X"}
_DAMAGE = (tarfile.TarError, EOFError, LookupError, ValueError, ArithmeticError, RuntimeError)


class _BoundedInfo(tarfile.TarInfo):
    """A header that refuses an extended header too long to be parsed in time."""

    def _proc_member(self, archive: "_BoundedTar") -> tarfile.TarInfo:
        # The hook that tarfile documents for subclasses; the stubs leave it out.
        if time.monotonic() > archive.end_s:
            msg = f"the tar archive's headers can't be read within {DEADLINE_S:.0f} s: make it again"
            raise SubmissionError(msg)
        if self.type in _EXTENDED and not 0 <= self.size <= MAX_EXTENDED_HEADER_BYTES:
            msg = "extended header too long"
            raise tarfile.ReadError(msg)
        member: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]
        return member


class _BoundedTar(tarfile.TarFile):
    tarinfo = _BoundedInfo

    def __init__(self, file: BinaryIO) -> None:
        # Before the parent's, which reads the first header.
        self.end_s = time.monotonic() + DEADLINE_S
        super().__init__(fileobj=file, encoding="utf-8", errors="surrogateescape")


class TarSource:
    """The members of a tar archive that is not compressed any more."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._members: list[tarfile.TarInfo] = []
        try:
            self._archive = _BoundedTar(file)
        except _DAMAGE as error:
            raise SubmissionError(DAMAGED) from error

    def entries(self) -> Iterator[Entry]:
        """Yield the members, folders left out."""
        for key, member in enumerate(self._walk()):
            self._members.append(member)
            if not member.isdir():
                yield entry(member.name, size_bytes=member.size, key=key, refused=_refusal(member))

    def read(self, entry: Entry, max_bytes: int = MAX_FILE_BYTES) -> bytes:
        """Return the bytes of a regular member, at most one more than `max_bytes`."""
        try:
            file = self._archive.extractfile(self._members[entry.key])
            return file.read(max_bytes + 1) if file else b""
        except _DAMAGE as error:
            raise SubmissionError(DAMAGED) from error

    def _walk(self) -> Iterator[tarfile.TarInfo]:
        position = -1
        try:
            while member := self._archive.next():
                # A negative size in an extended header leads back to a header that was read before.
                if self._archive.offset <= position or member.size < 0:
                    raise SubmissionError(DAMAGED)
                position = self._archive.offset
                yield member
        except _DAMAGE as error:
            raise SubmissionError(DAMAGED) from error
        # tarfile takes a broken header for the end; the true end is a block of zeros.
        self._file.seek(self._archive.offset)
        if self._file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise SubmissionError(DAMAGED)


@contextmanager
def open_tar(data: bytes) -> Iterator[TarSource]:
    """Open a tar archive as a source, unpacked to a nameless file when it is compressed.

    Raises:
        SubmissionError: it is damaged, or unpacks to more than the limit.
    """
    with ExitStack() as stack:
        file: BinaryIO = BytesIO(data)
        if data.startswith((GZIP_MAGIC, XZ_MAGIC)):
            file = stack.enter_context(tempfile.TemporaryFile(prefix="servelab-intake-"))
            _unpack(data, file)
            file.seek(0)
        yield TarSource(file)


def _unpack(data: bytes, into: BinaryIO) -> None:
    chunks = _gunzip(data) if data.startswith(GZIP_MAGIC) else _unxz(data)
    total = 0
    try:
        for chunk in chunks:
            total += len(chunk)
            if total > MAX_UNPACKED_BYTES:
                msg = (
                    f"the archive unpacks to more than {MAX_UNPACKED_BYTES // MIB} MiB: "
                    "leave out what is not code, such as a .venv"
                )
                raise SubmissionError(msg)
            into.write(chunk)
    except (gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError) as error:
        raise SubmissionError(DAMAGED) from error


def _gunzip(data: bytes) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=BytesIO(data)) as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _unxz(data: bytes) -> Iterator[bytes]:
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_XZ_BYTES)
    yield decompressor.decompress(data, _CHUNK_BYTES)
    while not decompressor.eof:
        if decompressor.needs_input:
            raise EOFError
        yield decompressor.decompress(b"", _CHUNK_BYTES)


def _refusal(member: tarfile.TarInfo) -> str:
    if member.issym():
        return LINK
    if member.islnk():
        return HARD_LINK
    if member.issparse():
        return "is a sparse file"
    return "" if member.isreg() else SPECIAL
