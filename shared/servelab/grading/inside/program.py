"""One program of a sandbox: a supervisor that stays, and its child, which becomes the program.

The supervisor is a subreaper: orphans below it return to it, so that no process of
the program outlives it. It tells the grader itself how the program ended, on a pipe
that no other process has.
"""

import contextlib
import fcntl
import os
import resource
import signal
import sys
from typing import Any

from process_tree import adopt_orphans, die_with_parent, kill_descendants, open_to_neighbours

FIRST_FD = 3
KILLED = 137
CANNOT_RUN = 127
_ABOVE_ALL = 128
_HIGHEST = 1024


def supervise(order: dict[str, Any], descriptors: list[int], tell: int) -> None:
    """Run a program; when it ends, or SIGUSR1 comes, kill what is left and tell the exit code.

    Never returns.

    Args:
        order: "argv", "env", "cwd" and "limits" of the program, and how many "cgroups" it is to join.
        descriptors: standard input, output, the pipe for the exit code, the cgroups, what it inherits.
        tell: a pipe for the program's pid.
    """
    first, status = os.getppid(), descriptors[2]
    signal.signal(signal.SIGUSR1, lambda *_: _finish(KILLED, status))
    adopt_orphans()
    die_with_parent(signal.SIGUSR1)
    if os.getppid() != first:
        os._exit(KILLED)
    supervisor, child = os.getpid(), os.fork()
    if child == 0:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        die_with_parent(signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(KILLED)
        try:
            _become(order, descriptors)
        finally:
            os._exit(CANNOT_RUN)
    try:
        os.write(tell, b"%d" % child)
        for descriptor in {*descriptors, tell} - {status}:
            os.close(descriptor)
        while True:
            pid, ended = os.wait()
            if pid == child:
                code = os.waitstatus_to_exitcode(ended)
                _finish(code if code >= 0 else 128 - code, status)
    finally:
        # Whatever goes wrong here, what runs below must not be left behind.
        _finish(KILLED, status)


def _finish(code: int, status: int) -> None:
    # Told only when nothing is left: who hears of the end may start another one in its place.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    kill_descendants()
    with contextlib.suppress(OSError):
        os.write(status, b"%d" % code)
    os._exit(0)


def _become(order: dict[str, Any], descriptors: list[int]) -> None:
    """Take descriptors, cgroups and limits, and execute the program."""
    os.setsid()
    stdin, output, _, *others = descriptors
    cgroups, inherited = others[: order["cgroups"]], others[order["cgroups"] :]
    for group in cgroups:
        os.write(group, b"0")
    # First out of the way: where one of them is to go, another one may be.
    aside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, _ABOVE_ALL) for each in (stdin, output, *inherited)]
    for target, source in enumerate([aside[0], aside[1], aside[1], *aside[2:]]):
        os.dup2(source, target)
    os.closerange(FIRST_FD + len(inherited), _HIGHEST)
    # Only now: until here a neighbour could have written to the pipe for the exit code.
    open_to_neighbours()
    # A kernel that is short of memory should take this process and not the grader.
    with contextlib.suppress(OSError):
        score = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(score, b"1000")
        os.close(score)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        for name, value in order["limits"].items():
            _limit(getattr(resource, f"RLIMIT_{name}"), value)
        os.chdir(order["cwd"])
        os.execve(order["argv"][0], order["argv"], order["env"])  # noqa: S606 - what this program is for
    except OSError as error:
        sys.stderr.write(f"cannot run {order['argv'][0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(CANNOT_RUN)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))
