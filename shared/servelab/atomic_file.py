"""Files that are there in full or not at all: written beside their place, then renamed into it.

Leaves out: durability against a power cut (no fsync); what is kept here can be made again.
"""

import contextlib
import os
import tempfile
from pathlib import Path

DEFAULT_MODE = 0o644


def write_text(path: Path, text: str) -> None:
    """Write a file so that no reader ever sees half of it; its folder is made when missing.

    A link is followed, an existing file keeps its mode, and what is no regular
    file (`/dev/stdout`, a FIFO) is written to, never replaced.

    Raises:
        OSError: the folder or the file can't be written, or the disk is full; the old file is as it was.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    mode = path.stat().st_mode & 0o777 if path.exists() else DEFAULT_MODE
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
