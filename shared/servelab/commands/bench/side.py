"""The sides of a comparison: an address, or a folder whose service is started for it.

The service is started on a Unix socket: uvicorn takes every descriptor for one, and on
TCP would leave Nagle's algorithm on, which costs 40 ms of waiting here and there.
Leaves out: isolation and limits; it is the caller's own code on the caller's machine.
"""

import contextlib
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.grading.manifest import Exercise


@dataclass(frozen=True)
class Served:
    """A service that runs.

    Attributes:
        address: without a path.
        pid: of its process.
    """

    address: str
    pid: int

    def cpu_s(self) -> float:
        """Processor seconds of the process so far: all its threads, and the kernel on their behalf.

        Source: clock_getcpuclockid(3); Linux makes the number of the clock from that of the process.
        """
        return time.clock_gettime(~self.pid << 3 | 2)


@contextlib.contextmanager
def serving(side: str, path: str, exercise: int | None) -> Iterator[str]:
    """Yield the address of a side, whose service runs as long as it is needed.

    Args:
        side: an address, or the folder of an implementation.
        path: what is asked of a folder's service.
        exercise: of the folder, where its place does not tell it.

    Raises:
        MisuseError: it is neither, or the service does not start.
    """
    if side.startswith(("http:", "https:", "unix:")):
        yield side
        return
    with served(*_implementation(side, exercise)) as service:
        yield f"{service.address}{path}"


@contextlib.contextmanager
def served(owner: "Exercise", folder: Path) -> Iterator[Served]:
    """Yield an implementation's service, which runs as long as it is needed.

    Raises:
        MisuseError: it does not start.
    """
    from servelab import launch

    with (
        tempfile.TemporaryDirectory(prefix="bench-") as place,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        path = f"{place}/s"
        listener.bind(path)
        listener.listen(1024)
        with launch.running(owner.programs[0], folder, listener) as process:
            yield Served(f"unix:{path}:", process.pid)


def _implementation(side: str, number: int | None) -> "tuple[Exercise, Path]":
    from servelab.course.selection import implementation
    from servelab.grading import manifest

    place = Path(side).expanduser()
    owner = manifest.exercise(number) if number is not None else manifest.exercise_of(place)
    if owner is None:
        msg = (
            f"{side} is no address, and lies outside the course, so its exercise is unknown: add --exercise N"
        )
        raise MisuseError(msg)
    return owner, implementation(owner, str(place))
