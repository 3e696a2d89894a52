"""The processes below one of the grader's: found, adopted, ended.

Source: prctl(2), PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG; tini and Bazel's linux-sandbox.
Leaves out: on macOS, which has no subreaper, a process that has left the tree by a double fork.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


def adopt_orphans() -> None:
    """Let every descendant whose parent ends become a child of this process."""
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(number: int) -> None:
    """Have the kernel send this process a signal when its parent ends."""
    if LINUX:
        prctl(PR_SET_PDEATHSIG, number)


def close_to_neighbours() -> None:
    """Keep other processes of the same user out of this one's memory and descriptors."""
    if LINUX:
        prctl(PR_SET_DUMPABLE, 0)


def open_to_neighbours() -> None:
    """Take that back; what it does from here on may be seen."""
    if LINUX:
        prctl(PR_SET_DUMPABLE, 1)


def kill_descendants(seconds: float = 5.0) -> None:
    """Kill everything below this process, until nothing is left or the time is over."""
    deadline = time.monotonic() + seconds
    while (alive := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in alive:
            send(pid, signal.SIGKILL)
        _reap()


def descendants(root: int, *, zombies: bool = False) -> list[int]:
    """Return the pids below a process, by the links to their parents."""
    children: dict[int, list[int]] = {}
    for pid, parent, state in _processes():
        if zombies or state != "Z":
            children.setdefault(parent, []).append(pid)
    found, queue = [], [root]
    while queue:
        below = children.get(queue.pop(), [])
        found += below
        queue += below
    return found


def children(parent: int) -> list[int]:
    """Return the pids of a process's own children, zombies left out."""
    return [pid for pid, its_parent, state in _processes() if its_parent == parent and state != "Z"]


def _processes() -> list[tuple[int, int, str]]:
    """Return pid, parent and state of all processes."""
    if not LINUX:
        import subprocess  # noqa: PLC0415 - costs 3 ms, at each start

        listed = subprocess.run(
            ["/bin/ps", "-axo", "pid=,ppid=,state="], capture_output=True, text=True, check=False
        )
        rows = [line.split() for line in listed.stdout.splitlines()]
        return [(int(pid), int(parent), state[0]) for pid, parent, state in rows]
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):  # noqa: PTH208 - importing pathlib costs 5 ms
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123 - likewise
            state, parent = file.read().rpartition(b")")[2].split()[:2]
            found.append((int(name), int(parent), state.decode()))
    return found


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def send(pid: int, number: int) -> None:
    """Send a signal to a process, unless it has ended."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def prctl(option: int, value: int) -> None:
    """Change how the kernel treats this process.

    Raises:
        OSError: the kernel refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")
