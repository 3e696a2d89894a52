"""A world: several programs of a submission in one sandbox, and what a test may do with them.

    with submission.world(binds=[models]) as world:
        broker = world.admit(endpoint_of(redis), port=6379)
        worker, api = world.start("worker"), world.start("api")
        with broker.held(): …

    with submission.world() as world:                                  # as a workspace
        world.put("in.jsonl", rows)
        job = world.begin("src.batch", "in.jsonl", "out.jsonl")
        model.wait_for_calls(3); job.kill()
        world.run("src.batch", "in.jsonl", "out.jsonl")
        assert whole == (world.fetch("out.jsonl") / "out.jsonl").read_bytes()

What runs in it shares one network, one uid and one writable folder; it sees nothing of the
tests, of another submission, or of an admitted service beyond its port.
"""

import os
import select
import socket
import sys
import tarfile
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servelab.grading.artefact import unpack
from servelab.grading.endpoint import Endpoint, InsideEndpoint
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.control import SandboxEndedError
from servelab.grading.isolation.limit import MIB, Limits
from servelab.grading.isolation.sandbox import Command
from servelab.grading.listening import listening
from servelab.grading.manifest import Exercise
from servelab.grading.process import Finished, Process, Unfinished, finish
from servelab.grading.program import Program
from servelab.grading.proxy import Proxy
from servelab.grading.sandbox_pool import SANDBOX_ENDED, SandboxPool, python
from servelab.grading.service import Service

MAX_ARTEFACT_BYTES = 64 * MIB
ARCHIVE_S = 30.0
LOOK_MS = 50
CHUNK_BYTES = 1 << 16


