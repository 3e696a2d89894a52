"""Kills or stops its guard, then everything in its group."""

import os
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
for pid in {os.getppid()} - {1}:
    try:
        os.kill(pid, signal.SIGSTOP)
        os.kill(pid, signal.SIGKILL)
    except OSError:
        continue
try:
    os.killpg(0, signal.SIGKILL)
finally:
    os._exit(0)
