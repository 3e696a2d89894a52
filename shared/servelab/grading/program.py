"""A program of an exercise: how it is started, where it listens, when it is ready, what it may use.

    [[program]]
    name = "triton"
    environment = "triton"
    argv = ["{bin}/tritonserver", "--http-port={http}", "--grpc-port={grpc}"]
    listens = { http = "tcp", grpc = "tcp" }
    ready = "http 200 /v2/health/ready"
    broken = "failed to load"
    limits = { memory_mib = 1024 }

In `argv` and `env` stand `{python}` and `{bin}` for the interpreter and the programs of its
environment, `{root}` for the implementation's folder, `{home}` for the writable one, and each
name of `listens` for what it is told to listen on: a descriptor, a path or a port.
Source: Procfile and systemd's socket activation; the grader owns the line, so no port is guessed.
"""

import re
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from servelab.grading.isolation.limit import Limits

Kind = Literal["fd", "unix", "tcp"]

_LISTEN = re.compile(r"(fd|unix|tcp)(?: (\d{4,5}))?")
_READY = re.compile(r"tcp|grpc|http(?: \d{3})? /\S*|log .+")


class Program(BaseModel):
    """One program of an exercise.

    Attributes:
        environment: name of the `[[environment]]` that it runs in; that of servelab when there is none.
        listens: name -> "fd" (a socket that is open already), "unix", "tcp", or "tcp 8080" where its own
            configuration says which port; the first one is where it is asked whether it is ready.
        ready: "http /path" (any answer), "http 200 /path", "grpc", "tcp", or "log REGEX" in what it prints.
        broken: what it prints when it will never be ready although it goes on, a regular expression.
        start_s: seconds until it is ready, of a machine that has nothing else to do.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    argv: tuple[str, ...] = Field(min_length=1)
    env: dict[str, str] = Field(default_factory=dict)
    environment: str = ""
    listens: dict[str, str] = Field(default_factory=dict)
    ready: str = "tcp"
    broken: str = ""
    start_s: float = Field(default=20.0, gt=0)
    limits: Limits = Limits()

    @field_validator("listens")
    @classmethod
    def _check_listens(cls, value: dict[str, str]) -> dict[str, str]:
        for name, text in value.items():
            if _LISTEN.fullmatch(text) is None:
                msg = f"{name} = {text!r}: it is one of fd, unix, tcp, or tcp with a port, as in tcp 8080"
                raise ValueError(msg)
        return value

    @field_validator("ready")
    @classmethod
    def _check_ready(cls, value: str) -> str:
        if _READY.fullmatch(value) is None:
            msg = f"{value!r}: it is one of tcp, grpc, http /path, http 200 /path, log REGEX"
            raise ValueError(msg)
        return value

    @cached_property
    def ports(self) -> dict[str, tuple[Kind, int | None]]:
        """Name -> kind and fixed port of each thing that it listens on."""
        found: dict[str, tuple[Kind, int | None]] = {}
        for name, text in self.listens.items():
            kind, _, port = text.partition(" ")
            found[name] = (kind, int(port) if port else None)  # type: ignore[assignment]
        return found

    def command(
        self, root: Path | str, told: Mapping[str, str], python: Path | None = None, home: Path | str = "."
    ) -> tuple[str, ...]:
        """Return the command line.

        Args:
            root: the implementation's folder, as the program names it.
            told: name of `listens` -> what it is told to listen on.
            python: its interpreter; the one that runs servelab by default.
            home: the folder that it may write to, as it names it.

        >>> web = Program(name="web", argv=("{python}", "-m", "web", "--fd", "{http}"))
        >>> web.command("/src", {"http": "7"}, Path("/usr/bin/python3"))
        ('/usr/bin/python3', '-m', 'web', '--fd', '7')
        """
        words = self._words(root, told, python, home)
        return tuple(word.format_map(words) for word in self.argv)

    def variables(
        self, root: Path | str, told: Mapping[str, str], python: Path | None = None, home: Path | str = "."
    ) -> dict[str, str]:
        """Return its own environment variables; see `command`."""
        words = self._words(root, told, python, home)
        return {name: text.format_map(words) for name, text in self.env.items()}

    def _words(
        self, root: Path | str, told: Mapping[str, str], python: Path | None, home: Path | str
    ) -> dict[str, str]:
        interpreter = python or Path(sys.executable)
        places = {"python": interpreter, "bin": interpreter.parent, "root": root, "home": home}
        return {**{name: str(place) for name, place in places.items()}, **told}
