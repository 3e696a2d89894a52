"""A worker process that measures, while this one shows its progress."""

import contextlib
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress, TaskID

    from servelab.bench.load.worker_process import WorkerProcess


class Measuring:
    """A bar that follows the clock, or what is told to it."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("", total=None)
        self._began_s = time.monotonic()

    def begin(self, words: str, duration_s: float | None = None) -> None:
        """Begin something new that lasts as long as said, or nobody knows how long."""
        self._began_s = time.monotonic()
        self._progress.reset(self._task, description=words, total=duration_s)
        self.tick()

    def say(self, words: str) -> None:
        """Say what is done now, while the time goes on."""
        self._progress.update(self._task, description=words)

    def tick(self) -> None:
        """Draw the bar as it is by now."""
        self._progress.update(self._task, completed=time.monotonic() - self._began_s)
        self._progress.refresh()


@contextlib.contextmanager
def measuring() -> "Iterator[tuple[WorkerProcess, Measuring]]":
    """Yield a process that measures, and the bar; both are gone afterwards.

    Raises:
        MisuseError: what the client needs is not installed.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from servelab.bench.load.worker_process import WorkerProcess

    require_client()
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    # Drawn when told to, and by this thread: nobody else may use the machine's time now.
    console = Console(stderr=True)
    # Where nobody looks, such as in a log, a bar would leave blank lines.
    hidden = not console.is_terminal
    shown = Progress(*columns, console=console, transient=True, auto_refresh=False, disable=hidden)
    with shown:
        bar = Measuring(shown)
        with WorkerProcess(bar.tick) as worker:
            yield worker, bar


def require_client() -> None:
    """Refuse to measure without what the client stands on.

    Raises:
        MisuseError: uvloop or httptools is not installed.
    """
    from importlib.util import find_spec

    from servelab.errors import MisuseError

    missing = [name for name in ("uvloop", "httptools") if find_spec(name) is None]
    if missing:
        install = '.venv/bin/pip install -e ".[bench]" -c constraints.txt'
        msg = f"measuring needs {' and '.join(missing)}, not installed here; get the extra with: {install}"
        raise MisuseError(msg)
