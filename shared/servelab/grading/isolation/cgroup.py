"""A control group for each program, where this machine lets the grader make some.

The kernel then counts what no watcher of processes sees: page tables, files in
memory, buffers of sockets, the time of children that nobody waited for.
Source: cgroups(7); the kernel's admin-guide/cgroup-v1 and cgroup-v2.
Leaves out: a share of the processor, which would make a slow machine slower.
"""

import contextlib
import functools
import itertools
import os
import time
from pathlib import Path
from typing import Literal

from servelab.grading.isolation.limit import MIB, Limits
from servelab.grading.isolation.usage import Usage

Version = Literal["v1", "v2"]

_ROOT = Path("/sys/fs/cgroup")
_CONTROLLERS = ("memory", "pids", "cpuacct")
_PREFIX = "servelab-"
_REMOVE_S = 2.0
_numbers = itertools.count()


class Cgroup:
    """The control group of one program, in each hierarchy that it takes.

    Raises:
        OSError: it can't be made; see `version`.
    """

    def __init__(self, limits: Limits) -> None:
        self._folders: dict[str, Path] = {}
        name = f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
        try:
            for controller, parent in _parents().items():
                folder = parent / name
                folder.mkdir()
                self._folders[controller] = folder
            self._limit(limits)
        except OSError:
            self.remove()
            raise

    def _limit(self, limits: Limits) -> None:
        size = str(limits.memory_mib * MIB)
        memory, pids = self._folders["memory"], self._folders["pids"]
        if _version() == "v2":
            _write(memory / "memory.max", size)
            _write(memory / "memory.swap.max", "0", optional=True)
        else:
            _write(memory / "memory.limit_in_bytes", size)
            _write(memory / "memory.memsw.limit_in_bytes", size, optional=True)
            # Buffers of TCP connections are counted apart.
            _write(memory / "memory.kmem.tcp.limit_in_bytes", size, optional=True)
        _write(pids / "pids.max", str(limits.threads))

    def entrances(self) -> list[int]:
        """Return descriptors of its own to which a process writes "0" to join."""
        folders = dict.fromkeys(self._folders.values())
        return [os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC) for folder in folders]

    def usage(self) -> Usage:
        """Return what is used now; the memory includes files that the kernel would give up first."""
        memory, pids, cpu = (self._folders[name] for name in _CONTROLLERS)
        if _version() == "v2":
            used = int(_read(memory / "memory.current"))
            cpu_s = _field(cpu / "cpu.stat", "usage_usec") / 1e6
        else:
            used = int(_read(memory / "memory.usage_in_bytes"))
            cpu_s = int(_read(cpu / "cpuacct.usage")) / 1e9
        processes = len(set(_read(pids / "cgroup.procs").split()))
        return Usage(cpu_s, used, processes, int(_read(pids / "pids.current")))

    def ran_out_of_memory(self) -> bool:
        """Say whether the kernel has killed a process of it for want of memory."""
        name = "memory.events" if _version() == "v2" else "memory.oom_control"
        return _field(self._folders["memory"] / name, "oom_kill") > 0

    def remove(self) -> None:
        """Remove it; its processes have ended, or are about to."""
        for folder in dict.fromkeys(self._folders.values()):
            _remove(folder)


@functools.cache
def version() -> Version | None:
    """Return the kind of control groups that this process can make, or None when it can make none."""
    if _version() is None:
        return None
    try:
        _sweep()
        probe = Cgroup(Limits())
        for entrance in probe.entrances():
            os.close(entrance)
        probe.usage()
        probe.remove()
    except (OSError, KeyError, ValueError):
        return None
    return _version()


def holder() -> str:
    """Return what holds the limits of memory and threads on this machine, for reports."""
    found = version()
    return f"cgroup {found}" if found else "watcher"


@functools.cache
def _version() -> Version | None:
    if (_ROOT / "cgroup.controllers").is_file():
        return "v2"
    return "v1" if (_ROOT / "memory").is_dir() else None


@functools.cache
def _parents() -> dict[str, Path]:
    """Return for each controller the group below which this process may make others: its own."""
    own: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines():
        _, controllers, path = line.split(":", 2)
        own |= dict.fromkeys(controllers.split(","), path.lstrip("/"))
    if _version() == "v2":
        parent = _ROOT / own[""]
        _write(parent / "cgroup.subtree_control", "+memory +pids +cpu", optional=True)
        return dict.fromkeys(_CONTROLLERS, parent)
    # In a container the path may be that of the host: then the root of what is mounted is the own group.
    paths = {name: _ROOT / name / own[name] for name in _CONTROLLERS}
    return {name: path if path.is_dir() else _ROOT / name for name, path in paths.items()}


def _sweep() -> None:
    """Remove what graders have left that were killed."""
    for parent in set(_parents().values()):
        for folder in parent.glob(f"{_PREFIX}*"):
            pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if not Path(f"/proc/{pid}").exists():
                _remove(folder, wait_s=0.0)


def _remove(folder: Path, wait_s: float = _REMOVE_S) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            # The kernel takes a moment to let go of the last process; what stays is swept by the next grader.
            if time.monotonic() >= deadline:
                return
            time.sleep(0.01)
        else:
            return


def _write(path: Path, text: str, *, optional: bool = False) -> None:
    with contextlib.suppress(OSError) if optional else contextlib.nullcontext():
        path.write_text(text, encoding="ascii")


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii")


def _field(path: Path, name: str) -> int:
    fields = dict(line.split()[:2] for line in _read(path).splitlines())
    return int(fields.get(name, 0))
