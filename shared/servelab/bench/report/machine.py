"""The machine that measured: a figure without it can't be compared with any other.

Source: /proc/cpuinfo, /proc/meminfo and cpufreq in sysfs, proc(5).
Leaves out: host names, addresses, serial numbers; reports are passed on.
"""

import os
import platform
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from servelab.bench.report import quantity

TELLING_FLAGS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8", "amx_bf16")
"""Flags of the CPU that decide how fast models run."""

LIBRARIES = ("servelab", "numpy", "uvloop", "httptools", "onnxruntime", "fastapi", "uvicorn", "locust")
GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


@dataclass(frozen=True)
class Machine:
    """What is known about a machine; empty text and 0 where it can't be told.

    Attributes:
        cpu: its model name.
        cores: cores that this process may use.
        flags: those of `TELLING_FLAGS` that it has.
        memory_bytes: in sum.
        governor: how the clock rate is chosen; "performance" is the calm one.
        virtual: whether it is a guest whose neighbours can't be seen.
        load_1_min: runnable processes when it was looked at; what is more than a little disturbs.
        clock_resolution_s: of the clock that stamps the samples.
        versions: library -> version of what is installed.
    """

    cpu: str
    cores: int
    flags: tuple[str, ...]
    memory_bytes: int
    system: str
    governor: str
    virtual: bool
    load_1_min: float
    python: str
    clock_resolution_s: float
    versions: dict[str, str]

    @property
    def brief(self) -> str:
        """What stands under a table of a document."""
        return f"{self.cpu}, {self.cores} cores, {self.python}"

    def described(self) -> Iterator[tuple[str, str]]:
        """Yield name and words of what is known."""
        yield "CPU", f"{self.cpu or 'unknown'}, {self.cores} cores to use"
        yield "flags", ", ".join(self.flags) or "none of those that matter here"
        yield "memory", f"{self.memory_bytes / 2**30:.1f} GiB" if self.memory_bytes else "unknown"
        guest = "; a virtual machine, whose neighbours can't be seen" if self.virtual else ""
        yield "system", f"{self.system}{guest}"
        if self.governor:
            yield "clock rate", f"governor {self.governor}"
        yield "load", f"{self.load_1_min:g} processes in the minute before"
        yield "Python", f"{self.python}; its clock steps by {quantity.duration(self.clock_resolution_s)}"
        yield "versions", ", ".join(f"{name} {version}" for name, version in self.versions.items())


def examine() -> Machine:
    """Look at this machine."""
    cpuinfo = _read(Path("/proc/cpuinfo"))
    flags = _field(cpuinfo, "flags").split()
    return Machine(
        cpu=_field(cpuinfo, "model name") or platform.processor() or platform.machine(),
        cores=_cores(),
        flags=tuple(flag for flag in TELLING_FLAGS if flag in flags),
        memory_bytes=_memory_bytes(_read(Path("/proc/meminfo"))),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        governor=_read(GOVERNOR).strip(),
        virtual="hypervisor" in flags,
        load_1_min=round(os.getloadavg()[0], 2),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        clock_resolution_s=time.get_clock_info("perf_counter").resolution,
        versions={name: version for name in LIBRARIES if (version := _version(name))},
    )


def _cores() -> int:
    # macOS has no affinity.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(.*)$", text, re.MULTILINE)
    return found[1].strip() if found else ""


def _memory_bytes(meminfo: str) -> int:
    words = _field(meminfo, "MemTotal").split()
    return int(words[0]) * 1024 if words else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
