"""A model behind a socket whose every call the grader sees, counts and controls.

Source: the fault injection of chaos testing, made deterministic: gates and switches
instead of sleeps and chances.
Leaves out: latency; a held call is as slow as the test wants.
"""

import contextlib
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from servelab.zoo import wire
from servelab.zoo.call_log import Call, CallLog
from servelab.zoo.errors import InvalidInputError, ModelUnavailableError, one_line
from servelab.zoo.gate import Gate
from servelab.zoo.model import Float32Array, Model, check_instances
from servelab.zoo.model_server import ModelServer
from servelab.zoo.opening import open_model
from servelab.zoo.signature import Signature

MAX_ROWS = 4096
OTHERS_ENTER = 0o055
Answer = Float32Array | Callable[[Float32Array], Float32Array]


class InstrumentedModel:
    """The grader's side of a served model; made by `instrumented`."""

    def __init__(self, model: Model, path: Path) -> None:
        """Serve a model at a path; nothing listens before `instrumented` says so."""
        self._model = model
        self._log = CallLog()
        self._gate = Gate()
        self._arrival = threading.Lock()
        self._failure: str | None = None
        self._poison: float | None = None
        self._answer: Answer | None = None
        self.uri = f"unix:{path}"
        self.server = ModelServer(path, self._handle, max_body_bytes=MAX_ROWS * self.signature.features * 4)

    @property
    def signature(self) -> Signature:
        """What the served model takes and gives."""
        return self._model.signature

    @property
    def calls(self) -> list[Call]:
        """The `run` calls that arrived, in order, held and failing ones included; `check` does not count."""
        return self._log.calls

    @property
    def opened(self) -> int:
        """How many times `zoo.open` was called on the URI."""
        return self._log.opened

    def oracle(self, instances: Float32Array) -> Float32Array:
        """Return what a correct service gets from this model; not counted, never held, never failing."""
        return self._model.run(np.asarray(instances, dtype=np.float32))

    def wait_for_calls(self, n: int, timeout_s: float) -> bool:
        """Say whether `n` calls have arrived since the last reset, waiting at most `timeout_s`."""
        return self._log.wait_for(n, timeout_s)

    def reset(self) -> None:
        """Forget calls and opens, and take back every hold, failure, poison and answer."""
        self._gate.open()
        self._failure = self._poison = self._answer = None
        self._log.reset()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Let calls that arrive wait until the block ends; `check` still answers, for busy is not broken."""
        with self._gate.hold():
            yield

    def release(self, n: int | None = None) -> None:
        """Within `hold`: let through the next `n` calls in order of arrival; None: all that wait now."""
        self._gate.release(n)

    @contextlib.contextmanager
    def failing(self, message: str = "the model fails on purpose; wait until it is mended") -> Iterator[None]:
        """Let `run` and `check` raise ModelUnavailableError in the client while the block runs."""
        before, self._failure = self._failure, one_line(message)
        try:
            yield
        finally:
            self._failure = before

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Drop and refuse connections while the block runs; afterwards the model answers at the same path."""
        self.server.drop()
        try:
            yield
        finally:
            self.server.listen()

    @contextlib.contextmanager
    def answering(self, answer: Answer) -> Iterator[None]:
        """Replace what calls get while the block runs, right or wrong.

        Args:
            answer: a function of the instances; or an array, (K,) for the same answer to
                every instance, any other shape is sent as it is.
        """
        before, self._answer = self._answer, answer
        try:
            yield
        finally:
            self._answer = before

    def poison(self, value: float) -> None:
        """From now until `reset`, fail every call that has `value` anywhere in its instances."""
        self._poison = value

    def _handle(self, question: wire.Frame) -> wire.Frame:
        match question.header.get("op"):
            case "open":
                self._log.record_open()
                return wire.Frame({"ok": True, "signature": self.signature.to_dict()})
            case "check":
                self._fail_on_purpose()
                return wire.Frame({"ok": True})
            case "run":
                return wire.Frame({"ok": True}, self._run(question.array))
            case _:
                msg = "the question has no op that is known; it takes open, check or run"
                raise InvalidInputError(msg)

    def _run(self, array: Float32Array | None) -> Float32Array:
        instances = check_instances(np.empty(0, np.float32) if array is None else array, self.signature)
        with self._arrival:  # calls stand in the log in the order in which the gate lets them through
            ticket = self._gate.enter()
            self._log.record(instances)
        self._gate.wait(ticket)
        self._fail_on_purpose()
        if self._poison is not None and np.any(instances == np.float32(self._poison)):
            count = len(instances)
            msg = f"the model fails on the value {self._poison:g} among {count} instances; leave it out"
            raise ModelUnavailableError(msg)
        if self._answer is None:
            return self._model.run(instances)
        replaced = self._answer(instances) if callable(self._answer) else self._answer
        answer = np.asarray(replaced, dtype=np.float32)
        return np.tile(answer, (len(instances), 1)) if answer.ndim == 1 else answer

    def _fail_on_purpose(self) -> None:
        if self._failure is not None:
            raise ModelUnavailableError(self._failure)


@contextlib.contextmanager
def instrumented(uri: str, *, folder: Path | str) -> Iterator[InstrumentedModel]:
    """Serve a model on a Unix socket in `folder`, from threads of this process, and control it.

    Args:
        uri: `zoo:NAME` or `file:/path.onnx`, often from `reseed`.
        folder: made when missing; other users may enter it and connect.

    Raises:
        ZooError: the model can't be opened, or the path of the socket is too long.
    """
    place = Path(folder).resolve()
    place.mkdir(parents=True, exist_ok=True)
    if place.stat().st_mode & OTHERS_ENTER != OTHERS_ENTER:
        place.chmod(0o755)  # learner code runs under another uid
    model = open_model(uri)
    served = InstrumentedModel(model, place / f"model-{secrets.token_hex(3)}.sock")
    served.server.listen()
    try:
        yield served
    finally:
        served.reset()
        served.server.stop()
        model.close()
