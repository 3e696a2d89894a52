"""The boundary: all that a graded test can touch of a learner's implementation.

Learner code never shares a process with a test. A test starts a service and is its
client, opens a world of several programs, calls one function, plays one scenario, runs one
command or reads one file; back come plain JSON values, capped text and files.
Source: pytest-prairielearn v2 (student code behind a socket), CodeCrafters (black-box servers);
no hardening inside one process was enough against the attacks in `shared/tests/hostile`.
Leaves out: whether a value that comes back is true. What `call` and `play` return is the
submission's own word; only what a client sees from outside is evidence.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servelab.errors import GraderFaultError
from servelab.grading.image import Image, built
from servelab.grading.intake.entry import UnreadableError
from servelab.grading.intake.safe_reader import SafeReader
from servelab.grading.isolation.level import Level
from servelab.grading.isolation.limit import Limits
from servelab.grading.isolation.sandbox import Command
from servelab.grading.kept import Kept, Reset, Start
from servelab.grading.manifest import Exercise
from servelab.grading.moved_clock import MovedClock
from servelab.grading.process import Finished, Unfinished, finish
from servelab.grading.sandbox_pool import SandboxPool, python
from servelab.grading.service import Service, StartFailed
from servelab.grading.target import check_target
from servelab.grading.value import ask
from servelab.grading.view import Views
from servelab.grading.world import World

__all__ = ["Finished", "Submission", "Unfinished"]

MAX_READ_BYTES = 256 * 1024


class Submission:
    """One implementation of an exercise under one isolation level.

    Args:
        exercise: whose programs and tests it belongs to.
        root: folder that holds `src`; only read.
        level: how its code is confined.
        seed: seeds the models of this grading run.
        patient: wait as long as it takes, for someone who debugs it.

    Attributes:
        trace: the last call, for a failure's message.
        clock: moves the time that learner code sees; it is set back before each test.
        pool: where its programs run; for the grader, not for tests.
    """

    def __init__(
        self, exercise: Exercise, root: Path, level: Level, seed: int, *, patient: bool = False
    ) -> None:
        self.exercise = exercise
        self.seed = seed
        self._changes: dict[str, Any] = {}
        self.pool = SandboxPool(root, level, patient=patient)
        self.clock = MovedClock(self.pool.clock)
        self._views = Views(exercise, root, self.pool.scratch)
        self.trace = self.pool.trace
        self._kept = Kept(self.pool)
        self._failed_starts: set[str] = set()

    def serve(
        self,
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
        program: str | None = None,
    ) -> Service:
        """Start a program of the exercise in a sandbox of its own, and wait until it is ready.

        Args:
            env: settings of the service, as environment variables.
            binds: folders outside that it may read, for the sockets in them.
            program: its name, the exercise's first one by default.

        Raises:
            StartFailed: it ended or was not ready in time; the same start is not tried twice.
        """
        key = json.dumps(
            [str(self.pool.root), program, sorted((env or {}).items()), [str(bind) for bind in binds]]
        )
        if key in self._failed_starts:
            msg = "your service does not start: see the first failure"
            raise StartFailed(msg, "")
        service = self._launch(env, binds, program)
        try:
            service.wait_until_ready()
        except StartFailed:
            self._failed_starts.add(key)
            raise
        return service

    def start(
        self,
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
        program: str | None = None,
        timeout_s: float = 20.0,
    ) -> Finished:
        """Start a program that should refuse to start, and return how it ended.

        Raises:
            Unfinished: it still runs after the time-out.
        """
        return self._launch(env, binds, program).finish(
            timeout_s, "your service started, or hangs, where it should have refused to start"
        )

    def _launch(self, env: Mapping[str, str] | None, binds: Sequence[Path], program: str | None) -> Service:
        return self.world(binds).launch(program or self.exercise.programs[0].name, env, alone=True)

    def world(self, binds: Sequence[Path] = ()) -> World:
        """Open a sandbox for several programs, or for several commands on one folder.

        Args:
            binds: folders outside that they may read, for the sockets and the artefacts in them.
        """
        return World(self.pool, self.exercise, tuple(binds), self._changes)

    @property
    def _limits(self) -> Limits:
        return replace(Limits(), **self._changes)

    def keep(self, name: str, start: Start, reset: Reset | None = None) -> Service:
        """Return a program that outlives the test, started when it is first asked for.

        It is replaced when it has ended, and after a test that used it and got no answer.

        Args:
            name: what it is asked for by.
            start: starts it, by `serve` or in a `world`.
            reset: makes it as good as new when it has been used before.
        """
        return self._kept.get(name, start, reset)

    def end_kept(self) -> None:
        """End the kept programs that this test has used."""
        self._kept.end_used()

    def call(self, target: str, **arguments: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Call a function of the implementation, such as "src.scoring:top_k", and return its JSON value.

        Raises:
            Unfinished: it raised, or returned what JSON cannot say.
            GraderFaultError: the reference has no such function: the test is wrong.
        """
        check_target(self.exercise, target)
        self.trace.last = f"python -c 'from {target.replace(':', ' import ')}'"
        return ask(self.pool, "call.py", {"target": target, "arguments": arguments}, self._limits)

    def play(self, scenario: str, **values: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Run the function `play` of a scenario beside the learner's code, and return its JSON value.

        Raises:
            Unfinished: it raised, or returned what JSON cannot say.
        """
        path = self.exercise.folder / "tests" / scenario
        if not path.is_file():
            msg = f"{path} is missing: the test names a scenario that is not there"
            raise GraderFaultError(msg)
        self.trace.last = f"tests/{scenario}"
        request = {"scenario": path.read_text(encoding="utf-8"), "name": scenario, "values": values}
        return ask(self.pool, "play.py", request, self._limits)

    def run(
        self,
        module: str,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        binds: Sequence[Path] = (),
        timeout_s: float = 30.0,
    ) -> Finished:
        """Run `python -m module arguments…` in the implementation's folder."""
        self.trace.last = " ".join(["python", "-m", module, *arguments])
        argv = python("-m", module, *arguments)
        return finish(self.pool.run(Command(argv, dict(env or {})), self._limits, tuple(binds)), timeout_s)

    def read(self, name: str) -> str:
        """Return the text of one file of the implementation; no link is followed.

        Raises:
            AssertionError: there is no such file, or it is too large.
        """
        self.trace.last = f"cat {name}"
        try:
            with SafeReader(self.pool.root) as reader:
                data = reader.read(tuple(name.split("/")), MAX_READ_BYTES + 1)
        except UnreadableError:
            msg = f"{name} is missing from your implementation"
            raise AssertionError(msg) from None
        if len(data) > MAX_READ_BYTES:
            msg = f"{name} is larger than {MAX_READ_BYTES // 1024} KiB"
            raise AssertionError(msg)
        return data.decode("utf-8", "replace")

    def image(self) -> AbstractContextManager[Image]:
        """Build the image of the implementation's Dockerfile, and remove it after the block.

        Raises:
            Unfinished: it does not build.
        """
        self.trace.last = "docker build --file Dockerfile"
        return built(self.exercise.folder.name, self.pool.root, self.pool.scratch)

    def exists(self, name: str) -> bool:
        """Say whether the implementation has a file of that name."""
        path = self.pool.root / name
        return path.is_file() and path.resolve().is_relative_to(self.pool.root.resolve())

    @property
    def scratch(self) -> Path:
        """A folder with a short name that ends with this submission, for sockets that a test makes."""
        return self.pool.scratch

    @contextmanager
    def with_limits(self, **changes: Any) -> Iterator[None]:  # noqa: ANN401 - the fields of Limits
        """Change limits of the programs that are started in the block."""
        before, self._changes = self._changes, {**self._changes, **changes}
        try:
            yield
        finally:
            self._changes = before

    def begin_test(self, task: str) -> None:
        """Forget the calls and the output of the test before; show what the task sees of the files."""
        self.trace.clear()
        self.clock.set_back()
        self._kept.begin_test()
        self.pool.root = self._views.of(task)
        self.pool.begin_test(task)

    def rng(self) -> random.Random:
        """A fresh generator of this run's seed."""
        return random.Random(self.seed)  # noqa: S311 - for test data, not for secrets

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pool.close()
