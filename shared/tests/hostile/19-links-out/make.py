"""Make links that lead out of the submission, in circles, and to what never ends."""

import sys
from pathlib import Path

source = Path(sys.argv[1]) / "src"
for name, target in {
    "passwd.py": "/etc/passwd",
    "zero.py": "/dev/zero",
    "self.py": "self.py",
    "up": "../..",
    "proc": "/proc/self",
    "home": "/root",
}.items():
    (source / name).symlink_to(target)
