"""Grading sessions that are begun quietly and can be ended early.

A session is a child of multiprocessing's fork server. Ctrl-C at a terminal reaches
every process of the foreground group; here it is kept from the fork server and its
children, which would answer it with tracebacks, and they are told to end instead.
"""

import contextlib
import importlib
import multiprocessing
import signal
from collections.abc import Iterator
from multiprocessing import resource_tracker
from types import FrameType

from servelab.grading import fork_server


def warm_up() -> None:
    """Import the grader and start its fork server, so that the next run is as quick as those behind it."""
    importlib.import_module("servelab.grading.grade")
    # Before the mask is set, because starting the tracker takes SIGINT out of it again.
    with fork_server.blind_to_the_current_folder():
        resource_tracker.ensure_running()
    # A new process inherits the mask of the thread that starts it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        fork_server.context()
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
