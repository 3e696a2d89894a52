"""Work in a process of its own: what this process shows must not make the generator late.

A progress bar that is redrawn holds the GIL for milliseconds, as
long as a fast service needs for an answer.
"""

import multiprocessing
import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType, TracebackType
from typing import ParamSpec, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

STOP_S = 5.0
_PAUSE_S = 0.5


class WorkerProcess:
    """A process that does one thing after the other.

    Args:
        on_wait: called twice a second while work is done, in this process.
    """

    def __init__(self, on_wait: Callable[[], None] = lambda: None) -> None:
        self._on_wait = on_wait

    def __enter__(self) -> Self:
        """Start the process."""
        # Spawned, not forked: it must not begin with the locks of our threads.
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # No daemon: it may have to start generator processes of its own.
        self._process = context.Process(target=_serve, args=(theirs,))
        self._process.start()
        theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process, even in the middle of its work."""
        self._pipe.close()
        if kind is not None:
            self._process.terminate()
        self._process.join(STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function returns there; function, arguments and answer must be picklable.

        Raises:
            Exception: what the function raised.
            EOFError: the process died.
        """
        self._pipe.send((function, args, kwargs))
        while not self._pipe.poll(_PAUSE_S):
            self._on_wait()
        done, answer = self._pipe.recv()
        if not done:
            raise answer
        result: T = answer
        return result


def _serve(pipe: Connection) -> None:
    # Ctrl-C reaches the whole terminal; our parent decides, and unwinds us by SIGTERM.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer = (True, function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised again in the parent
            answer = (False, error)
        try:
            pipe.send(answer)
        except BrokenPipeError:
            # Our parent was killed: nobody is left to tell.
            return


def _leave(_number: int, _frame: FrameType | None) -> None:
    sys.exit(1)
