"""What a program with all that it has started uses of the machine, as /proc tells it.

Source: proc(5). Shared pages count once for each process that has touched them.
Leaves out: memory that belongs to no process (the scratch places, page tables, buffers of sockets),
which only a cgroup counts; macOS, which has no /proc: there the wall time alone holds.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from servelab.grading.inside.process_tree import LINUX, descendants

_TICKS = os.sysconf("SC_CLK_TCK")
_RESIDENT = ("RssAnon:", "RssShmem:", "VmSwap:")


@dataclass(frozen=True)
class Usage:
    """What a program uses now: CPU seconds, memory in bytes, number of processes and of all their threads."""

    cpu_s: float
    memory_bytes: int
    processes: int
    threads: int


def measure(supervisor: int) -> Usage:
    """Measure all below a supervisor, zombies included: theirs is the time that nobody has asked for."""
    cpu, memory, processes, threads = 0.0, 0, 0, 0
    for pid in descendants(supervisor, zombies=True) if LINUX else ():
        folder = Path(f"/proc/{pid}")
        try:
            fields = _text(folder / "stat").rpartition(")")[2].split()
            status = _text(folder / "status")
        except OSError:
            continue
        cpu += sum(map(int, fields[11:15])) / _TICKS
        memory += sum(int(line.split()[1]) * 1024 for line in _lines(status) if line.startswith(_RESIDENT))
        processes += 1
        threads += int(fields[17])
    return Usage(cpu, memory, processes, threads)


def outer_pid(wrapper: int, inner: int) -> int | None:
    """Return the pid, in this process's namespace, of a process that a sandbox knows by another one.

    Args:
        wrapper: pid of bwrap, below which it is.
        inner: its pid within the innermost namespace.
    """
    for pid in descendants(wrapper):
        with contextlib.suppress(OSError, StopIteration):
            status = _lines(_text(Path(f"/proc/{pid}/status")))
            names = next(line for line in status if line.startswith("NSpid:")).split()
            if int(names[-1]) == inner and len(names) > 2:  # noqa: PLR2004 - a pid outside, and one inside
                return pid
    return None


def threads_of(uid: int) -> int:
    """Count the threads of a user, which is what RLIMIT_NPROC counts."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == uid:
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


def _lines(text: str) -> list[str]:
    # Not `splitlines`, which also splits at characters that a process can have in its name.
    return text.split("\n")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
