"""The count of what was asked of a model, kept by the grader, never by the graded."""

import threading
from dataclasses import dataclass

from servelab.zoo.errors import ModelUnavailableError
from servelab.zoo.model import Float32Array

MAX_BYTES = 64 << 20
MAX_CALLS = 100_000


@dataclass(frozen=True)
class Call:
    """One call that arrived: how many instances it had, and which."""

    batch_size: int
    instances: Float32Array


class CallLog:
    """Calls in the order they arrived, bounded in number and size."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._calls: list[Call] = []
        self._bytes = 0
        self._opened = 0

    def record(self, instances: Float32Array) -> None:
        """Count one call.

        Raises:
            ModelUnavailableError: the log is full; learner code must not fill the grader's memory.
        """
        with self._changed:
            if len(self._calls) >= MAX_CALLS or self._bytes + instances.nbytes > MAX_BYTES:
                count = len(self._calls)
                msg = f"the model refuses further calls after {count} ({self._bytes} bytes); call it less"
                raise ModelUnavailableError(msg)
            self._calls.append(Call(len(instances), instances))
            self._bytes += instances.nbytes
            self._changed.notify_all()

    def record_open(self) -> None:
        """Count one `zoo.open`."""
        with self._changed:
            self._opened += 1

    @property
    def calls(self) -> list[Call]:
        """A copy of the calls so far."""
        with self._changed:
            return list(self._calls)

    @property
    def opened(self) -> int:
        """How often the model was opened."""
        with self._changed:
            return self._opened

    def wait_for(self, count: int, timeout_s: float) -> bool:
        """Say whether `count` calls have arrived, waiting at most `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._calls) >= count, timeout_s)

    def reset(self) -> None:
        """Forget everything."""
        with self._changed:
            self._calls, self._bytes, self._opened = [], 0, 0
