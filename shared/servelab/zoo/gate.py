"""A gate at which calls wait, in the order they came, until a test lets them through."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Ticket:
    """A place in the queue of one hold; it means nothing in the next."""

    hold: int
    place: int


class Gate:
    """Open by default; while held, calls wait for `release` or the end of the hold."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._held = False
        self._hold = 0
        self._arrived = 0
        self._admitted = 0

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Let calls wait while the block runs; at its end all of them go on.

        Raises:
            RuntimeError: the gate is held already.
        """
        with self._changed:
            if self._held:
                msg = "hold() within hold(): end the first one, or use release()"
                raise RuntimeError(msg)
            self._held, self._arrived, self._admitted = True, 0, 0
            self._hold += 1
        try:
            yield
        finally:
            self.open()

    def release(self, count: int | None = None) -> None:
        """Let through the next `count` calls, also those still to come; None: all that wait now."""
        with self._changed:
            self._admitted = self._arrived if count is None else self._admitted + count
            self._changed.notify_all()

    def open(self) -> None:
        """End the hold."""
        with self._changed:
            self._held = False
            self._changed.notify_all()

    def enter(self) -> Ticket:
        """Take a place in the queue."""
        with self._changed:
            self._arrived += 1
            return Ticket(self._hold, self._arrived)

    def wait(self, ticket: Ticket) -> None:
        """Return when the ticket is let through, at once when nothing is held."""
        with self._changed:
            self._changed.wait_for(lambda: self._lets_through(ticket))

    def _lets_through(self, ticket: Ticket) -> bool:
        return not self._held or ticket.hold != self._hold or ticket.place <= self._admitted
