"""A Python callable as the target: a model, a batcher, a cache, without a socket in between.

A synchronous callable runs on `workers` threads, or with 0 workers directly on the
generator's loop, where each call delays the issue of the next and the validity rules
say so. An asynchronous one runs as a task on the loop.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import nan

from servelab.bench.load.clock import now
from servelab.bench.load.target import Done, Target
from servelab.bench.run import Load

Call = Callable[[int], object]
AsyncCall = Callable[[int], Awaitable[object]]


@dataclass(frozen=True)
class CallTargets:
    """Makes the target of each generator process from a function of the request's number.

    Attributes:
        call: takes the request's number; its return value is dropped, an exception is the
            error "raised TYPE".
        workers: threads for a synchronous call; 0: none, it runs on the generator's loop.
    """

    call: Call | AsyncCall
    workers: int = 0

    def __call__(self, load: Load) -> Target:
        """Return the target that fits the callable."""
        if inspect.iscoroutinefunction(self.call):
            return AsyncTarget(self.call, load.timeout_s)
        return ThreadTarget(self.call, self.workers) if self.workers else DirectTarget(self.call)


class DirectTarget:
    """Calls on the generator's own loop: nothing can interrupt it."""

    def __init__(self, call: Call) -> None:
        self.name = _name(call)
        self._call = call

    async def open(self) -> None:
        """Need nothing."""

    def issue(self, index: int, done: Done) -> None:
        """Call, and return when it has returned."""
        done(*_timed(self._call, index))

    async def close(self) -> None:
        """Hold nothing."""


class ThreadTarget:
    """Calls on threads; a call that has begun can't be interrupted, and is waited for at the end."""

    def __init__(self, call: Call, workers: int) -> None:
        self.name = f"{_name(call)} on {workers} threads"
        self._call = call
        self._workers = workers

    async def open(self) -> None:
        """Make the pool; its threads start with the first calls."""
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(self._workers, thread_name_prefix="servelab-bench")

    def issue(self, index: int, done: Done) -> None:
        """Queue a call for the next free thread."""
        self._pool.submit(self._run, index, done)

    async def close(self) -> None:
        """Drop the queued calls, wait for those that run."""
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _run(self, index: int, done: Done) -> None:
        moments = _timed(self._call, index)
        self._loop.call_soon_threadsafe(done, *moments)


class AsyncTarget:
    """Calls as tasks of the generator's loop; a late one is cancelled."""

    def __init__(self, call: AsyncCall, timeout_s: float) -> None:
        self.name = _name(call)
        self._call = call
        self._timeout_s = timeout_s
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Need nothing."""

    def issue(self, index: int, done: Done) -> None:
        """Start a task."""
        task = asyncio.get_running_loop().create_task(self._run(index, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Cancel what still runs."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, index: int, done: Done) -> None:
        sent_s, error = nan, "cancelled"
        try:
            async with asyncio.timeout(self._timeout_s) as patience:
                sent_s = now()
                await self._call(index)
            error = ""
        except Exception as failure:  # noqa: BLE001 - whatever the callable raises is a sample
            error = "timeout" if patience.expired() else f"raised {type(failure).__name__}"
        finally:
            done(sent_s, now(), error)


def _timed(call: Call, index: int) -> tuple[float, float, str]:
    sent_s = now()
    try:
        call(index)
    except Exception as failure:  # noqa: BLE001 - whatever the callable raises is a sample
        return sent_s, now(), f"raised {type(failure).__name__}"
    return sent_s, now(), ""


def _name(call: Callable[[int], object]) -> str:
    return str(getattr(call, "__qualname__", type(call).__name__))
