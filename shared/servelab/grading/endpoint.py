"""Where a service answers, and how a client of the grader gets a connection to it."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from servelab.grading.isolation.control import SandboxEndedError
from servelab.grading.isolation.sandbox import CONNECT_S, Sandbox, connect_here


class Endpoint(Protocol):
    """A place to connect to."""

    def connect(self) -> socket.socket:
        """Return a new connection.

        Raises:
            OSError: nobody listens there.
        """


@dataclass(frozen=True)
class UnixEndpoint:
    """A Unix socket of this machine."""

    path: Path

    def connect(self) -> socket.socket:
        """Return a new connection."""
        return connect_here(str(self.path))


@dataclass(frozen=True)
class TcpEndpoint:
    """A port of this machine, or of another one."""

    host: str
    port: int

    def connect(self) -> socket.socket:
        """Return a new connection."""
        made = socket.create_connection((self.host, self.port), CONNECT_S)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


@dataclass(frozen=True)
class InsideEndpoint:
    """A port, or the path of a Unix socket, within a sandbox."""

    sandbox: Sandbox
    target: int | str

    def connect(self) -> socket.socket:
        """Return a new connection."""
        try:
            made = self.sandbox.connect(self.target)
        except SandboxEndedError as error:
            msg = f"{self.target}: its sandbox has ended"
            raise ConnectionRefusedError(msg) from error
        if made.family != socket.AF_UNIX:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
