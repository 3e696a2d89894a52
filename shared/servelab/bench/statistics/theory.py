"""What queueing theory says a server must show: the oracle for the harness itself.

Leaves out: networks of queues, priorities, impatient callers.
"""

import heapq

import numpy as np

from servelab.bench.samples import FloatArray


def lindley(arrivals: FloatArray, services: FloatArray, servers: int = 1) -> FloatArray:
    """Seconds that each request waits before its service, first come, first served.

    Source: Lindley, "The Theory of Queues with a Single Server", 1952; for
    several servers the recursion of Kiefer and Wolfowitz, 1955.

    Args:
        arrivals: (n,) ascending seconds.
        services: (n,) seconds of service of each.
        servers: requests served at once.

    Returns:
        (n,) waits in seconds.

    Raises:
        ValueError: the lengths differ, or servers is below 1.

    >>> lindley(np.array([0.0, 1.0, 2.0]), np.array([2.0, 2.0, 1.0])).tolist()
    [0.0, 1.0, 2.0]
    """
    if len(arrivals) != len(services) or servers < 1:
        msg = (
            f"{len(arrivals)} arrivals, {len(services)} services, {servers} servers: one service per arrival"
        )
        raise ValueError(msg)
    free_at = [0.0 if not len(arrivals) else float(arrivals[0])] * servers
    waits = np.zeros(len(arrivals))
    for index, (arrival_s, service_s) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
        start_s = max(arrival_s, free_at[0])
        heapq.heapreplace(free_at, start_s + service_s)
        waits[index] = start_s - arrival_s
    return waits


def stalled_p99(stall_s: float, period_s: float) -> float:
    """The p99 latency, in seconds, of a server that answers at once but stalls stall_s in every period_s.

    A request that comes x seconds into a stall waits stall_s - x; the slowest
    1 % of requests are those of the first 1 % of the period.
    Leaves out: the time of the service itself and of working off the queue.

    Raises:
        ValueError: the stall is shorter than 1 % of the period, where p99 is no stalled request.

    >>> round(stalled_p99(stall_s=0.5, period_s=5.5), 3)
    0.445
    """
    slowest_s = stall_s - 0.01 * period_s
    if slowest_s < 0 or stall_s > period_s:
        msg = f"a stall of {stall_s:g} s every {period_s:g} s: it must last from 1 % to all of the period"
        raise ValueError(msg)
    return slowest_s
