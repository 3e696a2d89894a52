"""The near side of a supervisor: start one, give it a plan, hear whether its server has ended, let it end.

The supervisor is a process of its own because only a process outlives whoever asked,
and can clean up even after its sudden death.
Leaves out: what it does, which is in supervisor.py.
"""

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from servelab.services import supervisor
from servelab.services.errors import FailedServiceError
from servelab.services.plan import Plan
from servelab.services.program import search_path

ANSWER_S = 30.0
STOP_S = 120.0


class SupervisorClient:
    """A supervisor, alone with an empty scratch folder as long as it has no plan.

    Args:
        name: of the service, for the name of the folder.
        reservations: sockets that it shall keep open as long as it lives.

    Raises:
        FailedServiceError: it does not even start.
    """

    def __init__(self, name: str, reservations: Sequence[socket.socket]) -> None:
        self.name = name
        self._received = b""
        # Nobody else holds the near end: with this process it is closed, whatever ends this process.
        self._near, far = socket.socketpair()
        with far:
            # Not `-m`, which would import the package: by its path it starts in a blink.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-S", supervisor.__file__, name],
                stdin=far.fileno(),
                stdout=far.fileno(),
                stderr=subprocess.DEVNULL,  # a supervisor that stays must hold nobody's terminal or pipe open
                cwd="/",
                start_new_session=True,  # Ctrl-C is for whoever asked
                pass_fds=[each.fileno() for each in reservations],
            )
        try:
            self.scratch = Path(str(self._expect("scratch")))
        except FailedServiceError:
            self._near.close()  # at which it ends, if it has not yet
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ANSWER_S)
            raise

    def launch(self, plan: Plan) -> None:
        """Let it start what a plan says."""
        self._say({**asdict(plan), "environment": {**_base(self.scratch), **plan.environment}})

    def wait(self, timeout_s: float) -> str:
        """Wait for the server to end on its own; return how it ended, nothing if it runs on."""
        message = self._hear(timeout_s)
        return "" if message is None else _end(message)

    @property
    def pid(self) -> int:
        """Process id of the supervisor."""
        return self._process.pid

    @property
    def socket(self) -> Path:
        """Where the end of a server that stays is asked for."""
        return self.scratch / "supervisor.sock"

    def stay(self) -> None:
        """Let the server outlive this process.

        Raises:
            FailedServiceError: the supervisor has not said that it does; it remains to be stopped.
        """
        try:
            self._say({"stay": str(self.socket)})
            self._expect("stays")
        except BaseException:
            self._process.terminate()  # it may stay by now, and heed the end of its input no more
            raise
        self._near.close()
        self._process.returncode = 0  # it is nobody's that we shall wait for

    def stop(self) -> str:
        """Stop the server, and return when nothing is left of it: how it had ended on its own, if it had.

        Raises:
            FailedServiceError: something is left.
        """
        with self._near:
            with contextlib.suppress(OSError):  # the supervisor has ended already
                self._near.shutdown(socket.SHUT_WR)
            message = self._hear(STOP_S)
        try:
            code = self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            msg = f"{self.name} does not stop; end process {self.pid} and its children by hand"
            raise FailedServiceError(msg) from None
        if code != 0 or self.scratch.exists():
            msg = f"{self.name} has stopped and left something behind; remove {self.scratch} by hand"
            raise FailedServiceError(msg)
        return _end(message) if message else ""

    def _say(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):  # it has ended, which whoever listens next will hear
            self._near.sendall(json.dumps(message).encode() + b"\n")

    def _expect(self, key: str) -> object:
        message = self._hear(ANSWER_S)
        if not message or key not in message:
            said = "said nothing" if message is None else f"said {message}" if message else "ended"
            if message and "refused" in message:
                said = message["refused"]
            msg = f"{self.name} could not be started: its supervisor {said}"
            raise FailedServiceError(msg)
        return message[key]

    def _hear(self, timeout_s: float) -> dict[str, Any] | None:
        """Return the next message, an empty one after the last, None when there is none in time."""
        self._near.settimeout(timeout_s)
        try:
            while b"\n" not in self._received:
                if not (data := self._near.recv(65536)):
                    return {}
                self._received += data
        except TimeoutError:
            return None
        except ConnectionResetError:
            return {}
        line, _, self._received = self._received.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message


def _end(message: dict[str, Any]) -> str:
    if not message:
        return "its supervisor was killed"
    return f"exit code {message['ended']}: {message['last'] or 'it printed nothing'}"


def _base(scratch: Path) -> dict[str, str]:
    """Return the variables that every server gets: a learner's own must not change how it behaves."""
    return {
        "PATH": search_path(),
        "HOME": str(scratch),
        "LANG": "C.UTF-8",
    }
