"""A command of a submission that runs beside the test, which can wait for it, stop it and kill it."""

from servelab.grading.isolation.confined import Confined
from servelab.grading.sandbox_pool import Finished, finish


class Process:
    """A running command."""

    def __init__(self, confined: Confined) -> None:
        self._confined = confined

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._confined.code is None

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._confined.output

    def wait(self, timeout_s: float = 30.0) -> Finished:
        """Wait for its end.

        Raises:
            Unfinished: it still runs after the time-out, and is killed.
        """
        return finish(self._confined, timeout_s)

    def stop(self) -> None:
        """Ask it to stop in order (SIGTERM)."""
        self._confined.terminate()

    def kill(self) -> Finished:
        """Kill it with all that it has started, and return what it printed until then."""
        self._confined.kill()
        return finish(self._confined, 0.0)
