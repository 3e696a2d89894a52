"""hey: a closed loop in Go, whose workers can pace themselves."""

import re

from servelab.bench.errors import PeerError
from servelab.dev.peers.figures import Figures, output_of, program


def hey(address: str, connections: int, duration_s: int, rate_per_s: float = 0.0) -> Figures:
    """Run hey; its rate is that of each worker."""
    pace = ["-q", f"{rate_per_s / connections:g}"] if rate_per_s else []
    command = [program("hey"), "-z", f"{duration_s}s", "-c", str(connections), *pace, address]
    return read(output_of(command, duration_s))


def read(text: str) -> Figures:
    r"""Read hey's summary.

    Raises:
        PeerError: the text is no summary.

    >>> read("  Requests/sec:\t498.5\n  99%% in 0.0040 secs\n")
    Figures(requests_per_s=498.5, p99_s=0.004)
    """
    tail = re.search(r"99%+ in ([\d.]+) secs", text)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if not tail or not rate:
        msg = f"hey printed no figures: {text[-300:]!r}"
        raise PeerError(msg)
    return Figures(float(rate[1]), float(tail[1]))
