"""What is run where: the place that a server gets, and the plan of running it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from signal import SIGTERM, Signals

from servelab.services.port import LOOPBACK

GRACE_S = 10.0


@dataclass(frozen=True)
class Place:
    """What a server is given.

    Attributes:
        program: path or name of the program to run.
        scratch: an empty folder for data, configuration and sockets.
        ports: free ports by what they are for.
    """

    program: str
    scratch: Path
    ports: Mapping[str, int]

    def url(self, scheme: str, port: str = "main") -> str:
        """Return the URL of one of its ports."""
        return f"{scheme}://{LOOPBACK}:{self.ports[port]}"

    def write(self, name: str, text: str) -> Path:
        """Write a file into the scratch folder, and return its path.

        `{{scratch}}` and `{{NAME}}` of a port become its values: a configuration can't know them.
        """
        values = {"scratch": str(self.scratch), **{name: str(port) for name, port in self.ports.items()}}
        for marker, value in values.items():
            text = text.replace("{{" + marker + "}}", value)
        path = self.scratch / name
        path.write_text(text, encoding="utf-8")
        return path


@dataclass(frozen=True)
class Plan:
    """How a server is run, reached and stopped.

    Attributes:
        url: where clients connect to.
        command: what to run in the foreground; empty where a scratch folder is all that is needed.
        urls: further addresses by what they are for.
        environment: added to the few variables that every server gets.
        user: account to run it as; empty for the one that asks.
        signal: that it stops at.
        grace_s: seconds that it then gets before it is killed.
        clean_up: commands to run when all its processes are gone.
    """

    url: str
    command: tuple[str, ...] = ()
    urls: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    signal: Signals = SIGTERM
    grace_s: float = GRACE_S
    clean_up: tuple[tuple[str, ...], ...] = ()
