"""The uid of a sandbox, and what its kernel counts under it.

Source: setresuid(2), getrlimit(2) RLIMIT_NPROC; user_namespaces(7).
"""

import itertools
import os
import platform
import stat
from pathlib import Path

_COUNTED_BY_NAMESPACE = (5, 14)
_numbers = itertools.count()


def own_uid() -> int:
    """Return a uid for one sandbox: no other one of this machine has it, and no account."""
    return 1_000_000 + os.getpid() * 100 + next(_numbers) % 100  # pids stay below 2**22


def open_to_others(path: Path) -> bool:
    """Say whether any user may read what lies at a path, and get there."""
    return bool(path.stat().st_mode & stat.S_IROTH) and all(
        parent.stat().st_mode & stat.S_IXOTH for parent in path.parents
    )


def counts_threads() -> bool:
    """Say whether the kernel counts the threads of a user namespace apart, as it does since Linux 5.14."""
    major, minor = platform.release().split(".")[:2]
    return (int(major), int(minor)) >= _COUNTED_BY_NAMESPACE
