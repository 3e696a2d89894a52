"""The clock of the course: the time, as a test can move it on.

    from servelab import clock

    expires = clock.monotonic() + ttl_s

What lives for an hour is tested in a moment: the test moves the clock on, and code that asks
this module for the time sees the hour gone. Without a test it is `time` as ever.
Source: the fake clocks of Go's benbjohnson/clock and of Temporal's test server.
Leaves out: sleeping, which is not woken, and servers such as Redis, whose clock can't be moved.
"""

import mmap
import os
import struct
import time
from functools import cache

VARIABLE = "SERVELAB_CLOCK"
FORMAT = struct.Struct("=q")
"""What the file that the variable names holds: by how many nanoseconds the clock was moved on."""

_NS = 1e9


def monotonic() -> float:
    """Return seconds that never go back, for measuring how long something has taken or may take."""
    return time.monotonic() + _moved_s()


def time_s() -> float:
    """Return seconds since the epoch, for what is told to others, such as `Date` or the `exp` of a token."""
    return time.time() + _moved_s()


def _moved_s() -> float:
    file = _file()
    return float(FORMAT.unpack_from(file)[0]) / _NS if file is not None else 0.0


@cache
def _file() -> mmap.mmap | None:
    path = os.environ.get(VARIABLE)
    if not path:
        return None
    with open(path, "rb") as file:  # noqa: PTH123 - importing pathlib costs 5 ms
        return mmap.mmap(file.fileno(), FORMAT.size, access=mmap.ACCESS_READ)
