"""Model calls off the event loop: a few worker threads and a bounded queue in front of them.

A call that waits is a coroutine on the event loop, not work in a thread's queue: when its
client leaves it is cancelled like any coroutine, and the model never hears of it. A call that
runs can't be stopped, so its worker counts as busy until the thread is done, even when nobody
waits for the answer any more.
Source: Google SRE book, chapter 22, "Addressing Cascading Failures" (queue management).
Leaves out: batching, priorities and deadlines (exercise 04).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from src.services.errors import OverloadedError

T = TypeVar("T")


class InferencePool:
    """`workers` calls at once, `queue` waiting, and everybody else is sent away at once."""

    def __init__(self, *, workers: int, queue: int) -> None:
        self._executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="inference")
        self._free = asyncio.Semaphore(workers)
        self._queue = queue
        self._waiting = 0

    async def run(self, call: Callable[[], T]) -> T:
        """Return what a blocking call returns, without blocking the event loop.

        A caller that is cancelled while it waits leaves the queue and its call is never made; one
        that is cancelled later returns at once, while its worker is free only when the thread is.

        Raises:
            OverloadedError: all workers are busy and the queue is full.
        """
        # task 1.6: refuse when full; wait for a free worker; run the call in a thread; then free the worker
        if self._free.locked() and self._waiting >= self._queue:
            raise OverloadedError
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            # In `finally`: a client that leaves while it waits must not keep its place.
            self._waiting -= 1
        future = self._executor.submit(call)
        loop = asyncio.get_running_loop()
        # Not `async with`: a cancelled caller returns at once, its thread does not.
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._free.release))
        return await asyncio.wrap_future(future)
        # end task 1.6

    def close(self) -> None:
        """Let the threads end after the calls that they run."""
        self._executor.shutdown(wait=False, cancel_futures=True)
