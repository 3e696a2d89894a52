"""What a generator needs of the thing it loads: to be opened, given requests, and closed."""

from collections.abc import Callable
from typing import Protocol

from servelab.bench.run import Load

Done = Callable[[float, float, str], None]
"""done(sent_s, ended_s, error): moments of `clock.now`, sent nan where nothing was; error "" is good."""


class Target(Protocol):
    """A system under load; everything here runs in the thread of the generator's event loop."""

    name: str

    async def open(self) -> None:
        """Connect, before the clock runs.

        Raises:
            TargetDownError: nothing answers there.
        """

    def issue(self, index: int, done: Done) -> None:
        """Begin request `index` and return at once.

        `done` is called exactly once, in the event loop's thread, not later than
        the load's `timeout_s` where the target can be interrupted at all.
        """

    async def close(self) -> None:
        """Let go of everything; what is still open ends as "cancelled"."""


TargetFactory = Callable[[Load], Target]
"""Makes the target of one generator process from its share of the load.

For several processes it must be picklable: a module's function, or a frozen dataclass with `__call__`.
"""
