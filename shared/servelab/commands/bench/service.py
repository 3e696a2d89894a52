"""The two sides of a comparison: an address, or a folder whose service is started for it.

The socket is ours and listens before the service starts; the service has started
when it answers. It is a Unix socket: uvicorn takes every descriptor for one, and on
TCP would leave Nagle's algorithm on, which costs 40 ms of waiting here and there.
Leaves out: isolation and limits; it is the caller's own code on the caller's machine.
"""

import contextlib
import http.client
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.grading.manifest import Exercise

START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 10.0
_ASK_TIMEOUT_S = 0.5
_PAUSE_S = 0.1


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
    from servelab.course.foreground import stop

    with (
        tempfile.TemporaryFile() as log,
        tempfile.TemporaryDirectory(prefix="bench-") as place,
        socket.socket(socket.AF_UNIX) as listener,
    ):
        path = f"{place}/s"
        listener.bind(path)
        listener.listen(1024)
        process = _start(owner, folder, listener, log)
        try:
            _await(process, path, folder, log)
            yield Served(f"unix:{path}:", process.pid)
        finally:
            stop(process, STOP_TIMEOUT_S)


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


def _start(
    owner: "Exercise", folder: Path, listener: socket.socket, log: IO[bytes]
) -> "subprocess.Popen[bytes]":
    from servelab.course.foreground import command, environment

    return subprocess.Popen(  # noqa: S603 - the caller's own service
        command(owner, listener.fileno()),
        cwd=folder,
        env=environment(),
        pass_fds=(listener.fileno(),),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        # Ctrl-C at the terminal is for us; we stop it in our own time.
        start_new_session=True,
    )


def _await(process: "subprocess.Popen[bytes]", path: str, folder: Path, log: IO[bytes]) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline_s:
        if _answers(path):
            return
        time.sleep(_PAUSE_S)
    log.seek(0)
    lines = log.read().decode(errors="replace").strip().splitlines()
    why = lines[-1] if lines else f"it said nothing for {START_TIMEOUT_S:g} s"
    msg = f"the service in {folder} did not start: {why}"
    raise MisuseError(msg)


def _answers(path: str) -> bool:
    """Whether anything is answered: which routes a service has, and what it thinks of them, is its affair."""
    connection = http.client.HTTPConnection("localhost", timeout=_ASK_TIMEOUT_S)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(_ASK_TIMEOUT_S)
    try:
        connection.sock.connect(path)
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True
