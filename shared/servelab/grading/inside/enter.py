"""Take the limits and the uid of a confined process, then become the learner's program.

    python -I -S enter.py '{"uid": 64001, "limits": {"NPROC": 64}, "supervise": false}' program args…

With `supervise` it stays as the parent of the tree: a subreaper to which orphans
return, so that no process outlives it. Inside a PID namespace the kernel does that
work and `supervise` is off.
Source: prctl(2), PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG; tini and Bazel's linux-sandbox.
Leaves out: on macOS, which has no subreaper, a process that has left the tree by a double fork.
"""

import contextlib
import ctypes
import json
import os
import resource
import select
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION_3 = 0x20080522
LINUX = sys.platform == "linux"
STDOUT = 1


def main() -> None:
    """Enter the confinement that the first argument describes, and run the rest of the arguments."""
    config = json.loads(sys.argv[1])
    run = supervise if config["supervise"] else become
    run(config["uid"], config["limits"], sys.argv[2:])


def become(uid: int | None, limits: dict[str, int], command: list[str]) -> None:
    """Set limits, drop to the uid if there is one, and execute the command."""
    _end_if_alone()
    # A session keeps Ctrl-C from itself, but not from its services.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))  # the session's own limit is not for this process
    for name, value in limits.items():
        _limit(getattr(resource, f"RLIMIT_{name}"), value)
    # A kernel that is short of memory should take this process and not the grader.
    with contextlib.suppress(OSError):
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(descriptor, b"1000")
        os.close(descriptor)
    if uid is not None:
        _take_uid(uid)
    if LINUX:
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
    os.umask(0o077)
    try:
        os.execv(command[0], command)  # noqa: S606 - what this program is for
    except OSError as error:
        sys.stderr.write(f"cannot run {command[0]}: {error.strerror}\n")
        sys.stderr.flush()
        os._exit(127)


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _take_uid(uid: int) -> None:
    """Become a user that nobody else is, without any capability, inheritable or in the bounding set."""
    for capability in range(64):
        with contextlib.suppress(OSError):  # the kernel has fewer of them
            _prctl(PR_CAPBSET_DROP, capability)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    if ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) != 0:
        os._exit(126)


def supervise(uid: int | None, limits: dict[str, int], command: list[str]) -> None:
    """Run the command as a child; when it ends or this process is told to stop, kill all descendants."""
    signal.signal(signal.SIGUSR1, lambda *_: _finish(137, uid))
    adopt_orphans()
    if LINUX:
        _prctl(PR_SET_PDEATHSIG, signal.SIGUSR1)
    else:
        signal.signal(signal.SIGALRM, lambda *_: _finish(137, uid) if _alone() else None)
        signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
    _end_if_alone()
    supervisor, child = os.getpid(), os.fork()
    if child == 0:
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        os.setpgid(0, 0)
        if LINUX:
            _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(137)
        become(uid, limits, command)
    signal.signal(signal.SIGTERM, lambda *_: _send(child, signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda *_: _send(child, signal.SIGINT))
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            _finish(code if code >= 0 else 128 - code, uid)


def _end_if_alone() -> None:
    # The grader may have died before the kernel was told to end this process with it.
    if _alone():
        os._exit(137)


def _alone() -> bool:
    """Say whether nobody reads standard output any more, which only the grader does."""
    poll = select.poll()
    poll.register(STDOUT, 0)
    return bool(poll.poll(0))


def _finish(code: int, uid: int | None) -> None:
    """Kill descendants until none is left, then end with the code."""
    if uid is not None and os.fork() == 0:
        os.setresuid(uid, uid, uid)
        os.kill(-1, signal.SIGKILL)  # all of that user at once: not even a fork bomb outruns this
        os._exit(0)
    kill_descendants()
    os._exit(code)


def adopt_orphans() -> None:
    """Let every descendant whose parent ends become a child of this process."""
    if LINUX:
        _prctl(PR_SET_CHILD_SUBREAPER, 1)


def kill_descendants(seconds: float = 5.0) -> None:
    """Kill everything below this process, until nothing is left or the time is over."""
    deadline = time.monotonic() + seconds
    while (alive := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in alive:
            _send(pid, signal.SIGKILL)
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


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


if __name__ == "__main__":
    main()
