"""A single server with a first-come-first-served queue and drawn service times.

A constant service time gives a server of known capacity, M/D/1 under Poisson
arrivals; exponential ones give M/M/1. Request i in order of arrival takes
services[i], so its wait is known to the microsecond (Lindley, 1952).
Each answer is due at a moment computed from the queue, not after a sleep: the
lateness of one timer is not passed on to all the requests behind.
"""

import sys
from collections import deque
from typing import Literal

import numpy as np

from servelab.bench.load.clock import now
from servelab.bench.load.timer import timer
from servelab.bench.samples import FloatArray
from servelab.bench.servers.listener import ANSWER, FULL, Answer, Decide, serve

Service = Literal["constant", "exponential"]
DRAWN = 1 << 16


def service_times(service: Service, mean_s: float, seed: int) -> FloatArray:
    """Return the first 65,536 service times in seconds; the server begins again after them.

    >>> service_times("constant", 0.5, 0)[:3].tolist()
    [0.5, 0.5, 0.5]
    """
    if service == "constant":
        return np.full(DRAWN, mean_s)
    return np.random.default_rng(seed).exponential(mean_s, DRAWN)


class Queue:
    """Answers in order of arrival, each after its service time."""

    def __init__(self, services: FloatArray, most: int) -> None:
        """Serve with these times; refuse with 503 whoever finds `most` requests in the system."""
        self._services: list[float] = services.tolist()
        self._most = most
        self._count = 0
        self._free_s = 0.0
        self._due: deque[tuple[float, Answer]] = deque()
        self._timer = timer(self._answer_due)

    def take(self, answer: Answer) -> None:
        """Queue a request."""
        if len(self._due) >= self._most:
            answer(FULL)
            return
        self._free_s = max(now(), self._free_s) + self._services[self._count % DRAWN]
        self._count += 1
        self._due.append((self._free_s, answer))
        if len(self._due) == 1:
            self._timer.at(self._free_s)

    def _answer_due(self) -> None:
        while self._due and self._due[0][0] <= now():
            self._due.popleft()[1](ANSWER)
        if self._due:
            self._timer.at(self._due[0][0])


def main() -> None:
    """Serve until killed: `python -m servelab.bench.servers.queueing SERVICE MEAN_S SEED MOST`."""
    service, mean_s, seed, most = sys.argv[1:5]
    kind: Service = "constant" if service == "constant" else "exponential"
    services = service_times(kind, float(mean_s), int(seed))
    serve(lambda: _queueing(services, int(most)))


def _queueing(services: FloatArray, most: int) -> Decide:
    return Queue(services, most).take


if __name__ == "__main__":
    main()
