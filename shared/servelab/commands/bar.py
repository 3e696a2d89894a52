"""How far a long command has come: a bar at a terminal, a line every now and then in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

LINE_EVERY_S = 15.0


class Bar:
    """Tells how many of some steps are done; all on standard error.

    Args:
        what: the work, in a word or two.
        total: how many steps it has.
    """

    def __init__(self, what: str, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        console = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._bar = self.progress.add_task(what, total=total)
        self._what, self._total, self._done = what, total, 0
        self._started = self._told = time.monotonic()
        if not console.is_terminal:
            self.say(f"{what}: 0 of {total}")

    def advance(self) -> None:
        """One more step is done."""
        self._done += 1
        self.progress.advance(self._bar)
        now = time.monotonic()
        if self.progress.disable and (now - self._told > LINE_EVERY_S or self._done == self._total):
            self._told = now
            self.say(f"{self._what}: {self._done} of {self._total}, {now - self._started:.0f} s")

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self.progress.console.print(line, markup=False)


@contextmanager
def bar(what: str, total: int) -> Iterator[Bar]:
    """Show a bar while this block runs."""
    shown = Bar(what, total)
    with shown.progress:
        yield shown
