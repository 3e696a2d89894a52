"""The connections of one generator process, and the requests that wait for one.

Requests take the connection that was idle longest, so all are used. A lost
connection is opened again when a request needs it; that request's latency
holds the opening, as it would for a user. A failed opening fails one request.
"""

import asyncio
from collections import deque
from math import nan
from typing import NamedTuple

from servelab.bench.errors import TargetDownError
from servelab.bench.http.address import Address
from servelab.bench.http.connection import Connection
from servelab.bench.load.clock import now
from servelab.bench.load.target import Done

LEAST_DELAY_S = 0.001  # what a timer of uvloop can tell apart


class Waiting(NamedTuple):
    """A request without a connection yet."""

    payload: bytes
    done: Done
    deadline_s: float

    def end(self, error: str) -> None:
        """End unsent."""
        self.done(nan, now(), error)


class Pool:
    """At most `size` connections to one address."""

    def __init__(self, address: Address, size: int, timeout_s: float) -> None:
        """Open nothing yet; every request ends within timeout_s of its submission."""
        self._address = address
        self._size = size
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._idle: deque[Connection] = deque()
        self._waiting: deque[Waiting] = deque()
        self._open: set[Connection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._closed = False

    async def open(self) -> None:
        """Open all connections, so that the first requests don't pay for it.

        Raises:
            TargetDownError: one can't be opened.
        """
        try:
            async with asyncio.timeout(self._timeout_s), asyncio.TaskGroup() as group:
                for _ in range(self._size):
                    group.create_task(self._connect())
        except (ExceptionGroup, TimeoutError) as errors:
            first = errors.exceptions[0] if isinstance(errors, ExceptionGroup) else errors
            reason = getattr(first, "strerror", None) or str(first) or "no connection in time"
            where = self._address.text
            msg = f"nothing answers at {where}: {reason}; start the service, or check the address"
            raise TargetDownError(msg) from errors

    def submit(self, payload: bytes, done: Done) -> None:
        """Send a request as soon as a connection is free."""
        moment_s = now()
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout_s, self._expire)
        if self._idle:
            self._idle.popleft().carry(payload, done, moment_s, moment_s + self._timeout_s)
        else:
            self._waiting.append(Waiting(payload, done, moment_s + self._timeout_s))
            self._open_more()

    def give_back(self, connection: Connection) -> None:
        """Take a free connection: for the request that waits longest, or for later."""
        if self._waiting:
            first = self._waiting.popleft()
            connection.carry(first.payload, first.done, now(), first.deadline_s)
        else:
            self._idle.append(connection)

    def lose(self, connection: Connection) -> None:
        """Forget a connection that is closed."""
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._open_more()

    async def close(self) -> None:
        """End what is open as "cancelled", and close every connection."""
        self._closed = True
        if self._timer:
            self._timer.cancel()
        for task in self._opening:
            task.cancel()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in tuple(self._open):
            connection.fail("cancelled")
        while self._waiting:
            self._waiting.popleft().end("cancelled")
        # A transport is closed in the next turn of the loop.
        await asyncio.sleep(0)

    def _expire(self) -> None:
        """End what is overdue; as all have the same patience, one timer for the next deadline does."""
        waiting = self._waiting
        moment_s = now()
        for connection in tuple(self._open):
            if connection.done and connection.deadline_s <= moment_s:
                connection.fail("timeout")
        while waiting and waiting[0].deadline_s <= moment_s:
            waiting.popleft().end("timeout")
        deadlines = [each.deadline_s for each in self._open if each.done]
        deadlines += [waiting[0].deadline_s] if waiting else []
        self._timer = None
        if deadlines and not self._closed:
            delay_s = max(LEAST_DELAY_S, min(deadlines) - now())
            self._timer = self._loop.call_later(delay_s, self._expire)

    def _open_more(self) -> None:
        """Open a connection for a waiting request, unless there are enough."""
        opening = len(self._opening)
        if self._closed or len(self._waiting) <= opening or len(self._open) + opening >= self._size:
            return
        task = self._loop.create_task(self._open_for_waiting())
        self._opening.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: "asyncio.Task[None]") -> None:
        self._opening.discard(task)
        self._open_more()

    async def _open_for_waiting(self) -> None:
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._connect()
        except OSError:  # of which TimeoutError is one
            if self._waiting:
                self._waiting.popleft().end("connection")

    async def _connect(self) -> None:
        connection = await self._address.connect(lambda: Connection(self.give_back, self.lose))
        self._open.add(connection)
        self.give_back(connection)
