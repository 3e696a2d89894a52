"""Services that outlive the command that started them: `servelab up`, and `servelab down`.

What runs is remembered in one file a service. It holds no process id, which may be
somebody else's by now: whether a service lives, and that it shall stop, is asked at its
guardian's socket.
Leaves out: starting anew what has ended by itself.
"""

import contextlib
import fcntl
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from servelab import atomic_file
from servelab.services.errors import FailedServiceError
from servelab.services.guard import STOP_S
from servelab.services.guardian import STOP
from servelab.services.running import Running
from servelab.services.service import Service, offer
from servelab.services.supply import connect, start

CONNECT_S = 5.0


class Lasting:
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
            running, guard = start(service, found, found.plan)
            try:
                # Remembered before it is let go: whatever happens in between, nothing is forgotten.
                self._write(service.name, running, guard.socket)
                guard.stay()
            except BaseException:
                guard.stop()
                raise
            return running, True

    def down(self, name: str) -> bool:
        """Stop a service, and return when nothing is left of it; False when it did not run.

        Raises:
            FailedServiceError: it does not stop, or leaves something behind.
        """
        with self._lock():
            running = self.find(name)
            if running:
                self._stop(name)
            self._path(name).unlink(missing_ok=True)
        if running and running.scratch and running.scratch.exists():
            msg = f"{name} has stopped and left something behind; remove {running.scratch} by hand"
            raise FailedServiceError(msg)
        return running is not None

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
        fields = record["running"]
        return Running(**{**fields, "scratch": Path(fields["scratch"]), "ports": tuple(fields["ports"])})

    def _stop(self, name: str) -> None:
        record = self._read(name)
        with contextlib.closing(_dial(record["socket"])) as connection:
            connection.sendall(STOP)
            connection.settimeout(STOP_S)
            try:
                connection.recv(1)  # its end: the guardian says nothing
            except TimeoutError:
                msg = f"{name} does not stop; end its processes by hand"
                raise FailedServiceError(msg) from None

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
        with (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _dial(path: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(CONNECT_S)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection
