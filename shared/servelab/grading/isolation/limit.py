"""What a program of a submission may use, and the mechanism that holds each limit.

| limit      | mechanism                                                                      |
|------------|--------------------------------------------------------------------------------|
| wall time  | the watcher kills the program's tree at the deadline                           |
| CPU time   | the watcher for the tree; a second later RLIMIT_CPU for each process           |
| memory     | a cgroup of the program's own; without one the watcher, which sums up resident |
|            | anonymous and shared memory of the tree, and its swap                          |
| processes  | the watcher                                                                    |
| threads    | the cgroup; without one RLIMIT_NPROC for the sandbox and the watcher for the tree |
| open files | RLIMIT_NOFILE                                                                  |
| file size  | RLIMIT_FSIZE; the size of the scratch tmpfs (bubblewrap)                       |
| output     | the reader of the pipe counts, the watcher kills                               |

Memory that no watcher sees (System V segments, memfd) is refused by the filter of system calls.
Address-space limits are left out: they break ONNX Runtime and Java, which reserve far more than they use.
"""

from dataclasses import dataclass
from typing import ClassVar

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one program with all that it starts; sizes in MiB, times in seconds.

    Attributes:
        threads: of all its processes together.
        scratch_mib: of each writable place of the sandbox that it runs in.
    """

    # For the manifest: a limit that is misspelt limits nothing.
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    wall_s: float = 120.0
    cpu_s: int = 60
    memory_mib: int = 768
    processes: int = 64
    threads: int = 256
    open_files: int = 512
    file_mib: int = 16
    scratch_mib: int = 64
    output_mib: int = 2


UNLIMITED = Limits(
    wall_s=86_400.0,
    cpu_s=86_400,
    memory_mib=1 << 30,
    processes=1 << 20,
    threads=1 << 20,
    open_files=4096,
    file_mib=1 << 30,
    output_mib=1 << 20,
)
"""A day, and more of the rest than a machine has."""


@dataclass(frozen=True)
class Breach:
    """A limit that a submission ran into; `sentence` is for its author."""

    limit: str
    sentence: str
