"""The spans that have come in so far, and a way to wait for those that are still on their way."""

from collections.abc import Callable, Iterable, Sequence
from threading import Condition

from servelab.services.otlp.span import Span

WAIT_S = 10.0


class Collected:
    """Spans of all threads and protocols, in the order in which they came."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._changed = Condition()

    def add(self, spans: Iterable[Span]) -> None:
        """Take in the spans of an export."""
        with self._changed:
            self._spans.extend(spans)
            self._changed.notify_all()

    def all(self) -> Sequence[Span]:
        """Return what has come so far."""
        with self._changed:
            return tuple(self._spans)

    def wait_for(
        self, wanted: Callable[[Span], bool], count: int = 1, timeout_s: float = WAIT_S
    ) -> list[Span]:
        """Return the spans that are wanted, as soon as there are `count` of them.

        Exporters send in batches, some seconds after a span has ended.

        Raises:
            TimeoutError: there are fewer; the message names the spans that came instead.
        """
        with self._changed:
            if self._changed.wait_for(lambda: len(self._matching(wanted)) >= count, timeout_s):
                return self._matching(wanted)
            names = ", ".join(sorted({span.name for span in self._spans})) or "none at all"
            found = len(self._matching(wanted))
        msg = f"{found} of {count} wanted spans came within {timeout_s:g} s; the spans that came: {names}"
        raise TimeoutError(msg)

    def _matching(self, wanted: Callable[[Span], bool]) -> list[Span]:
        return [span for span in self._spans if wanted(span)]
