"""The sandboxes of one submission: opened alike, their output collected, ended with the task they belong to.

Leaves out: how a program is confined, which is the isolation level's.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from servelab import clock
from servelab.errors import GraderFaultError
from servelab.grading.client import Trace
from servelab.grading.intake import discard
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.control import SandboxEndedError
from servelab.grading.isolation.level import Level, Place
from servelab.grading.isolation.limit import Limits
from servelab.grading.isolation.sandbox import Command, Sandbox
from servelab.grading.process import Unfinished

SANDBOX_ENDED = "the sandbox of your programs has ended"
_INSIDE = "inside"
_SETTLE_S = 0.1
"""An answer can overtake the traceback that belongs to it on its way through the pipe."""


@dataclass(frozen=True)
class Opened:
    """A sandbox, the task that it was opened for (None when it is kept for others), and what runs in it."""

    sandbox: Sandbox
    task: str | None
    programs: list[Confined]

    def end(self) -> None:
        """End everything in it, and wait until the end of each program is known."""
        self.sandbox.close()
        for confined in self.programs:
            confined.kill()


class SandboxPool:
    """Opens the sandboxes of one submission under one isolation level.

    Args:
        root: folder that holds `src`, as the task sees it; only read.
        level: how its code is confined.
        patient: wait as long as it takes, for someone who debugs it.

    Attributes:
        trace: the last call, for a failure's message.
        task: the task whose test runs.
        values_asked: how often learner code was asked for a value.
        scratch: folder of the submission outside; folders in it can be shown to it.
        clock: the file by which the time that learner code sees is moved.
    """

    def __init__(self, root: Path, level: Level, *, patient: bool = False) -> None:
        self.root = root
        self.patient = patient
        self.trace = Trace()
        self._level = level
        self.task = ""
        self.values_asked = 0
        self._over = False
        self._turn = threading.Lock()
        self._keeping = False
        self._opened: dict[Sandbox, Opened] = {}
        self._printed_before: dict[int, int] = {}
        self.scratch = Path(tempfile.mkdtemp(prefix="sl-"))
        self.scratch.chmod(0o711)
        self.clock = self.scratch / "clock"
        self.clock.write_bytes(clock.FORMAT.pack(0))
        self.clock.chmod(0o644)

    @property
    def walled(self) -> bool:
        """Whether each sandbox has a network of its own."""
        return self._level.name != "process"

    @property
    def inside_root(self) -> str:
        """The implementation's folder as its own tracebacks name it."""
        return str(self._level.root(self.root))

    def program(self, script: str) -> str:
        """Path of one of the grader's own programs as a sandbox sees it."""
        return str(self._hooks() / script)

    def open(
        self,
        readable: tuple[Path, ...] = (),
        environments: tuple[Path, ...] = (),
        scratch_mib: int = Limits.scratch_mib,
    ) -> tuple[Sandbox, Path]:
        """Open a sandbox, and return it with the folder in which its programs may write, as they name it.

        Raises:
            Unfinished: the time of the task is over.
            GraderFaultError: the machine refuses, for want of disk space, say.
        """
        if self._over:
            self._refuse()
        try:
            home = Path(tempfile.mkdtemp(dir=self.scratch))
        except OSError as error:
            msg = f"cannot make a scratch folder: {error}"
            raise GraderFaultError(msg) from error
        place = Place(
            self.root, home, self._environment(), (*readable, self.clock), environments, scratch_mib
        )
        sandbox = self._level.open(place)
        with self._turn:
            self._opened[sandbox] = Opened(sandbox, None if self._keeping else self.task, [])
        if self._over:  # the time ended just now, when this one was not on the list yet
            sandbox.close()
            self._refuse()
        return sandbox, Path("/tmp") if self.walled else home  # noqa: S108 - a tmpfs of its own

    def start(self, sandbox: Sandbox, command: Command, limits: Limits, *, alone: bool = False) -> Confined:
        """Start a program in a sandbox.

        Raises:
            Unfinished: the time of the task is over, or the sandbox has ended.
            GraderFaultError: a sandbox that nothing has run in yet has ended.
        """
        if self._over:
            self._refuse()
        try:
            confined = sandbox.start(command, limits, alone=alone)
        except OSError as error:
            msg = f"cannot start a confined program: {error}"
            raise GraderFaultError(msg) from error
        except SandboxEndedError as error:
            if self._over:
                self._refuse()
            if sandbox.untouched:
                msg = f"cannot start a confined program: {error}"
                raise GraderFaultError(msg) from error
            raise Unfinished(SANDBOX_ENDED, "") from error
        self._opened[sandbox].programs.append(confined)
        return confined

    def end(self, sandbox: Sandbox) -> None:
        """End everything in a sandbox."""
        if (opened := self._opened.pop(sandbox, None)) is not None:
            opened.end()

    def run(self, command: Command, limits: Limits, readable: tuple[Path, ...] = ()) -> Confined:
        """Start a program in a sandbox of its own, which ends with it."""
        sandbox, _ = self.open(readable, scratch_mib=limits.scratch_mib)
        return self.start(sandbox, command, limits, alone=True)

    def _refuse(self) -> None:
        msg = f"the time for task {self.task} is over"
        raise Unfinished(msg, "")

    def _hooks(self) -> Path:
        place = _INSIDE if self.walled else f"servelab/grading/{_INSIDE}"
        return self._level.library() / place

    def _environment(self) -> dict[str, str]:
        paths = [self._level.root(self.root), self._level.library(), self._hooks()]
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONNOUSERSITE": "1",
            "PYTHONFAULTHANDLER": "1",
            "PYTHONBREAKPOINT": "breakpoint_refusal.refuse",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            # One thread each: on a machine of many cores their pools alone would exceed the limit.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            clock.VARIABLE: str(self.clock),
        }

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Let what is started in this block outlive the task that asks for it."""
        before, self._keeping = self._keeping, True
        try:
            yield
        finally:
            self._keeping = before

    def begin_test(self, task: str) -> None:
        """Forget what was printed before."""
        with self._turn:
            self._over = self._over and task == self.task
            self.task = task
            self._opened = {sandbox: each for sandbox, each in self._opened.items() if sandbox.alive}
        for each in self._opened.values():
            each.programs[:] = [confined for confined in each.programs if confined.code is None]
        self._printed_before = {id(confined): confined.printed for confined in self._programs()}

    def _programs(self) -> list[Confined]:
        return [confined for each in self._opened.values() for confined in each.programs]

    def said(self, *, stuck: bool = False) -> str:
        """Return what has been printed since the test began.

        Args:
            stuck: learner code does not answer; end it so that it prints where it stands.
        """
        if stuck:
            for confined in self._programs():
                confined.abort()
        time.sleep(_SETTLE_S)
        parts = []
        for confined in self._programs():
            text = confined.output_since(self._printed_before.get(id(confined), 0))
            parts.append(text + (f"\nstopped: {confined.breach.sentence}" if confined.breach else ""))
        return "\n".join(part.strip("\n") for part in parts if part.strip())

    def end_task(self, task: str) -> None:
        """End what belongs to a task, and start nothing before the next one begins: its time is over.

        What is kept for other tasks goes on.
        """
        with self._turn:
            if task != self.task:
                return  # the next one has begun, and may not pay for it
            self._over = True
            ending = [each for each in self._opened.values() if each.task == task]
        for each in ending:
            for confined in each.programs:
                confined.abort()
        for each in ending:
            each.end()

    def close(self) -> None:
        """End every program and remove the scratch folder."""
        try:
            for each in list(self._opened.values()):
                each.end()
        finally:
            discard(self.scratch)


def python(*words: str) -> tuple[str, ...]:
    """Return the command line of this interpreter, which does not look for modules in the working folder."""
    return (sys.executable, "-P", *words)
