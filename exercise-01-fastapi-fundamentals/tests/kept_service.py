"""A service that several tests share: those of a session, or those of a module with settings of its own."""

from collections.abc import Callable

from servelab.grading.service import Service


class KeptService:
    """Starts a service when it is first asked for, and another one when that has ended."""

    def __init__(self, start: Callable[[], Service]) -> None:
        self._start = start
        self._running: Service | None = None

    def get(self) -> Service:
        """Return a service that runs."""
        if self._running is None or not self._running.alive:
            self._running = self._start()
        return self._running

    def end(self) -> None:
        """End the service; whoever asks next gets a fresh one."""
        if self._running is not None:
            self._running.kill()
            self._running = None
