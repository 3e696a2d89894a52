"""A sandbox: several programs of one submission with one network, one uid, one scratch place.

The grader's end of `inside/sandbox.py`, which is the first process in there. A test
outside reaches a port inside by a socket that was connected in there, and a service
outside is reached from inside at a socket that the grader listens on in there: no
program has to relay anything, so a port that nobody listens on refuses connections.
Leaves out: sandboxes that see each other.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from servelab.errors import GraderFaultError
from servelab.grading.inside.process_tree import children, descendants, send
from servelab.grading.isolation import cgroup
from servelab.grading.isolation.cgroup import Cgroup
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.control import Control
from servelab.grading.isolation.limit import MIB, Limits
from servelab.grading.isolation.program import Program

CONNECT_S = 5.0
LOOPBACK = "127.0.0.1"
_END_S = 6.0


@dataclass(frozen=True)
class Command:
    """A program to run in a sandbox.

    Attributes:
        argv: program and arguments; the program is an absolute path.
        env: added to the environment of the sandbox.
        cwd: working folder as the sandbox names it; the implementation's by default.
        stdin: descriptor that it reads, or None for nothing.
        fds: open descriptors that it inherits as 3, 4, ….
    """

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    stdin: int | None = None
    fds: tuple[int, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What an isolation level says of a sandbox that it opens.

    Attributes:
        argv: command line of the first process, to which its configuration is added.
        env: the environment of every program, but for what its command adds.
        override: environment that no command changes.
        cwd: the implementation's folder as the sandbox names it.
        uid: the user that it becomes, None for that of the grader.
        walled: whether it has a network and process ids of its own.
        other_threads: threads of its user outside of it, None where the kernel should not count any.
        limits: those of every program, in the place of its own.
        fds: descriptors that the first process inherits.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    uid: int | None
    walled: bool
    other_threads: int | None
    override: Mapping[str, str] = field(default_factory=dict)
    limits: Limits | None = None
    fds: tuple[int, ...] = ()


class Sandbox:
    """A sandbox in which programs are started; the death of the thread that opened it ends it."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._closing = threading.Lock()
        self._closed = False
        self._untouched = True
        self._running: list[Limits] = []
        line, theirs = socket.socketpair()
        config = json.dumps({"control": theirs.fileno(), "uid": setting.uid})
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the grader's own program around the submission
                [*setting.argv, config],
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(), *setting.fds),
                start_new_session=True,
            )
        except OSError as error:
            line.close()
            msg = f"cannot start a sandbox: {error}"
            raise GraderFaultError(msg) from error
        finally:
            theirs.close()
        self._control = Control(line, self._process)

    @property
    def alive(self) -> bool:
        """Whether programs can still be started in it."""
        return self._process.poll() is None

    @property
    def untouched(self) -> bool:
        """Whether no program has run in it yet, so that its end can only be the grader's fault."""
        return self._untouched

    @property
    def walled(self) -> bool:
        """Whether its ports are its own, and not those of the machine."""
        return self._setting.walled

    def start(self, command: Command, limits: Limits, *, alone: bool = False) -> Confined:
        """Start a program.

        Args:
            command: what to run.
            limits: what it may use.
            alone: with its end everything in it ends.

        Raises:
            SandboxEndedError: this sandbox has ended.
        """
        limits = self._setting.limits or limits
        group = Cgroup(limits) if self._setting.limits is None and cgroup.version() else None
        entrances = group.entrances() if group else []
        output, printed = os.pipe()
        status, told = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            if self._setting.uid is not None:
                # Who opens /dev/stdout again, as nginx does for its log, must be the owner of the pipe.
                os.fchown(printed, self._setting.uid, self._setting.uid)
            stdin = nothing if command.stdin is None else command.stdin
            descriptors = [stdin, printed, told, *entrances, *command.fds]
            order = self._order(command, limits, cgroups=len(entrances), alone=alone)
            answer = self._ask_to_start(order, descriptors)
        except BaseException:
            os.close(output)
            os.close(status)
            if group:
                group.remove()
            raise
        finally:
            for descriptor in (printed, told, nothing, *entrances):
                os.close(descriptor)
        self._running.append(limits)
        self._untouched = False

        def release() -> None:
            self._running.remove(limits)
            if alone:
                self.close()

        program = Program(
            self._control,
            answer["pid"],
            answer["supervisor"],
            wrapper=self._process.pid if self.walled else None,
            group=group,
            alone=alone,
            destroy=self.close,
            release=release,
        )
        return Confined(program, output, status, limits)

    def _ask_to_start(self, order: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        answer, _ = self._control.ask({"start": order}, descriptors)
        if "refused" in answer:
            raise OSError(answer["refused"])
        return answer

    def _order(self, command: Command, limits: Limits, *, cgroups: int, alone: bool) -> dict[str, Any]:
        setting = self._setting
        # A second more than the watcher gives, so that mostly it ends the tree: it can say why.
        seconds = limits.cpu_s + 1
        size = limits.file_mib * MIB
        rlimits = {"CPU": seconds, "NOFILE": limits.open_files, "FSIZE": size, "CORE": 0}
        if setting.other_threads is not None:
            # The kernel counts those of a user: of all programs here, their supervisors, the first process.
            allowed = [each.threads + 1 for each in (limits, *self._running)]
            rlimits["NPROC"] = setting.other_threads + 1 + sum(allowed)
        return {
            "argv": command.argv,
            "env": {**setting.env, **command.env, **setting.override},
            "cwd": str(command.cwd or setting.cwd),
            "limits": rlimits,
            "cgroups": cgroups,
            "alone": alone,
        }

    def connect(self, target: int | str) -> socket.socket:
        """Return a connection to a port of its loopback interface, or to a Unix socket in it.

        Raises:
            OSError: nobody listens there.
            SandboxEndedError: this sandbox has ended.
        """
        if not self.walled:
            return connect_here(target)
        answer, given = self._control.ask({"connect": target})
        if not given:
            msg = f"{target}: {answer.get('refused')}"
            raise ConnectionRefusedError(msg)
        return _when_connected(socket.socket(fileno=given[0]), target)

    def listen(self, port: int) -> socket.socket:
        """Return a socket that listens inside; outside of walls on a free port of the machine instead.

        Raises:
            OSError: the port is taken.
            SandboxEndedError: this sandbox has ended.
        """
        if not self.walled:
            return socket.create_server((LOOPBACK, 0))
        answer, given = self._control.ask({"listen": port})
        if not given:
            msg = f"port {port}: {answer.get('refused')}"
            raise OSError(msg)
        return socket.socket(fileno=given[0])

    def close(self) -> None:
        """End every program at once, and wait until they are gone.

        Raises:
            GraderFaultError: the kernel does not let go of them.
        """
        with self._closing:
            if not self._closed:
                self._close()
                self._closed = True

    def _close(self) -> None:
        if self.walled and self.alive:
            # With the first process of a namespace the kernel ends all others.
            for pid in children(self._process.pid):
                send(pid, signal.SIGKILL)
        # Elsewhere, or when it is only just starting, it ends them itself.
        self._control.hang_up()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_S)
        if self.alive:
            # It is slow, or stuck: then what is below it is ended from here.
            for pid in descendants(self._process.pid):
                send(pid, signal.SIGKILL)
            self._process.kill()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired as error:
            msg = f"process {self._process.pid} of a submission can't be killed"
            raise GraderFaultError(msg) from error
        self._control.close()
        if self._process.stderr is not None:
            self._process.stderr.close()


def connect_here(target: int | str) -> socket.socket:
    """Return a connection to a port or a Unix socket of this machine.

    Raises:
        OSError: nobody listens there.
    """
    if isinstance(target, int):
        return socket.create_connection((LOOPBACK, target), CONNECT_S)
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(CONNECT_S)
        made.connect(target)
    except BaseException:
        made.close()
        raise
    return made


def _when_connected(made: socket.socket, target: int | str) -> socket.socket:
    poll = select.poll()
    poll.register(made, select.POLLOUT)
    error = made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if poll.poll(CONNECT_S * 1000) else -1
    if error:
        made.close()
        reason = os.strerror(error) if error > 0 else f"no connection within {CONNECT_S:g} s"
        msg = f"{target}: {reason}"
        raise ConnectionRefusedError(msg)
    made.settimeout(None)
    return made
