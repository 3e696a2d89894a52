"""Several grading sessions at a time, results in the order asked for; an interruption ends them all."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import TypeVar

from servelab.grading.session_end import end_sessions, interruptible

Item = TypeVar("Item")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Item], Result], items: Sequence[Item], workers: int) -> list[Result]:
    """Return the results of some work that runs sessions; to be called in the main thread.

    Args:
        work: what is done for each item, in a thread.
        items: in the order of the results.
        workers: how many at a time.
    """
    stopping = threading.Event()

    def unless_stopping(item: Item) -> Result:
        if stopping.is_set():
            raise CancelledError
        return work(item)

    with interruptible(), ThreadPoolExecutor(workers) as pool:
        try:
            return list(pool.map(unless_stopping, items))
        except BaseException:
            stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            # While the interruption was on its way, others may have begun.
            end_sessions()
            raise
