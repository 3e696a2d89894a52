"""The processes of grading sessions: forked from a warm server, several at a time, ended early.

A session is a child of multiprocessing's fork server, so what sessions import is imported
once. Ctrl-C at a terminal reaches every process of the foreground group; here it is kept
from the fork server and its children, which would answer it with tracebacks, and they are
told to end instead.
Leaves out: Windows, where nothing can be forked.
"""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerContext
from types import FrameType
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_starting = threading.Lock()


def context() -> ForkServerContext:
    """Return the context whose processes are sessions; the server runs when this returns."""
    sessions = multiprocessing.get_context("forkserver")
    sessions.set_forkserver_preload(["servelab.grading.preload"])
    with blind_to_the_current_folder():
        resource_tracker.ensure_running()
        forkserver.ensure_running()
    return sessions


@contextlib.contextmanager
def blind_to_the_current_folder() -> Iterator[None]:
    """Let the Pythons that are started in this block import nothing from the current folder.

    The server is a `python -c`, which would look there first; and the current folder
    may be a submission's, with a `json.py` in it.
    """
    with _starting:
        before = os.environ.get("PYTHONSAFEPATH")
        os.environ["PYTHONSAFEPATH"] = "1"
        try:
            yield
        finally:
            if before is None:
                del os.environ["PYTHONSAFEPATH"]
            else:
                os.environ["PYTHONSAFEPATH"] = before


def warm_up() -> None:
    """Start the fork server, so that the next run is as quick as those behind it."""
    # Before the mask is set, because starting the tracker takes SIGINT out of it again.
    with blind_to_the_current_folder():
        resource_tracker.ensure_running()
    # A new process inherits the mask of the thread that starts it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        context()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_sessions() -> None:
    """Tell all sessions of this process to end; what they have started ends with them."""
    for child in multiprocessing.active_children():
        child.terminate()


def kill_sessions() -> None:
    """Kill all sessions of this process that did not listen."""
    for child in multiprocessing.active_children():
        child.kill()


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """End the sessions as soon as this process is interrupted, before anyone waits for them.

    To be used in the main thread.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        end_sessions()
        handler = before[number]
        if callable(handler):
            handler(number, frame)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {int(number): signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def in_parallel(work: Callable[[Item], Result], items: Sequence[Item], workers: int) -> list[Result]:
    """Return the results of some work that runs sessions; to be called in the main thread.

    Args:
        work: what is done for each item, in a thread.
        items: in the order of the results.
        workers: how many at a time.
    """
    stopping = threading.Event()

    def unless_stopping(item: Item) -> Result:
        if stopping.is_set():
            raise CancelledError
        return work(item)

    with interruptible(), ThreadPoolExecutor(workers) as pool:
        try:
            return list(pool.map(unless_stopping, items))
        except BaseException:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            # While the interruption was on its way, others may have begun.
            end_sessions()
            raise
