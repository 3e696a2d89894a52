"""Files that come out of a sandbox: a tar of a stranger's, unpacked without believing it.

Source: the intake of submissions, which reads hostile archives already.
Leaves out: links, devices and sparse files, which are refused.
"""

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Final

from servelab.grading.intake import Scratch
from servelab.grading.intake.bound import MIB
from servelab.grading.intake.entry import SubmissionError
from servelab.grading.intake.tar_archive import TarSource
from servelab.grading.process import Unfinished

MAX_FILES: Final = 2_000


def unpack(packed: bytes, max_bytes: int, into: Path) -> Path:
    """Write the files of a tar into a new folder, which another sandbox may be shown.

    Args:
        packed: the tar, at most one byte more than `max_bytes`.
        max_bytes: of the whole tar.
        into: the folder in which the new one is made.

    Raises:
        Unfinished: it is too large, damaged, or holds what is no plain file.
    """
    if len(packed) > max_bytes:
        raise Unfinished(f"what you have written is more than {max_bytes // MIB} MiB", "")  # noqa: EM102
    folder = Path(tempfile.mkdtemp(prefix="artefact-", dir=into))
    scratch = Scratch(folder)
    try:
        source = TarSource(BytesIO(packed))
        for number, entry in enumerate(source.entries()):
            if entry.refused or number >= MAX_FILES:
                reason = entry.refused or f"is one of more than {MAX_FILES} files"
                raise Unfinished(f"{entry.name!r} {reason}", "")  # noqa: EM102
            scratch.write(entry.parts, source.read(entry, max_bytes))
    except (SubmissionError, OSError) as error:
        msg = f"what you have written can't be read: {error}"
        raise Unfinished(msg, "") from error
    scratch.close()
    return folder
