"""What another load generator says of a server, in its own words."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from servelab.bench.errors import PeerError

START_S = 30.0  # for a peer to import itself and connect


@dataclass(frozen=True)
class Figures:
    """Answers per second, and the p99 latency in seconds as the peer reports it."""

    requests_per_s: float
    p99_s: float


class Peer(Protocol):
    """Runs a peer: its figures for an address, connections and whole seconds.

    rate_per_s 0 means as fast as it can; a peer that can't pace itself ignores a rate.
    """

    def __call__(self, address: str, connections: int, duration_s: int, rate_per_s: float = 0.0) -> Figures:
        """Run once, and wait for the end."""


def program(name: str) -> str:
    """Return the path of a program.

    Raises:
        PeerError: it is not installed.
    """
    path = shutil.which(name)
    if path is None:
        msg = f"{name} is not on the PATH; install it, or leave this peer out"
        raise PeerError(msg)
    return path


def output_of(command: Sequence[str], duration_s: float) -> str:
    """Run a peer and return what it printed.

    Raises:
        PeerError: it failed, or did not end in time.
    """
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program with our own arguments
            command, capture_output=True, text=True, timeout=duration_s + START_S, check=True
        )
    except subprocess.TimeoutExpired:
        msg = f"{command[0]} did not end {START_S:g} s after its {duration_s:g} s"
        raise PeerError(msg) from None
    except subprocess.CalledProcessError as error:
        msg = f"{command[0]} failed: {str(error.stderr).strip()[-500:]}"
        raise PeerError(msg) from None
    return done.stdout


def python(module: str) -> list[str]:
    """Return the command that runs a module with this Python."""
    return [sys.executable, "-m", module]
