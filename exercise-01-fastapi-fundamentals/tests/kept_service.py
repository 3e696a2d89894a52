"""A service with settings of its own that the tests of one module share."""

from collections.abc import Callable

from servelab.grading.service import Service


class KeptService:
    """Starts a service when it is first asked for, and another one when that has died."""

    def __init__(self, start: Callable[[], Service]) -> None:
        self._start = start
        self._started: list[Service] = []

    def get(self) -> Service:
        """Return a service that runs."""
        if not self._started or not self._started[-1].alive:
            self._started.append(self._start())
        return self._started[-1]

    def end(self) -> None:
        """End what was started."""
        for service in self._started:
            service.kill()
