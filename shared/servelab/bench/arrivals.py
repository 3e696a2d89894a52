"""When requests are meant to start: the clock of an open loop, drawn before the run.

The whole schedule exists before the first request, so nothing that the server
does can move it.
Leaves out: heavy-tailed and self-similar arrivals; replay a recording for those.
"""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from servelab.bench.samples import FloatArray
from servelab.errors import MisuseError


def poisson(rate_per_s: float, duration_s: float, seed: int) -> FloatArray:
    """Starts of independent users: exponential gaps of mean 1/rate.

    A longer duration with the same seed begins with the same starts.
    Source: Ross, "Introduction to Probability Models", section 5.3.

    Returns:
        (n,) ascending seconds in (0, duration_s), n about rate_per_s * duration_s.

    Raises:
        MisuseError: the rate or the duration is not positive and finite.
    """
    _require(rate_per_s, duration_s)
    return _poisson(rate_per_s, duration_s, np.random.default_rng(seed))


def constant(rate_per_s: float, duration_s: float) -> FloatArray:
    """Starts on a metronome: for finding queues that even arrivals cause.

    Raises:
        MisuseError: the rate or the duration is not positive and finite.

    >>> constant(4, 1).tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    _require(rate_per_s, duration_s)
    # 10/s over 0.7 s is seven starts, though 0.7 * 10 is a hair above 7 in floating point.
    count = math.ceil(rate_per_s * duration_s - 1e-9)
    return np.arange(count, dtype=np.float64) / rate_per_s


def stepped(steps: Sequence[tuple[float, float]], seed: int) -> FloatArray:
    """Poisson starts whose rate changes in steps of (rate_per_s, duration_s); a rate of 0 is a pause.

    Raises:
        MisuseError: there is no step, or one has a negative rate or no duration.
    """
    if not any(rate_per_s for rate_per_s, _ in steps):
        msg = "stepped arrivals need at least one step with a rate above 0"
        raise MisuseError(msg)
    parts = []
    begin_s = 0.0
    for (rate_per_s, duration_s), child in zip(
        steps, np.random.SeedSequence(seed).spawn(len(steps)), strict=True
    ):
        _require(rate_per_s or 1.0, duration_s)
        if rate_per_s:
            parts.append(begin_s + _poisson(rate_per_s, duration_s, np.random.default_rng(child)))
        begin_s += duration_s
    return np.concatenate(parts)


def recorded(path: Path) -> FloatArray:
    """Starts read from a recording: seconds, one per line, the first column of a .csv; the first becomes 0.

    A head line is allowed. Lines may be out of order, as in the access log of
    several workers.

    Raises:
        MisuseError: the file can't be read, is empty, or a line holds no finite number.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"recorded arrivals {path} can't be read: {error}"
        raise MisuseError(msg) from None
    cells = [(number, line.split(",")[0].strip()) for number, line in enumerate(lines, 1) if line.strip()]
    if cells and _seconds(cells[0][1]) is None and any(letter.isalpha() for letter in cells[0][1]):
        cells = cells[1:]
    starts = []
    for number, cell in cells:
        start_s = _seconds(cell)
        if start_s is None:
            msg = f"line {number} of {path} is {cell!r}: expected seconds, such as 0.125"
            raise MisuseError(msg)
        starts.append(start_s)
    if not starts:
        msg = f"recorded arrivals {path} hold no start: expected seconds, one per line"
        raise MisuseError(msg)
    ordered = np.sort(np.array(starts, dtype=np.float64))
    ordered -= ordered[0]
    return ordered


def _poisson(rate_per_s: float, duration_s: float, generator: np.random.Generator) -> FloatArray:
    chunk = math.ceil(rate_per_s * duration_s / 4) + 64
    gaps = [generator.exponential(1 / rate_per_s, chunk)]
    while sum(float(part.sum()) for part in gaps) < duration_s:
        gaps.append(generator.exponential(1 / rate_per_s, chunk))
    starts = np.cumsum(np.concatenate(gaps))
    return starts[starts < duration_s]


def _seconds(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _require(rate_per_s: float, duration_s: float) -> None:
    if not (0 < rate_per_s < math.inf and 0 < duration_s < math.inf):
        msg = f"{rate_per_s:g} requests/s for {duration_s:g} s: both must be positive and finite"
        raise MisuseError(msg)
