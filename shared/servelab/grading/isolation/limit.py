"""What a submission may use, and the mechanism that holds each limit.

| limit      | mechanism                                                                   |
|------------|-----------------------------------------------------------------------------|
| wall time  | the watcher kills the tree at the deadline                                  |
| CPU time   | the watcher for the tree; a second later RLIMIT_CPU for each process        |
| memory     | the watcher: resident anonymous and shared memory of the tree, and its swap |
| processes  | RLIMIT_NPROC under a uid or a user namespace of its own (it counts threads  |
|            | too), the watcher                                                           |
| open files | RLIMIT_NOFILE                                                               |
| file size  | RLIMIT_FSIZE; the size of the scratch tmpfs (bubblewrap)                    |
| output     | the reader of the pipe counts, the watcher kills                            |

Memory that no watcher sees (System V segments, memfd) is refused by the filter of system calls.
Address-space limits are left out: they break ONNX Runtime, which reserves far more than it uses.
"""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Limits of one confined process tree; sizes in bytes, times in seconds."""

    wall_s: float = 120.0
    cpu_s: int = 60
    memory_bytes: int = 768 * MIB
    processes: int = 64
    open_files: int = 512
    file_bytes: int = 16 * MIB
    scratch_bytes: int = 64 * MIB
    output_bytes: int = 2 * MIB


UNLIMITED = Limits(
    wall_s=86_400.0,
    cpu_s=86_400,
    memory_bytes=1 << 50,
    processes=1 << 20,
    open_files=4096,
    file_bytes=1 << 50,
    output_bytes=1 << 40,
)
"""A day, and more of the rest than a machine has."""


@dataclass(frozen=True)
class Breach:
    """A limit that a submission ran into; `sentence` is for its author."""

    limit: str
    sentence: str
