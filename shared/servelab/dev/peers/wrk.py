"""wrk: a closed loop in C. It has no pace."""

import re

from servelab.bench.errors import PeerError
from servelab.dev.peers.figures import Figures, output_of, program

UNITS_S = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


def wrk(address: str, connections: int, duration_s: int, rate_per_s: float = 0.0) -> Figures:  # noqa: ARG001 - it can't pace itself
    """Run `wrk -t1`."""
    options = ["-t1", f"-c{connections}", f"-d{duration_s}s", "--latency"]
    return read(output_of([program("wrk"), *options, address], duration_s))


def read(text: str) -> Figures:
    r"""Read wrk's summary.

    Raises:
        PeerError: the text is no summary.

    >>> read("     99%    4.00ms\nRequests/sec: 512.25\n")
    Figures(requests_per_s=512.25, p99_s=0.004)
    """
    tail = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if not tail or not rate:
        msg = f"wrk printed no figures: {text[-300:]!r}"
        raise PeerError(msg)
    return Figures(float(rate[1]), float(tail[1]) * UNITS_S[tail[2]])
