"""A submission that is a zip archive.

`zipfile` reads names and data; what it does not bound is bounded here: the size
of the directory, from which it builds objects before anything can be counted,
and the methods whose decompressor it calls without a limit.
Source: PKWARE APPNOTE 6.3.10, sections 4.3.16 (end of central directory) and 4.4.5.
Leaves out: zip64, which no archive below the size limit needs.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from servelab.grading.intake.bound import MAX_DIRECTORY_BYTES, MAX_FILE_BYTES, MIB
from servelab.grading.intake.entry import LINK, SPECIAL, Entry, SubmissionError, entry

DAMAGED = "the zip archive is damaged or cut short: make it again"
ENCRYPTED = "the zip archive is encrypted: make it again without a password"

_END = struct.Struct("<4s4H2LH")
_END_SIGNATURE = b"PK\x05\x06"
_ZIP64_LOCATOR = b"PK\x06\x07"
_ZIP64_LOCATOR_BYTES = 20
_MAX_COMMENT_BYTES = 0xFFFF
_ENCRYPTED_FLAG = 0x1
# zipfile decompresses bzip2 and LZMA without a limit on the output: a kilobyte can become a gigabyte.
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    LookupError,
    ValueError,
    ArithmeticError,
    RuntimeError,
)


class ZipSource:
    """The members of a zip archive that lies in memory."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._members = archive.infolist()

    def entries(self) -> Iterator[Entry]:
        """Yield the members, folders left out."""
        for key, member in enumerate(self._members):
            # Archives written on Windows by old tools have backslashes between the names.
            name = member.orig_filename.replace("\\", "/")
            if not name.endswith("/"):
                yield entry(name, size_bytes=member.file_size, key=key, refused=_refusal(member))

    def read(self, entry: Entry) -> bytes:
        """Return the bytes of a member, whatever its header claims."""
        member = self._members[entry.key]
        if member.flag_bits & _ENCRYPTED_FLAG:
            raise SubmissionError(ENCRYPTED)
        try:
            with self._archive.open(member) as file:
                return file.read(MAX_FILE_BYTES + 1)
        except _DAMAGE as error:
            raise SubmissionError(DAMAGED) from error


@contextmanager
def open_zip(data: bytes) -> Iterator[ZipSource]:
    """Open a zip archive as a source.

    Raises:
        SubmissionError: it is damaged, or its directory is beyond the limit.
    """
    if _directory_bytes(data) > MAX_DIRECTORY_BYTES:
        limit = f"{MAX_DIRECTORY_BYTES // MIB} MiB"
        msg = f"the zip archive's directory is larger than {limit}: leave out what is not code"
        raise SubmissionError(msg)
    try:
        archive = zipfile.ZipFile(BytesIO(data))
    except _DAMAGE as error:
        raise SubmissionError(DAMAGED) from error
    with archive:
        yield ZipSource(archive)


def _refusal(member: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return LINK
    if kind not in {0, stat.S_IFREG}:
        return SPECIAL
    return "" if member.compress_type in _METHODS else "is compressed by a method other than deflate"


def _directory_bytes(data: bytes) -> int:
    """Return the size of the central directory as the end record gives it; zipfile reads no further."""
    start = len(data) - _END.size
    # The record of an archive without a comment goes first, as in zipfile: both must mean the same one.
    if start < 0 or data[start : start + 4] != _END_SIGNATURE or data[-2:] != b"\0\0":
        start = data.rfind(_END_SIGNATURE, max(0, len(data) - _MAX_COMMENT_BYTES - _END.size))
    if start < 0 or len(data) - start < _END.size:
        raise SubmissionError(DAMAGED)
    locator = start - _ZIP64_LOCATOR_BYTES
    if locator >= 0 and data[locator : locator + 4] == _ZIP64_LOCATOR:
        msg = (
            "the zip archive is in the zip64 format, which is for archives of more than 4 GiB: make it again"
        )
        raise SubmissionError(msg)
    size: int = _END.unpack_from(data, start)[5]
    return size
