"""A command of a submission: it runs beside the test, which can wait for its end, stop it and kill it."""

from dataclasses import dataclass

from servelab.grading.isolation.confined import Confined


class Unfinished(AssertionError):  # noqa: N818 - a failed expectation of a test, not a fault of the grader
    """Learner code ended without the value it was asked for; `output` holds what it printed."""

    def __init__(self, message: str, output: str) -> None:
        super().__init__(message)
        self.output = output


@dataclass(frozen=True)
class Finished:
    """A command that has ended: exit code, and its output with stderr, capped."""

    code: int
    output: str


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


def finish(
    confined: Confined, timeout_s: float, otherwise: str = "it still runs, and should have ended"
) -> Finished:
    """Wait for the end of a command.

    Raises:
        Unfinished: it did not end in time; `otherwise` is the message.
    """
    try:
        code = confined.wait(timeout_s)
    except TimeoutError:
        confined.abort()
        confined.kill()
        raise Unfinished(otherwise, confined.output) from None
    return Finished(code, confined.output)
