"""The isolation levels and how each opens a sandbox.

A level is asked for by name; one that this machine lacks says why in one sentence.
Source: bubblewrap(1); the measurements of RLIMIT_NPROC under a shared uid that made
the separate real uid necessary.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from servelab.errors import GraderFaultError
from servelab.grading.isolation import bubblewrap
from servelab.grading.isolation.identity import counts_threads, open_to_others, own_uid
from servelab.grading.isolation.limit import UNLIMITED, Limits
from servelab.grading.isolation.sandbox import Sandbox, Setting
from servelab.grading.isolation.usage import threads_of

LevelName = Literal["process", "bubblewrap"]

INSIDE = Path(__file__).parents[1] / "inside"
_FLAGS = ("-E", "-s", "-S")
"""Of the first process: it imports its neighbours, and nothing from the environment or site-packages."""


@dataclass(frozen=True)
class Place:
    """What a sandbox is opened for.

    Attributes:
        root: the implementation's folder outside; also the working folder.
        scratch: an empty folder for HOME and TMPDIR (process level only).
        env: the environment of every program in it.
        readable: further files and folders that it may read, at the same path inside.
        environments: prefixes of the Python environments that it sees, beside the grader's own.
        scratch_mib: size of each writable place (bubblewrap only).
    """

    root: Path
    scratch: Path
    env: Mapping[str, str] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    environments: tuple[Path, ...] = ()
    scratch_mib: int = Limits.scratch_mib


class Level(Protocol):
    """A way to confine programs."""

    name: LevelName

    def root(self, outside: Path) -> Path:
        """Where the implementation's folder lies for a confined program."""

    def library(self) -> Path:
        """Folder from which a confined program imports `servelab`."""

    def open(self, place: Place) -> Sandbox:
        """Open a sandbox."""


class ProcessLevel:
    """Own session, limits and environment; files and ports are the machine's: for practice.

    Started as root, the sandbox gets another uid where that can reach the interpreter and the submission.
    """

    name: LevelName = "process"
    parts_users = True

    def root(self, outside: Path) -> Path:
        """The folder itself."""
        return outside

    def library(self) -> Path:
        """The package's own place."""
        return Path(__file__).parents[3]

    def open(self, place: Place) -> Sandbox:
        """Open a sandbox whose first process ends everything below it when the grader hangs up."""
        return Sandbox(self._setting(place))

    def _setting(self, place: Place) -> Setting:
        needed = (
            Path(sys.executable).resolve(),
            Path(sys.prefix),
            self.library(),
            place.root,
            *place.readable,
            *place.environments,
        )
        uid = (
            own_uid() if self.parts_users and os.geteuid() == 0 and all(map(open_to_others, needed)) else None
        )
        if uid is not None:
            os.chown(place.scratch, uid, uid)
        home = str(place.scratch)
        return Setting(
            argv=(sys.executable, *_FLAGS, str(INSIDE / "sandbox.py")),
            env={"HOME": home, "TMPDIR": home, **place.env},
            cwd=place.root,
            uid=uid,
            walled=False,
            # Without a uid of its own the learner's editor and browser count, too.
            other_threads=0 if uid is not None else threads_of(os.geteuid()) + 1024,
        )


class DebugLevel(ProcessLevel):
    """The level "process" without limits, and with `breakpoint()` stopping at a terminal.

    Args:
        device: path of the terminal.
        editor: an editor attaches instead.
    """

    parts_users = False  # a terminal belongs to whoever sits at it

    def __init__(self, device: str, *, editor: bool) -> None:
        self._env = {
            "PYTHONBREAKPOINT": "breakpoint_stop.stop",
            "SERVELAB_TERMINAL": device,
            "SERVELAB_EDITOR": "1" if editor else "",
        }

    def open(self, place: Place) -> Sandbox:
        """Open a sandbox in which nothing is limited."""
        return Sandbox(replace(self._setting(place), override=self._env, limits=UNLIMITED))


class BubblewrapLevel:
    """Own user, PID and network namespaces; sees the submission, the interpreter, the zoo and the bench."""

    name: LevelName = "bubblewrap"

    def root(self, outside: Path) -> Path:  # noqa: ARG002 - the same place for every submission: paths tell nothing
        """The same place for every submission."""
        return bubblewrap.SUBMISSION

    def library(self) -> Path:
        """A folder that holds of `servelab` only what learner code may import."""
        return bubblewrap.LIBRARY

    def open(self, place: Place) -> Sandbox:
        """Open a sandbox in new namespaces, under a uid that nothing else uses."""
        uid = own_uid() if os.geteuid() == 0 else None
        view = bubblewrap.View(
            place.root, place.readable, place.environments, place.scratch_mib, uid or os.geteuid()
        )
        with bubblewrap.arguments(view, as_root=uid is not None) as (argv, fds):
            setting = Setting(
                argv=(*argv, sys.executable, *_FLAGS, str(bubblewrap.INSIDE / "sandbox.py")),
                env={"HOME": "/tmp", "TMPDIR": "/tmp", **place.env},  # noqa: S108 - a tmpfs of its own
                cwd=bubblewrap.SUBMISSION,
                uid=uid,
                walled=True,
                other_threads=0 if uid is not None or counts_threads() else None,
                fds=fds,
            )
            return Sandbox(setting)


def level(name: str) -> Level:
    """Return an isolation level that works on this machine.

    Raises:
        GraderFaultError: it is unknown or this machine lacks it.
    """
    if name == "process":
        return ProcessLevel()
    if name == "bubblewrap":
        if reason := bubblewrap.lacking():
            raise GraderFaultError(reason)
        return BubblewrapLevel()
    msg = f"there is no isolation level {name!r}; the levels are process and bubblewrap"
    raise GraderFaultError(msg)


def best() -> Level:
    """Return the strongest level that this machine has."""
    return ProcessLevel() if bubblewrap.lacking() else BubblewrapLevel()
