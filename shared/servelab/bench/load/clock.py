"""The one clock of every moment that the harness stamps.

`perf_counter` is monotonic and, on Linux and macOS, the same in all processes of a
machine, so the moments of several generator processes can be merged.
The event loop's own clock is not used: uvloop rounds it to a millisecond.
"""

import time

now = time.perf_counter
"""Seconds since some fixed moment."""
