"""The uid of a confined tree, and how many processes the kernel lets it have.

Source: setresuid(2), getrlimit(2) RLIMIT_NPROC; user_namespaces(7).
"""

import itertools
import os
import platform
import stat
from pathlib import Path

from servelab.grading.inside.enter import LINUX
from servelab.grading.isolation.usage import threads_of

_COUNTED_BY_NAMESPACE = (5, 14)
_numbers = itertools.count()


def own_uid() -> int:
    """Return a uid for one process tree: no other tree of this machine has it, and no account."""
    return 1_000_000 + os.getpid() * 100 + next(_numbers) % 100  # pids stay below 2**22


def open_to_others(path: Path) -> bool:
    """Say whether any user may read what lies at a path, and get there."""
    return bool(path.stat().st_mode & stat.S_IROTH) and all(
        parent.stat().st_mode & stat.S_IXOTH for parent in path.parents
    )


def process_limit(uid: int | None, processes: int, *, namespace: bool) -> int | None:
    """Return the RLIMIT_NPROC of a tree, or None where it could only do harm.

    Args:
        uid: the uid that the tree has to itself, if it has one.
        processes: how many it may have.
        namespace: whether the tree gets a user namespace of its own when it has no uid of its own.
    """
    if uid is not None or (namespace and _counts_by_namespace()):
        return processes
    if namespace or not LINUX:
        return None
    # It counts the learner's editor and browser too, so this only stops what the watcher is too slow for.
    return threads_of(os.geteuid()) + 4 * processes


def _counts_by_namespace() -> bool:
    """Say whether the kernel counts the processes of a user namespace apart, as it does since Linux 5.14."""
    major, minor = platform.release().split(".")[:2]
    return (int(major), int(minor)) >= _COUNTED_BY_NAMESPACE
