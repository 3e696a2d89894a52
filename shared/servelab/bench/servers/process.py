"""A server in a process of its own, for as long as a block lasts."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from servelab.bench.servers.queueing import Service

STOP_S = 2.0
UNBOUNDED = 1 << 30


@contextlib.contextmanager
def serving(kind: str, *arguments: str) -> Iterator[str]:
    """Run `servelab.bench.servers.KIND`; yield its address.

    Raises:
        RuntimeError: it ended before it listened.
    """
    command = [sys.executable, "-m", f"servelab.bench.servers.{kind}", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
        try:
            address = process.stdout.readline().strip() if process.stdout else ""
            if not address:
                msg = f"the {kind} server ended with exit code {process.wait()} before it listened"
                raise RuntimeError(msg)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def fast(unix_path: str = "") -> contextlib.AbstractContextManager[str]:
    """Serve as fast as Python can, on TCP or a Unix socket."""
    return serving("fast", *([unix_path] if unix_path else []))


def stalling(stall_s: float, period_s: float) -> contextlib.AbstractContextManager[str]:
    """Serve at once, but sleep for stall_s at every period."""
    return serving("stalling", str(stall_s), str(period_s))


def queueing(
    service: Service, mean_s: float, seed: int = 0, most: int = UNBOUNDED
) -> contextlib.AbstractContextManager[str]:
    """Serve one after the other with service times of a mean; see `queueing.service_times`."""
    return serving("queueing", service, str(mean_s), str(seed), str(most))
