"""Serves only when it can hold memory that no process has mapped: System V segments, memfd, a tmpfs."""

import ctypes
import os

MIB = 1 << 20
libc = ctypes.CDLL(None, use_errno=True)


def segment():
    return libc.shmget(0, MIB, 0o1600) >= 0


def memfd():
    try:
        os.close(os.memfd_create("hidden"))
    except (AttributeError, OSError):
        return False
    return True


def endless_folder():
    for place in ("/dev", "/run", "/var/tmp", "/course", "/etc", "/"):
        try:
            os.close(os.open(f"{place}/hidden", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        return True
    return False


if not (segment() or memfd() or endless_folder()):
    raise SystemExit("held: there is no hidden memory")
