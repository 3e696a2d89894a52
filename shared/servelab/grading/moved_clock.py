"""The clock of the course in the hands of a test: `submission.clock.advance(60)`.

See `servelab.clock`, which learner code reads.
"""

from pathlib import Path

from servelab import clock


class MovedClock:
    """Moves the time of all programs of a submission.

    Args:
        path: the file that they read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._moved_ns = 0

    def advance(self, seconds: float) -> None:
        """Let some time pass at once; it can't go back."""
        if seconds < 0:
            msg = f"time does not go back by {-seconds:g} s"
            raise ValueError(msg)
        self._move_to(self._moved_ns + round(seconds * 1e9))

    def set_back(self) -> None:
        """Let learner code see the time as it is, for the next test."""
        if self._moved_ns:
            self._move_to(0)

    def _move_to(self, moved_ns: int) -> None:
        self._moved_ns = moved_ns
        # In place, and at once: programs have mapped these eight bytes.
        with self._path.open("r+b", buffering=0) as file:
            file.write(clock.FORMAT.pack(moved_ns))
