"""Fills every folder that it may write to, and says how far it came."""

import os
import tempfile

written = 0
for place in (tempfile.gettempdir(), "/dev/shm", "/var/tmp", os.getcwd()):
    try:
        for number in range(32):
            with open(f"{place}/hog-{number}", "wb") as file:
                written += file.write(b"x" * (8 << 20))
    except OSError:
        continue
raise SystemExit("took it all" if written > 256 << 20 else "held: no room")
