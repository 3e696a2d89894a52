"""Wake an event loop at a moment, without spinning and without rounding to a millisecond.

A timer of uvloop counts whole milliseconds: a shorter delay is called at once, so a
loop that waits for the next of 5,000 starts a second spins at 60 % of a core, and one
that waits longer is late by up to 1 ms. A timerfd (Linux) costs a quarter of that and
wakes within some 0.1 ms. Elsewhere the loop's timers serve.
"""

import asyncio
import ctypes
import os
import sys
from collections.abc import Callable
from typing import Protocol

from servelab.bench.load.clock import now

CLOCK_MONOTONIC = 1
TFD_TIMER_ABSTIME = 1
NANOSECONDS = 1_000_000_000


class Timer(Protocol):
    """One moment at which a function is called; a new moment replaces the old one."""

    def at(self, moment_s: float) -> None:
        """Fire at a moment of `clock.now`; at once when it has passed."""

    def close(self) -> None:
        """Never fire again."""


def timer(fire: Callable[[], None]) -> Timer:
    """Return the most exact timer of this machine for the running event loop."""
    loop = asyncio.get_running_loop()
    return KernelTimer(loop, fire) if sys.platform == "linux" else LoopTimer(loop, fire)


class LoopTimer:
    """A timer on the event loop's own timer."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fire: Callable[[], None]) -> None:
        self._loop = loop
        self._fire = fire
        self._handle: asyncio.Handle | None = None

    def at(self, moment_s: float) -> None:
        """Fire at a moment of `clock.now`; at once when it has passed."""
        self.close()
        self._handle = self._loop.call_later(max(0.0, moment_s - now()), self._fire)

    def close(self) -> None:
        """Never fire again."""
        if self._handle:
            self._handle.cancel()


class _Timespec(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Itimerspec(ctypes.Structure):
    _fields_ = (("interval", _Timespec), ("value", _Timespec))


class KernelTimer:
    """A timer on a timerfd; `perf_counter` reads the same CLOCK_MONOTONIC.

    Leaves out: `os.timerfd_create`, which needs Python 3.13.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, fire: Callable[[], None]) -> None:
        self._loop = loop
        self._fire = fire
        self._handle: asyncio.Handle | None = None
        libc = ctypes.CDLL(None, use_errno=True)
        self._set = libc.timerfd_settime
        self._fd = libc.timerfd_create(CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "timerfd_create")
        self._spec = _Itimerspec()
        self._value = self._spec.value
        self._reference = ctypes.byref(self._spec)
        loop.add_reader(self._fd, self._expired)

    def at(self, moment_s: float) -> None:
        """Fire at a moment of `clock.now`; at once when it has passed."""
        if moment_s <= now():
            self._handle = self._loop.call_soon(self._fire)
            return
        seconds = int(moment_s)
        self._value.seconds = seconds
        self._value.nanoseconds = int((moment_s - seconds) * NANOSECONDS)
        self._set(self._fd, TFD_TIMER_ABSTIME, self._reference, None)

    def close(self) -> None:
        """Never fire again."""
        if self._handle:
            self._handle.cancel()
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _expired(self) -> None:
        try:
            os.read(self._fd, 8)
        except BlockingIOError:  # set anew since the event loop saw it expire
            return
        self._fire()
