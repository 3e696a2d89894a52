"""The boundary: all that a graded test can touch of a learner's implementation.

Learner code never shares a process with a test. A test starts the service and is its
client, calls one function, plays one scenario, runs one command or reads one file;
back come plain JSON values, capped text and files.
Source: pytest-prairielearn v2 (student code behind a socket), CodeCrafters (black-box servers);
no hardening inside one process was enough against the attacks in `shared/tests/hostile`.
Leaves out: whether a value that comes back is true. What `call` and `play` return is the
submission's own word; only what a client sees from outside is evidence.
"""

import json
import random
import socket
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from servelab.errors import GraderFaultError
from servelab.grading.client import Trace
from servelab.grading.image import Image, built
from servelab.grading.intake.entry import UnreadableError
from servelab.grading.intake.safe_reader import SafeReader
from servelab.grading.isolation.confined import Confined
from servelab.grading.isolation.level import Level
from servelab.grading.isolation.limit import Limits
from servelab.grading.manifest import Exercise
from servelab.grading.sandboxes import Finished, Sandboxes, Unfinished, finish, python
from servelab.grading.service import Service, StartFailed
from servelab.grading.target import check_target
from servelab.grading.value import value

__all__ = ["Finished", "Submission", "Unfinished"]

MAX_READ_BYTES = 256 * 1024


class Submission:
    """One implementation of an exercise under one isolation level.

    Args:
        exercise: whose service and tests it belongs to.
        root: folder that holds `src`; only read.
        level: how its code is confined.
        seed: seeds the models of this grading run.
        patient: wait as long as it takes, for someone who debugs it.

    Attributes:
        trace: the last call, for a failure's message.
        sandboxes: where its processes run; for the grader, not for tests.
    """

    def __init__(
        self, exercise: Exercise, root: Path, level: Level, seed: int, *, patient: bool = False
    ) -> None:
        self.exercise = exercise
        self.seed = seed
        self.trace = Trace()
        self._root = root
        self._patient = patient
        self.sandboxes = Sandboxes(root, level, Limits())
        self._failed_starts: set[str] = set()
        self._started = 0

    def serve(self, env: Mapping[str, str] | None = None, binds: Sequence[Path] = ()) -> Service:
        """Start the service and wait until it answers.

        Args:
            env: settings of the service, as environment variables.
            binds: folders outside that it may read, for the sockets in them.

        Raises:
            StartFailed: it ended or did not answer in time; the same start is not tried twice.
        """
        key = json.dumps([sorted((env or {}).items()), [str(bind) for bind in binds]])
        if key in self._failed_starts:
            msg = "your service does not start: see the first failure"
            raise StartFailed(msg, "")
        service, _ = self._spawn_service(env, binds)
        try:
            service.wait_until_it_answers()
        except StartFailed:
            self._failed_starts.add(key)
            raise
        return service

    def start(
        self, env: Mapping[str, str] | None = None, binds: Sequence[Path] = (), timeout_s: float = 20.0
    ) -> Finished:
        """Start a service that should refuse to start, and return how it ended.

        Raises:
            Unfinished: it still runs after the time-out.
        """
        _, confined = self._spawn_service(env, binds)
        return finish(
            confined, timeout_s, "your service started, or hangs, where it should have refused to start"
        )

    def _spawn_service(
        self, env: Mapping[str, str] | None, binds: Sequence[Path]
    ) -> tuple[Service, Confined]:
        self._started += 1
        path = self.sandboxes.scratch / f"{self._started}.sock"
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            try:
                listener.bind(str(path))
            except OSError as error:
                msg = f"cannot make the service's socket {path}: {error}"
                raise GraderFaultError(msg) from error
            listener.listen(128)
            words = {"python": python()[0], "fd": str(listener.fileno())}
            argv = tuple(word.format_map(words) for word in self.exercise.serve)
            confined = self.sandboxes.start(argv, env, tuple(binds), fds=(listener.fileno(),))
        return Service(confined, path, self.trace, patient=self._patient), confined

    def call(self, target: str, **arguments: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Call a function of the implementation, such as "src.scoring:top_k", and return its JSON value.

        Raises:
            Unfinished: it raised, or returned what JSON cannot say.
            GraderFaultError: the reference has no such function: the test is wrong.
        """
        check_target(self.exercise, target)
        self.trace.last = f"python -c 'from {target.replace(':', ' import ')}'"
        return value(self.sandboxes, "call.py", {"target": target, "arguments": arguments})

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
        source = path.read_text(encoding="utf-8")
        return value(self.sandboxes, "play.py", {"scenario": source, "name": scenario, "values": values})

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
        return finish(self.sandboxes.start(python("-m", module, *arguments), env, tuple(binds)), timeout_s)

    def run_inside(
        self, script: str, *arguments: str, env: Mapping[str, str], binds: Sequence[Path], timeout_s: float
    ) -> Finished:
        """Run one of the grader's own programs beside the learner's code, such as a relay."""
        argv = python(self.sandboxes.program(script), *arguments)
        return finish(self.sandboxes.start(argv, env, tuple(binds)), timeout_s)

    def read(self, name: str) -> str:
        """Return the text of one file of the implementation; no link is followed.

        Raises:
            AssertionError: there is no such file, or it is too large.
        """
        self.trace.last = f"cat {name}"
        try:
            with SafeReader(self._root) as beneath:
                data = beneath.read(tuple(name.split("/")), MAX_READ_BYTES + 1)
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
        return built(self.exercise.folder.name, self._root, self.sandboxes.scratch)

    def exists(self, name: str) -> bool:
        """Say whether the implementation has a file of that name."""
        path = self._root / name
        return path.is_file() and path.resolve().is_relative_to(self._root.resolve())

    @property
    def scratch(self) -> Path:
        """A folder with a short name that ends with this submission, for sockets that a test makes."""
        return self.sandboxes.scratch

    def with_limits(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of Limits
        """Change limits of the processes that are started from now on."""
        self.sandboxes.with_limits(**changes)

    def begin_test(self, task: str) -> None:
        """Forget calls and output of the test before; `task` is that of the next one."""
        self.trace.clear()
        self.sandboxes.begin_test(task)

    def rng(self) -> random.Random:
        """A fresh generator of this run's seed."""
        return random.Random(self.seed)  # noqa: S311 - for test data, not for secrets

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sandboxes.close()
