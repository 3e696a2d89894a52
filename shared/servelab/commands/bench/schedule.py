"""When requests start, refused before the run where it could show nothing or could not be sent."""

import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from servelab.commands.bench.option import seconds
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.bench.run import ArrivalKind
    from servelab.bench.samples import FloatArray

MOST_PER_PROCESS: Final = 50_000
"""Requests a second that one Python process could send on a fast core, and does not here."""

MOST_REQUESTS: Final = 20_000_000
"""What a run may hold: some 4 GB of samples."""


def draw(kind: "ArrivalKind", rate_per_s: float, duration_s: float, seed: int) -> "FloatArray":
    """Return the starts of Poisson or constant arrivals.

    Raises:
        MisuseError: the rate or the duration is not positive.
    """
    from servelab.bench import arrivals

    if rate_per_s * duration_s > MOST_REQUESTS:
        msg = f"{rate_per_s:,.10g}/s for {duration_s:g} s exceeds {MOST_REQUESTS:,} requests; shorten it"
        raise MisuseError(msg)
    if kind == "constant":
        return arrivals.constant(rate_per_s, duration_s)
    return arrivals.poisson(rate_per_s, duration_s, seed)


def read_steps(texts: Sequence[str]) -> list[tuple[float, float]]:
    """Read steps such as 100:10s as (rate_per_s, duration_s).

    Raises:
        MisuseError: one is not of that form.
    """
    steps = []
    for text in texts:
        rate, _, length = text.partition(":")
        try:
            steps.append((float(rate), seconds(length)))
        except (ValueError, typer.BadParameter):
            msg = f"--step {text}: write it as RATE:TIME, such as 100:10s"
            raise MisuseError(msg) from None
    return steps


def read_recording(path: Path | None) -> "FloatArray":
    """Read recorded arrivals.

    Raises:
        MisuseError: there is no file, or no starts in it.
    """
    from servelab.bench import arrivals

    if path is None:
        msg = "recorded arrivals need --recording FILE, with one start in seconds on each line"
        raise MisuseError(msg)
    return arrivals.recorded(path)


def refuse_impossible(rate_per_s: float, processes: int) -> None:
    """Refuse a rate that the generator can't send.

    Raises:
        MisuseError: it says what would help.
    """
    cores = os.cpu_count() or 1
    if processes > cores:
        msg = (
            f"--processes {processes}: this machine has {cores} cores, and the service needs time on them, "
            f"too; ask for {cores} at most"
        )
        raise MisuseError(msg)
    if rate_per_s > MOST_PER_PROCESS * processes:
        msg = (
            f"{rate_per_s:,.10g} requests/s are more than the generator can send with --processes "
            f"{processes}: at most {MOST_PER_PROCESS:,}/s each; lower the rate or raise --processes"
        )
        raise MisuseError(msg)


def refuse_too_short(count: int, rate_per_s: float, warm_up_s: float, q: float) -> None:
    """Refuse a run that is sure to have too few requests for its percentile.

    Args:
        count: requests past the warm-up.
        rate_per_s: at which they start.
        warm_up_s: left out at the start.
        q: 0.99 for p99.

    Raises:
        MisuseError: it says how long the run must be.
    """
    from servelab.bench.statistics.percentile import least_samples

    least = least_samples(q)
    if count < least:
        # A tenth more than needed: the count of Poisson arrivals varies.
        needed_s = math.ceil(1.1 * least / rate_per_s + warm_up_s)
        msg = (
            f"{count} requests past the warm-up are too few: p{100 * q:g} needs {least}; "
            f"let it run for {needed_s} s, raise the rate, or ask for a lower --percentile"
        )
        raise MisuseError(msg)
