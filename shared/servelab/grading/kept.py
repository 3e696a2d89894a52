"""Programs that outlive a test: started when they are first asked for, shared, and replaced when they hang.

A start costs more than most tests, so tests share what they do not change. A test that got no
answer at all takes down what it has used, so that the next one meets a fresh one.
Leaves out: what a test changes in a program; `reset` undoes that, or the test starts its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from servelab.grading.sandbox_pool import SandboxPool
from servelab.grading.service import Service

Start = Callable[[], Service]
Reset = Callable[[Service], None]


@dataclass
class Kept:
    """The programs that a submission keeps, by name, for each set of files that tasks see."""

    pool: SandboxPool
    _running: dict[str, Service] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def get(self, name: str, start: Start, reset: Reset | None) -> Service:
        """Return the program of that name, as good as new.

        Args:
            name: what it is asked for by.
            start: starts it.
            reset: makes it as good as new when it has been used before.
        """
        key = f"{self.pool.root}:{name}"
        self._used.add(key)
        running = self._running.get(key)
        if running is not None and running.alive:
            if reset is not None:
                reset(running)
            return running
        with self.pool.keeping():
            self._running[key] = start()
        return self._running[key]

    def begin_test(self) -> None:
        """Forget what the test before has used."""
        self._used.clear()

    def end_used(self) -> None:
        """End what this test has used; whoever asks next gets a fresh one."""
        for key in self._used:
            if (running := self._running.pop(key, None)) is not None:
                running.kill()
