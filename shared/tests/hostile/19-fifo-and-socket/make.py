"""Make files that block whoever opens them."""

import contextlib
import os
import socket
import stat
import sys
from pathlib import Path

source = Path(sys.argv[1]) / "src"
os.mkfifo(source / "main.py")
with socket.socket(socket.AF_UNIX) as listener:
    os.chdir(source)
    listener.bind("config.py")
with contextlib.suppress(OSError):  # only root may
    os.mknod(source / "zero.py", 0o666 | stat.S_IFCHR, os.makedev(1, 5))
