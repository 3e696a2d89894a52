"""The learner's service in the foreground, to try by hand: on a TCP port, restarted on each save.

The socket is ours and stays open across restarts, so a request sent during one
waits instead of being refused.
Leaves out: isolation and limits; it is the learner's own code at their own terminal.
"""

import errno
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from servelab import launch
from servelab.course.file_watcher import watch_files
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise

HOST = "127.0.0.1"
STOP_TIMEOUT_S = 5.0
LOOK_S = 0.25
PORTS_TO_TRY = 100
MAX_PORT = 65535


def listen(port: int) -> socket.socket:
    """Return a socket that listens on a port of this machine.

    Raises:
        MisuseError: the port is in use, or not allowed; names one that is free.
    """
    try:
        return _bind(port)
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
        msg = f"port {port} {why}; try --port {_free_port(port)}"
        raise MisuseError(msg) from error


def _bind(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _free_port(taken: int) -> int:
    first = max(taken + 1, 1024)
    for port in range(first, min(first + PORTS_TO_TRY, MAX_PORT)):
        try:
            _bind(port).close()
        except OSError:
            continue
        return port
    with _bind(0) as listener:
        return int(listener.getsockname()[1])


@dataclass
class Foreground:
    """A service that runs at this terminal until it is interrupted.

    Attributes:
        exercise: says how its service is started.
        folder: the implementation, which is the service's working folder.
        listener: the socket that it answers on.
        say: takes lines for the learner.
    """

    exercise: Exercise
    folder: Path
    listener: socket.socket
    say: Callable[[str], None]
    _process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Run the service; start it again when a file of it is saved; stop it when interrupted."""
        changed: Queue[frozenset[Path]] = Queue()
        try:
            with watch_files([self.folder], [self.folder], changed.put):
                self._start()
                while True:
                    self._await(changed)
        finally:
            self._stop()

    def _await(self, changed: Queue[frozenset[Path]]) -> None:
        try:
            paths = changed.get(timeout=LOOK_S)
        except Empty:
            self._look()
            return
        # What is gone already was an editor's.
        names = sorted({path.name for path in paths if path.exists()})
        self.say(f"{', '.join(names[:3]) or 'a file'} changed: restarting")
        self._stop()
        self._start()

    def _start(self) -> None:
        # In no session of its own: a debugger needs this terminal.
        env = {"PYTHONUNBUFFERED": "1"}
        self._process = launch.start(self.exercise.programs[0], self.folder, self.listener, env)

    def _look(self) -> None:
        if self._process and (code := self._process.poll()) is not None:
            self._process = None
            self.say(f"your service has ended (exit code {code}); save a file to restart it, or press Ctrl-C")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            launch.stop(process, STOP_TIMEOUT_S)
