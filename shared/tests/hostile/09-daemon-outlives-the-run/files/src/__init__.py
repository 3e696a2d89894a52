"""Leaves a daemon behind that waits for the end of its parent, ignores signals, and then writes."""

import os
import signal
import time
from pathlib import Path


def daemon():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, 256)
    time.sleep(0.3)
    Path("/tmp/servelab-escape-09").touch()
    time.sleep(20)
    os._exit(0)


if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        daemon()
    os._exit(0)
os._exit(0)
