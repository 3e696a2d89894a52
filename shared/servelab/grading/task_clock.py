"""The time limit of a task: when it is over, first the submission ends, then the test.

Whatever a test waits for ends with the submission's processes. A test that computes
instead, over an answer that was made to be slow to read, is interrupted.
Leaves out: one long call into C, which no signal interrupts; the limit of the whole session ends that.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

PATIENCE_S = 3.0


class TaskOverError(Exception):
    """The time of the task is over; raised in the middle of the test that is still running."""


class TaskClock:
    """Measures the time of the tasks of a session, one after the other.

    To be made in the main thread, in which the tests run.

    Args:
        end: ends what belongs to a task; called from another thread.
    """

    def __init__(self, end: Callable[[str], None]) -> None:
        self._end = end
        self._main = threading.main_thread().ident or 0
        self._testing = False
        self._task = ""
        self._timer: threading.Timer | None = None
        self._expired: set[str] = set()
        signal.signal(signal.SIGUSR2, self._interrupt)

    def begin(self, task_id: str, limit_s: float) -> None:
        """Measure a task from now on, unless it is being measured already."""
        if self._task != task_id:
            self.stop()
            self._task = task_id
            self._start(limit_s, self._expire, task_id)

    def expired(self, task_id: str) -> bool:
        """Say whether the time of a task is over."""
        return task_id in self._expired

    @contextmanager
    def testing(self) -> Iterator[None]:
        """Let the end of the time interrupt what runs in this block."""
        self._testing = True
        try:
            yield
        finally:
            self._testing = False

    def stop(self) -> None:
        """Measure nothing."""
        if self._timer is not None:
            self._timer.cancel()
        self._task = ""

    def _start(self, seconds: float, then: Callable[[str], None], task_id: str) -> None:
        self._timer = threading.Timer(seconds, then, (task_id,))
        self._timer.daemon = True
        self._timer.start()

    def _expire(self, task_id: str) -> None:
        self._expired.add(task_id)
        try:
            self._end(task_id)
        finally:
            self._nudge(task_id)

    def _nudge(self, task_id: str) -> None:
        """Interrupt the test again and again, for it may catch what is raised in it."""
        if self._task == task_id:
            self._start(PATIENCE_S, self._pierce, task_id)

    def _pierce(self, task_id: str) -> None:
        if self._task == task_id:
            signal.pthread_kill(self._main, signal.SIGUSR2)
            self._nudge(task_id)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        if self._testing and self._task in self._expired:
            msg = f"the time for task {self._task} is over"
            raise TaskOverError(msg)
