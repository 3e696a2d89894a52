"""Replace the submission by a tar archive whose members lead out of it."""

import io
import shutil
import sys
import tarfile
from pathlib import Path

submission = Path(sys.argv[1])
shutil.rmtree(submission)
with tarfile.open(submission, "w:gz") as archive:
    for name in ("src/__init__.py", "../../../../../../tmp/servelab-escape-19", "/tmp/servelab-escape-19"):
        member = tarfile.TarInfo(name)
        member.size = 4
        archive.addfile(member, io.BytesIO(b"x=1\n"))
    for name, kind, target in (
        ("src/link.py", tarfile.SYMTYPE, "/etc/passwd"),
        ("src/folder", tarfile.SYMTYPE, "/tmp"),
        ("src/folder/servelab-escape-19", tarfile.REGTYPE, ""),
        ("src/hard.py", tarfile.LNKTYPE, "/etc/passwd"),
        ("src/device.py", tarfile.CHRTYPE, ""),
        ("src/fifo.py", tarfile.FIFOTYPE, ""),
    ):
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, target
        archive.addfile(member)