class World:
    """A sandbox of a submission in which several programs run.

    Args:
        pool: of the submission.
        exercise: whose programs may be started in it.
        binds: folders outside that they may read, for the sockets and the artefacts in them.
        changes: fields of the limits of all programs that are other than the manifest says.

    Attributes:
        folder: where its programs may write, as they name it; working folder of commands.
    """

    def __init__(
        self, pool: SandboxPool, exercise: Exercise, binds: tuple[Path, ...], changes: Mapping[str, Any]
    ) -> None:
        self._pool = pool
        self._exercise = exercise
        self._changes = changes
        self._proxies: list[Proxy] = []
        limits = [self._limits_of(program) for program in (None, *exercise.programs)]
        own = [each.prefix for each in exercise.environments if each.where == "own"]
        size = max(each.scratch_mib for each in limits)
        self._sandbox, self.folder = pool.open(binds, tuple(filter(Path.is_dir, own)), size)

    def _limits_of(self, program: Program | None) -> Limits:
        return replace(program.limits if program else Limits(), **self._changes)

    def start(self, name: str, env: Mapping[str, str] | None = None) -> Service:
        """Start a program of the exercise, and wait until it is ready.

        Raises:
            StartFailed: it ended, or was not ready in time.
        """
        service = self.launch(name, env)
        service.wait_until_ready()
        return service

    def launch(self, name: str, env: Mapping[str, str] | None = None, *, alone: bool = False) -> Service:
        """Start a program of the exercise without waiting for it."""
        program = next(each for each in self._exercise.programs if each.name == name)
        with listening(program, self._sandbox, self._pool.scratch, self.folder) as told:
            interpreter, path = self._python(program)
            where = (self._pool.inside_root, told.words, interpreter, self.folder)
            variables = {**path, **program.variables(*where), **(env or {})}
            command = Command(program.command(*where), variables, fds=told.fds)
            confined = self._pool.start(self._sandbox, command, self._limits_of(program), alone=alone)
        return Service(program, confined, told.endpoints, self._pool)

    def _python(self, program: Program) -> tuple[Path, dict[str, str]]:
        """Return the interpreter of a program, and the PATH on which it finds what came with it."""
        if not program.environment:
            return Path(sys.executable), {}
        interpreter = self._exercise.environment(program.environment).python
        return interpreter, {"PATH": f"{interpreter.parent}:/usr/local/bin:/usr/bin:/bin"}

    def endpoint(self, port: int) -> Endpoint:
        """Return a port inside, for a test outside."""
        return InsideEndpoint(self._sandbox, port)

    def admit(self, endpoint: Endpoint, port: int) -> Proxy:
        """Let programs inside reach a service outside, at a port of their own loopback interface.

        Returns:
            What is between them: it can hold, cut, delay; its `port` is the one inside (at level
            "process" another one, a free port of the machine).

        Raises:
            Unfinished: a program inside has taken the port, or has brought the sandbox down.
        """

        def listen() -> socket.socket:
            try:
                return self._sandbox.listen(port)
            except SandboxEndedError as error:
                raise Unfinished(SANDBOX_ENDED, "") from error
            except OSError as error:
                msg = f"one of your programs listens on port {port}, which is that of a service"
                raise Unfinished(msg, "") from error

        proxy = Proxy(listen, endpoint)
        self._proxies.append(proxy)
        return proxy.__enter__()

    def begin(self, module: str, *arguments: str, env: Mapping[str, str] | None = None) -> Process:
        """Start `python -m module arguments…` in the world's folder, and go on."""
        self._pool.trace.last = " ".join(["python", "-m", module, *arguments])
        return Process(self._command(python("-m", module, *arguments), env=env))

    def run(
        self, module: str, *arguments: str, env: Mapping[str, str] | None = None, timeout_s: float = 30.0
    ) -> Finished:
        """Run `python -m module arguments…` in the world's folder to its end."""
        return self.begin(module, *arguments, env=env).wait(timeout_s)

    def run_inside(
        self, script: str, *arguments: str, env: Mapping[str, str] | None = None, timeout_s: float
    ) -> Finished:
        """Run one of the grader's own programs beside the learner's code, in the implementation's folder."""
        argv = python(self._pool.program(script), *arguments)
        command = Command(argv, dict(env or {}))
        return finish(self._pool.start(self._sandbox, command, self._limits_of(None)), timeout_s)

    def put(self, name: str, data: bytes) -> None:
        """Write a file into the world's folder."""
        packed = BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, BytesIO(data))
        reader, writer = os.pipe()
        threading.Thread(target=_write, args=(writer, packed.getvalue()), daemon=True).start()
        try:
            confined = self._command(python(self._pool.program("archive.py"), "unpack"), stdin=reader)
        finally:
            os.close(reader)
        ended = finish(confined, ARCHIVE_S, f"{name} could not be written into your folder in time")
        if ended.code != 0:
            msg = f"{name} could not be written into your folder"
            raise Unfinished(msg, ended.output)

    def fetch(self, *names: str) -> Path:
        """Return a folder of the grader's with copies of files of the world's folder.

        Args:
            names: files or folders, relative to the world's folder; all of it without one.

        Raises:
            Unfinished: one is missing, or they are too much.
        """
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as pipe:
            try:
                argv = python(self._pool.program("archive.py"), "pack", *(names or (".",)))
                confined = self._command(argv, fds=(writer,))
            finally:
                os.close(writer)
            # A neighbour may hold the other end open; with the time of the command the reading ends, too.
            os.set_blocking(reader, False)
            packed = _read(pipe.fileno(), confined, MAX_ARTEFACT_BYTES + 1)
        ended = finish(confined, ARCHIVE_S, "your files could not be fetched in time")
        if ended.code != 0 and len(packed) <= MAX_ARTEFACT_BYTES:
            msg = f"{', '.join(names)}: not there"
            raise Unfinished(msg, ended.output)
        return unpack(packed, MAX_ARTEFACT_BYTES, self._pool.scratch)

    def _command(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str] | None = None,
        stdin: int | None = None,
        fds: tuple[int, ...] = (),
    ) -> Confined:
        command = Command(argv, dict(env or {}), self.folder, stdin, fds)
        return self._pool.start(self._sandbox, command, self._limits_of(None))

    @property
    def alive(self) -> bool:
        """Whether programs can still be started in it."""
        return self._sandbox.alive

    def close(self) -> None:
        """End everything in it."""
        with ExitStack() as stack:
            for proxy in self._proxies:
                stack.callback(proxy.close)
            self._pool.end(self._sandbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _write(pipe: int, data: bytes) -> None:
    with suppress(OSError), os.fdopen(pipe, "wb") as file:
        file.write(data)


def _read(pipe: int, confined: Confined, max_bytes: int) -> bytes:
    """Return what a program writes to a pipe, until it or its time has ended."""
    received = bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    deadline = time.monotonic() + ARCHIVE_S
    while len(received) < max_bytes and time.monotonic() < deadline:
        ended = confined.code is not None
        if poll.poll(LOOK_MS):
            chunk = os.read(pipe, min(CHUNK_BYTES, max_bytes - len(received)))
            received += chunk
            if not chunk:
                break
        elif ended:
            break
    return bytes(received)
