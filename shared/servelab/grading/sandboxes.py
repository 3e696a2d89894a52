"""The sandboxes of one submission: started alike, their output collected, ended together.

Leaves out: how a process is confined, which is the isolation level's.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from servelab.errors import GraderFaultError
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.level import Command, Level
from servelab.grading.isolation.limit import Limits

_INSIDE = "inside"
_SETTLE_S = 0.1
"""An answer can overtake the traceback that belongs to it on its way through the pipe."""


class Unfinished(AssertionError):  # noqa: N818 - a failed expectation of a test, not a fault of the grader
    """Learner code ended without the value it was asked for; `output` holds what it printed."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


@dataclass(frozen=True)
class Finished:
    """A command that has ended: exit code, and its output with stderr, capped."""

    code: int
    output: str


class Sandboxes:
    """Starts the processes of one submission under one isolation level.

    Args:
        root: folder that holds `src`; only read.
        level: how its code is confined.
        limits: what each of its processes may use.

    Attributes:
        task: the task whose test runs.
        values_asked: how often learner code was asked for a value.
    """

    def __init__(self, root: Path, level: Level, limits: Limits) -> None:
        self._root = root
        self._level = level
        self._limits = limits
        self.task = ""
        self.values_asked = 0
        self._over = False
        self._running: list[Confined] = []
        self._printed_before: dict[int, int] = {}
        self.scratch = Path(tempfile.mkdtemp(prefix="sl-"))
        self.scratch.chmod(0o711)

    @property
    def inside_root(self) -> str:
        """The implementation's folder as its own tracebacks name it."""
        return str(self._level.root(self._root))

    def program(self, script: str) -> str:
        """Path of one of the grader's own programs as a sandbox sees it."""
        return str(self._hooks() / script)

    def start(
        self,
        argv: tuple[str, ...],
        env: Mapping[str, str] | None = None,
        readable: tuple[Path, ...] = (),
        fds: tuple[int, ...] = (),
        stdin: int | None = None,
    ) -> Confined:
        """Start a program beside the learner's code.

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
        whole = self._environment() | dict(env or {})
        command = Command(argv, self._root, home, whole, readable, fds, stdin)
        confined = self._level.start(command, self._limits)
        self._running.append(confined)
        if self._over:  # the time ended just now, when this one was not on the list yet
            confined.kill()
            self._refuse()
        return confined

    def _refuse(self) -> None:
        msg = f"the time for task {self.task} is over"
        raise Unfinished(msg, "")

    def _hooks(self) -> Path:
        place = _INSIDE if self._level.name != "process" else f"servelab/grading/{_INSIDE}"
        return self._level.library() / place

    def _environment(self) -> dict[str, str]:
        paths = [self._level.root(self._root), self._level.library(), self._hooks()]
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
        }

    def with_limits(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of Limits
        """Change limits of the processes that are started from now on."""
        self._limits = replace(self._limits, **changes)

    def begin_test(self, task: str) -> None:
        """Forget what was printed before."""
        self._over = self._over and task == self.task
        self.task = task
        self._running = [confined for confined in self._running if confined.code is None]
        self._printed_before = {id(confined): confined.printed for confined in self._running}

    def said(self, *, stuck: bool = False) -> str:
        """Return what has been printed since the test began.

        Args:
            stuck: learner code does not answer; end it so that it prints where it stands.
        """
        if stuck:
            for confined in self._running:
                confined.abort()
        time.sleep(_SETTLE_S)
        parts = []
        for confined in self._running:
            text = confined.output_since(self._printed_before.get(id(confined), 0))
            parts.append(text + (f"\nstopped: {confined.breach.sentence}" if confined.breach else ""))
        return "\n".join(part.strip("\n") for part in parts if part.strip())

    def end_task(self) -> None:
        """End every process, and start none before the next task begins: the time of this one is over."""
        self._over = True
        # Those of now: while they end, the next task may begin and start its own.
        ending = list(self._running)
        for confined in ending:
            confined.abort()
        for confined in ending:
            confined.kill()

    def kill_all(self) -> None:
        """End every process."""
        for confined in list(self._running):
            confined.kill()

    def close(self) -> None:
        """End every process and remove the scratch folder."""
        self.kill_all()
        shutil.rmtree(self.scratch, ignore_errors=True)


def python(*words: str) -> tuple[str, ...]:
    """Return the command line of the interpreter, which does not look for modules in the working folder."""
    return (sys.executable, "-P", *words)


def finish(
    confined: Confined, timeout_s: float, otherwise: str = "it still runs, and should have ended"
) -> Finished:
    """Wait for the end of a command.

    Raises:
        Unfinished: it did not end in time; `otherwise` is the message.
    """
    try:
        code = confined.wait(timeout_s)
    except TimeoutError:
        confined.abort()
        confined.kill()
        raise Unfinished(otherwise, confined.output) from None
    return Finished(code, confined.output)
