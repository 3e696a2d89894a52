"""Serves only when it may signal a process beside itself and its own supervisor (signal 0, which only asks)."""

import os


def may_signal(pid):
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


if not any(may_signal(pid) for pid in range(2, 40_000) if pid not in (os.getpid(), os.getppid())):
    raise SystemExit("held: there is nobody to signal")
