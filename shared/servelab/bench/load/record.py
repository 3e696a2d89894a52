"""What one generator process writes down: an append for each request, no object that the collector walks."""

import struct
from array import array
from collections.abc import Callable
from functools import partial
from math import nan

import numpy as np

from servelab.bench.load.target import Done
from servelab.bench.samples import Samples

WIDTH = 4  # intended, issued, sent, ended
pack = struct.Struct(f"{WIDTH}d").pack  # half the price of array.extend


class Record:
    """Moments of every request, absolute on `clock.now`, and the categories of the failed ones."""

    def __init__(self, answered: Callable[[], None]) -> None:
        """Begin empty; `answered` is called after each answer or error."""
        self.pending = 0
        self._answered = answered
        self._closed = False
        self._rows = array("d")
        self._errors: dict[int, str] = {}

    def issue(self, intended_s: float, issued_s: float) -> Done:
        """Write down that a request begins; return what takes its end."""
        rows = self._rows
        at = len(rows)
        rows.frombytes(pack(intended_s, issued_s, nan, nan))
        self.pending += 1
        return partial(self._finish, at)

    def drop(self, intended_s: float) -> None:
        """Write down a request that the generator never got to."""
        self._errors[len(self._rows)] = "dropped"
        self._rows.frombytes(pack(intended_s, nan, nan, nan))

    def close(self) -> None:
        """Take no more: what is open stays without an end."""
        self._closed = True

    def samples(self, start_s: float) -> Samples:
        """Return every request, its moments counted from the start of the run."""
        columns = np.array(self._rows, dtype=np.float64).reshape(-1, WIDTH).T - start_s
        errors = self._errors
        return Samples(
            intended=columns[0].copy(),
            issued=columns[1].copy(),
            sent=columns[2].copy(),
            ended=columns[3].copy(),
            error=tuple(errors.get(at, "") for at in range(0, len(self._rows), WIDTH)),
        )

    def _finish(self, at: int, sent_s: float, ended_s: float, error: str) -> None:
        if self._closed:
            return
        self._rows[at + 2] = sent_s
        self._rows[at + 3] = ended_s
        if error:
            self._errors[at] = error
        self.pending -= 1
        self._answered()
