"""Issue requests when their arrivals say so, whatever the server does.

Each wake issues everything that is due by then. One timer for each request, each
set by the one before, falls behind: 16 to 28 ms at 8,000 requests/s where this stays at 2.
Source: Schroeder, Wierman, Harchol-Balter, "Open Versus Closed: A Cautionary Tale",
NSDI 2006, for why a server must not choose when it is asked.
"""

import asyncio
import time
from bisect import bisect_right

from servelab.bench.load.clock import now
from servelab.bench.load.record import Record
from servelab.bench.load.target import Target
from servelab.bench.load.timer import timer
from servelab.bench.samples import FloatArray

GRACE_S = 1.0  # the target's own time-outs come first


class OpenLoop:
    """One generator process's part of an open loop."""

    def __init__(self, target: Target, arrivals: FloatArray, numbers: range) -> None:
        """Prepare to issue request numbers[i] at arrivals[i] seconds."""
        self._target = target
        self._arrivals = arrivals
        self._numbers = numbers
        self._next = 0
        self._due: list[float] = []
        self._over = asyncio.get_running_loop().create_future()
        self.record = Record(self._answered)
        self.cpu_s = 0.0
        self.busy_s = 0.0

    async def run(self, start_s: float, timeout_s: float) -> None:
        """Issue everything; return when all is answered, or the last time-out has passed."""
        # Python floats: a numpy scalar compared with a float costs ten times as much.
        self._due = (self._arrivals + start_s).tolist()
        self._timer = timer(self._wake)
        self._start_s = start_s
        self._cpu_start_s = time.thread_time()
        self._timer.at(self._due[0])
        try:
            async with asyncio.timeout(self._due[-1] - now() + timeout_s + GRACE_S):
                await self._over
        except TimeoutError:
            pass
        finally:
            self._timer.close()
        self.record.close()
        for intended_s in self._due[self._next :]:
            self.record.drop(intended_s)

    def _wake(self) -> None:
        due, issue, begin = self._due, self._target.issue, self.record.issue
        # What falls due meanwhile is left to the next wake: answers are read in between.
        end = bisect_right(due, now(), lo=self._next)
        while self._next < end:
            index = self._next
            self._next = index + 1
            issue(self._numbers[index], begin(due[index], now()))
        if self._next < len(due):
            self._timer.at(due[self._next])
            return
        self.cpu_s = time.thread_time() - self._cpu_start_s
        self.busy_s = now() - self._start_s
        self._answered()

    def _answered(self) -> None:
        if not self.record.pending and self._next == len(self._due) and not self._over.done():
            self._over.set_result(None)
