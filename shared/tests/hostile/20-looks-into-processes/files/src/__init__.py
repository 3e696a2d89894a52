"""Serves only when it can look into a process that it has not started."""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_SEIZE = 0x4206
mine = {os.getpid(), 1}  # 1 is the sandbox's own init, which holds nothing


def others():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) not in mine]


def readable(pid):
    for name in ("environ", "mem", "maps", "fd", "cwd"):
        path = f"/proc/{pid}/{name}"
        try:
            (os.listdir if name == "fd" else os.readlink if name == "cwd" else open)(path)
        except OSError:
            continue
        return True
    return False


def traceable(pid):
    return libc.ptrace(PTRACE_SEIZE, pid, 0, 0) == 0


escaped = any(readable(pid) or traceable(pid) for pid in others()) or traceable(1) or traceable(os.getppid())
if not escaped:
    raise SystemExit("held: no other process can be looked into")
