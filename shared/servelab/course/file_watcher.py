"""Saves of a learner's files, as they happen.

Source: watchfiles, which merges the events of one save.
Leaves out: files that the learner's tools write for themselves (caches, swap files).
"""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchfiles import Change

DEBOUNCE_MS = 200
STEP_MS = 25
TICK_MS = 100
READY_TIMEOUT_S = 5.0


@contextlib.contextmanager
def watch_files(
    folders: Sequence[Path], within: Sequence[Path], saved: Callable[[frozenset[Path]], None]
) -> Iterator[None]:
    """Call `saved` once for each save, from a thread, until the block ends; the block begins when it listens.

    Args:
        folders: folders that are watched; they must exist and stay.
        within: folders below them whose files count; they may go and come back, as git lets them.
        saved: takes the files that have changed.
    """
    stop, ready = threading.Event(), threading.Event()
    arguments = (tuple(folders), tuple(path.resolve() for path in within), saved, ready, stop)
    thread = threading.Thread(target=_watch, args=arguments, daemon=True)
    thread.start()
    try:
        ready.wait(READY_TIMEOUT_S)
        yield
    finally:
        stop.set()
        thread.join(2.0)


def _watch(
    folders: tuple[Path, ...],
    within: tuple[Path, ...],
    saved: Callable[[frozenset[Path]], None],
    ready: threading.Event,
    stop: threading.Event,
) -> None:
    from watchfiles import DefaultFilter, watch  # noqa: PLC0415 - costs more than the other commands take

    ignore = DefaultFilter()

    def counts(change: "Change", path: str) -> bool:
        return ignore(change, path) and any(Path(path).is_relative_to(folder) for folder in within)

    for force_polling in (None, True):
        with contextlib.suppress(OSError):  # the system's limit of watches: poll instead
            for changes in watch(
                *(path.resolve() for path in folders),
                watch_filter=counts,
                debounce=DEBOUNCE_MS,
                step=STEP_MS,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=False,
                force_polling=force_polling,
            ):
                # The first tick comes when all folders are being watched.
                ready.set()
                if changes:
                    saved(frozenset(Path(path) for _, path in changes))
        if stop.is_set():
            return
