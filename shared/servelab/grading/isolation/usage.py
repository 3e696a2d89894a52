"""What a process tree uses of the machine, as /proc tells it.

Source: proc(5). Shared pages count once for each process that has touched them.
Leaves out: memory that belongs to no process (the scratch places, buffers of sockets),
which other limits bound; macOS, which has no /proc: there the wall time alone holds.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from servelab.grading.inside.enter import LINUX, descendants

_TICKS = os.sysconf("SC_CLK_TCK")
_RESIDENT = ("RssAnon:", "RssShmem:", "VmSwap:")


@dataclass(frozen=True)
class Usage:
    """What a process tree uses now: CPU seconds, private and shared memory in bytes, number of processes."""

    cpu_s: float
    memory_bytes: int
    processes: int


def measure(root: int) -> Usage:
    """Measure a process and all below it, zombies included: theirs is the time that nobody has asked for."""
    cpu, memory, count = 0.0, 0, 0
    for pid in (root, *descendants(root, zombies=True)) if LINUX else ():
        folder = Path(f"/proc/{pid}")
        try:
            fields = _text(folder / "stat").rpartition(")")[2].split()
            status = _text(folder / "status")
        except OSError:
            continue
        cpu += sum(map(int, fields[11:15])) / _TICKS
        memory += sum(
            int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(_RESIDENT)
        )
        count += 1
    return Usage(cpu, memory, count)


def threads_of(uid: int) -> int:
    """Count the threads of a user, which is what RLIMIT_NPROC counts."""
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if folder.stat().st_uid == uid:
                count += sum(1 for _ in (folder / "task").iterdir())
    return count


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
