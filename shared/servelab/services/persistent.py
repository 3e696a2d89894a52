"""Services that outlive the command that started them: `servelab up`, and `servelab down`.

What runs is remembered in one file a service. It holds no process id, which may be
somebody else's by now: whether a service lives, and that it shall stop, is asked at its
supervisor's socket. A supervisor that cleans up answers there no more, and still keeps its ports.
Leaves out: restarting what has ended on its own.
"""

import contextlib
import fcntl
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from servelab import atomic_file
from servelab.services.definition import Service, offer
from servelab.services.errors import FailedServiceError
from servelab.services.leftover import left_over
from servelab.services.port import is_reserved
from servelab.services.running import Running
from servelab.services.supervisor import STOP
from servelab.services.supervisor_client import STOP_S
from servelab.services.supply import connect, start

CONNECT_S = 5.0
PAUSE_S = 0.05


class PersistentServices:
    """The services of one clone that last.

    Args:
        folder: where they are remembered.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def up(self, service: Service) -> tuple[Running, bool]:
        """Have a service run on; return it, and whether it has been started now.

        Raises:
            LackingServiceError: this machine has none.
            FailedServiceError: it does not start.
        """
        found = offer(service)
        if found.plan is None:
            return connect(service, found), False
        with self._lock():
            if running := self.find(service.name):
                return running, False
            running, supervisor = start(service, found, found.plan)
            try:
                # Remembered before it is let go: whatever happens in between, nothing is forgotten.
                self._write(service.name, running, supervisor.socket)
                supervisor.stay()
            except BaseException:
                supervisor.stop()
                raise
            return running, True

    def down(self, name: str) -> bool:
        """Stop a service, and return when nothing is left of it; False when it did not run.

        Raises:
            FailedServiceError: it does not stop, or has left something behind, to be removed by hand.
        """
        with self._lock():
            record = self._read(name)
            stopped = bool(record) and _stop(name, record["socket"])
            if record and (left := _left_over(_running(record))):
                msg = f"{name} has ended and left behind: {', '.join(left)}; end and remove that by hand"
                raise FailedServiceError(msg)
            self._path(name).unlink(missing_ok=True)
        return stopped

    def names(self) -> list[str]:
        """Return the names of those that are remembered."""
        return sorted(path.stem for path in self._folder.glob("*.json"))

    def find(self, name: str) -> Running | None:
        """Return a service that lives."""
        record = self._read(name)
        if not record:
            return None
        try:
            _dial(record["socket"]).close()
        except OSError:
            return None  # it has ended since
        return _running(record)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, name: str) -> dict[str, Any]:
        try:
            record: dict[str, Any] = json.loads(self._path(name).read_text(encoding="utf-8"))
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return record

    def _write(self, name: str, running: Running, socket_path: Path) -> None:
        record = {"socket": socket_path, "running": asdict(running)}
        atomic_file.write_text(self._path(name), json.dumps(record, indent=2, default=str) + "\n")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let no other command start or stop services meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)  # a URL may hold a password
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _running(record: dict[str, Any]) -> Running:
    fields = record["running"]
    return Running(**{**fields, "scratch": Path(fields["scratch"]), "ports": tuple(fields["ports"])})


def _stop(name: str, path: str) -> bool:
    """Ask a supervisor to end, and return when it has; False when it had ended already."""
    try:
        with contextlib.closing(_dial(path)) as connection:
            connection.sendall(STOP)
            connection.settimeout(STOP_S)
            connection.recv(1)  # its end: the supervisor says nothing
    except TimeoutError:
        msg = f"{name} does not stop; end its processes by hand"
        raise FailedServiceError(msg) from None
    except OSError:
        return False
    return True


def _left_over(running: Running) -> list[str]:
    """Return what is left of a service, once its supervisor has had the time to clean up."""
    if not running.scratch:
        return []
    deadline = time.monotonic() + STOP_S
    while running.scratch.exists() and any(map(is_reserved, running.ports)) and time.monotonic() < deadline:
        time.sleep(PAUSE_S)
    # Without its folder there was an end in order, and the ports may be somebody else's by now.
    return left_over(running) if running.scratch.exists() else []


def _dial(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(CONNECT_S)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection
