"""Each answer starts the next request: what a fixed number of patient users would do.

The server sets the pace. While it stalls nobody asks, so nobody sees the stall: a
closed loop says how users of one kind fare, never what a server can take.
"""

import asyncio
import time

from servelab.bench.load.clock import now
from servelab.bench.load.open_loop import GRACE_S
from servelab.bench.load.record import Record
from servelab.bench.load.target import Target


class ClosedLoop:
    """One generator process's part of a closed loop."""

    def __init__(self, target: Target, users: int, numbers: range) -> None:
        """Prepare `users` that ask again once answered; the k-th request is number numbers[k]."""
        self._target = target
        self._numbers = numbers
        self._free = users
        self._users = users
        self._issued = 0
        self._pumping = False
        self._over = asyncio.get_running_loop().create_future()
        self.record = Record(self._answered)
        self.cpu_s = 0.0
        self.busy_s = 0.0

    async def run(self, start_s: float, duration_s: float, timeout_s: float) -> None:
        """Ask for duration_s; return when all is answered, or the last time-out has passed."""
        self._end_s = start_s + duration_s
        await asyncio.sleep(start_s - now())
        cpu_start_s = time.thread_time()
        self._pump()
        try:
            async with asyncio.timeout(self._end_s - now() + timeout_s + GRACE_S):
                await self._over
        except TimeoutError:
            pass
        self.busy_s = now() - start_s
        self.cpu_s = time.thread_time() - cpu_start_s
        self.record.close()

    def _pump(self) -> None:
        # An answer may come while its request is being issued: no recursion, the loop goes on.
        self._pumping = True
        issue, begin, numbers = self._target.issue, self.record.issue, self._numbers
        while self._free:
            moment_s = now()
            if moment_s >= self._end_s:
                break
            self._free -= 1
            number = numbers[self._issued]
            self._issued += 1
            issue(number, begin(moment_s, moment_s))
        self._pumping = False
        if not self.record.pending and not self._over.done():
            self._over.set_result(None)

    def _answered(self) -> None:
        self._free += 1
        if not self._pumping:
            self._pump()
