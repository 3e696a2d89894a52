"""The limits of a submission, each with its reason.

Leaves out: what a submission may use while it runs, which belongs to the isolation.
"""

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

MAX_FILES: Final = 400
"""Files that are copied; a reference solution has about forty."""

MAX_FILE_BYTES: Final = MIB
"""Bytes of one file; the longest hand-written module is far below 100 KiB."""

MAX_TOTAL_BYTES: Final = 8 * MIB
"""Bytes of all copied files together."""

MAX_ENTRIES: Final = 50_000
"""Entries that are looked at; a clone of the course with its history and caches stays below."""

MAX_DEPTH: Final = 12
"""Folders above a file; `src/a/b/c.py` has three, a wrapped clone of the course two more."""

MAX_PATH_CHARACTERS: Final = 240
"""Characters of a path; file systems stop at 255 bytes a name, some at 260 characters a path."""

MAX_ARCHIVE_BYTES: Final = 64 * MIB
"""Bytes of an archive, which is read into memory once so that it can't change while it is read."""

MAX_UNPACKED_BYTES: Final = 256 * MIB
"""Bytes that a compressed tar may unpack to; gzip reaches a factor of 1,000."""

MAX_DIRECTORY_BYTES: Final = 8 * MIB
"""Bytes of a zip's central directory; at 46 bytes an entry and more, it bounds what the reader builds."""

MAX_EXTENDED_HEADER_BYTES: Final = 8 * KIB
"""Bytes of a long name or pax record in a tar; parsing one can take time quadratic in its length."""

MAX_XZ_BYTES: Final = 128 * MIB
"""Memory for xz; its highest preset asks for 65 MiB, a hostile header for 4 GiB."""

MAX_REPOSITORY_BYTES: Final = 256 * MIB
"""Bytes of a git repository's objects; the course's own history is far below."""

DEADLINE_S: Final = 20.0
"""Seconds for looking through one submission; honest ones take less than one."""

MAX_NOTES: Final = 20
"""Notes that are kept; a hostile archive could give thousands."""
