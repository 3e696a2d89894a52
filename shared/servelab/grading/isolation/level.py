"""The isolation levels and how each starts a command.

A level is asked for by name; one that this machine lacks says why in one sentence.
Source: bubblewrap(1); the measurements of RLIMIT_NPROC under a shared uid that made
the separate real uid necessary.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Protocol

from servelab.errors import GraderFaultError
from servelab.grading.isolation import bubblewrap
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.identity import open_to_others, own_uid, process_limit
from servelab.grading.isolation.limit import UNLIMITED, Limits

LevelName = Literal["process", "bubblewrap"]

ENTER = Path(__file__).parents[1] / "inside" / "enter.py"


@dataclass(frozen=True)
class Command:
    """A command to run confined.

    Attributes:
        argv: program and arguments; the program is an absolute path.
        root: the implementation's folder outside; also the working folder.
        scratch: an empty folder for HOME and TMPDIR (process level only).
        env: the whole environment.
        readable: further files and folders that it may read, at the same path inside.
        fds: open descriptors that it inherits.
        stdin: what it reads, or None for nothing.
    """

    argv: tuple[str, ...]
    root: Path
    scratch: Path
    env: Mapping[str, str] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    fds: tuple[int, ...] = ()
    stdin: int | None = None


class Level(Protocol):
    """A way to confine a command."""

    name: LevelName

    def root(self, outside: Path) -> Path:
        """Where the implementation's folder lies for the confined command."""

    def library(self) -> Path:
        """Folder from which the confined command imports `servelab`."""

    def start(self, command: Command, limits: Limits) -> Confined:
        """Start the command."""


class ProcessLevel:
    """Own session, limits and environment, all killed at the end; files stay readable: for practice.

    Started as root, the tree gets another uid where that can reach the interpreter and the submission.
    """

    name: LevelName = "process"
    parts_users = True

    def root(self, outside: Path) -> Path:
        """The folder itself."""
        return outside

    def library(self) -> Path:
        """The package's own place."""
        return Path(__file__).parents[3]

    def start(self, command: Command, limits: Limits) -> Confined:
        """Start the command below a supervisor that ends its whole tree."""
        needed = (
            Path(sys.executable).resolve(),
            Path(sys.prefix),
            self.library(),
            command.root,
            *command.readable,
        )
        uid = (
            own_uid() if self.parts_users and os.geteuid() == 0 and all(map(open_to_others, needed)) else None
        )
        if uid is not None:
            os.chown(command.scratch, uid, uid)
        home = str(command.scratch)
        whole = replace(command, env={"HOME": home, "TMPDIR": home, **command.env})
        config = _config(uid, limits, process_limit(uid, limits.processes, namespace=False), supervise=True)
        argv = [sys.executable, "-I", "-S", str(ENTER), config, *command.argv]
        return _spawn(argv, whole, limits, supervised=True)


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

    def start(self, command: Command, limits: Limits) -> Confined:  # noqa: ARG002 - nothing is limited
        """Start the command."""
        return super().start(replace(command, env={**command.env, **self._env}), UNLIMITED)


class BubblewrapLevel:
    """Own user, PID and network namespaces; sees the submission, the interpreter, the zoo and the bench."""

    name: LevelName = "bubblewrap"

    def root(self, outside: Path) -> Path:  # noqa: ARG002 - the same place for every submission: paths tell nothing
        """The same place for every submission."""
        return bubblewrap.SUBMISSION

    def library(self) -> Path:
        """A folder that holds of `servelab` only what learner code may import."""
        return bubblewrap.LIBRARY

    def start(self, command: Command, limits: Limits) -> Confined:
        """Start the command in new namespaces under a uid that nothing else uses."""
        uid = own_uid() if os.geteuid() == 0 else None
        config = _config(uid, limits, process_limit(uid, limits.processes, namespace=True), supervise=False)
        inner = [sys.executable, "-I", "-S", str(bubblewrap.ENTER), config, *command.argv]
        env = {"HOME": "/tmp", "TMPDIR": "/tmp", **command.env}  # noqa: S108 - a tmpfs of its own
        with bubblewrap.filter_descriptor() as filter_fd:
            view = bubblewrap.arguments(
                command.root, command.readable, limits.scratch_bytes, filter_fd, as_root=uid is not None
            )
            whole = replace(command, env=env, fds=(*command.fds, filter_fd))
            return _spawn([*view, *inner], whole, limits, supervised=False)


def _config(uid: int | None, limits: Limits, processes: int | None, *, supervise: bool) -> str:
    # A second more than the watcher gives, so that mostly it ends the tree: it can say why.
    seconds = limits.cpu_s + 1
    rlimits = {"CPU": seconds, "NOFILE": limits.open_files, "FSIZE": limits.file_bytes, "CORE": 0}
    if processes is not None:
        rlimits["NPROC"] = processes
    return json.dumps({"uid": uid, "limits": rlimits, "supervise": supervise})


def _spawn(argv: Sequence[str], command: Command, limits: Limits, *, supervised: bool) -> Confined:
    try:
        process = subprocess.Popen(  # noqa: S603 - the grader's own wrapper around the submission
            argv,
            cwd=command.root,
            env=dict(command.env),
            stdin=subprocess.DEVNULL if command.stdin is None else command.stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=command.fds,
            start_new_session=True,
        )
    except OSError as error:
        msg = f"cannot start a confined process: {error}"
        raise GraderFaultError(msg) from error
    return Confined(process, limits, supervised=supervised)


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
