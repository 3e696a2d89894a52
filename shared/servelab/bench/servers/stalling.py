"""A server that stalls at every period: its p99 is known by arithmetic.

The whole process sleeps, as in a long collection, a page fault or a blocking
call on the event loop; what arrives meanwhile waits in the kernel.
"""

import asyncio
import sys
import time

from servelab.bench.load.clock import now
from servelab.bench.servers.listener import ANSWER, Decide, serve


def main() -> None:
    """Serve until killed: `python -m servelab.bench.servers.stalling STALL_S PERIOD_S`."""
    stall_s, period_s = float(sys.argv[1]), float(sys.argv[2])
    serve(lambda: _stalling(stall_s, period_s))


def _stalling(stall_s: float, period_s: float) -> Decide:
    loop = asyncio.get_running_loop()
    start_s = now()

    def stall(number: int) -> None:
        time.sleep(stall_s)
        wait_s = start_s + (number + 1) * period_s - now()
        loop.call_later(max(0.0, wait_s), stall, number + 1)

    loop.call_later(period_s, stall, 1)
    return lambda answer: answer(ANSWER)


if __name__ == "__main__":
    main()
