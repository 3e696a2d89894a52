"""Requests that wait: how many, and whether they become more.

A server below its capacity has a backlog that comes and goes; one above it
has a backlog that grows as long as the load lasts. A significantly positive
slope of concurrency is guidellm's sign of over-saturation; theirs assumes
independent residuals, which a queue's are not.
Source: Draper and Smith, "Applied Regression Analysis", 3rd ed., section 1.4;
the correction for correlation is that of Bayley and Hammersley, "The Effective
Number of Independent Observations", 1946. Where the load itself changes, so does
the backlog of a healthy server; then it is held against what was offered at the
time: Little, "A Proof for the Queuing Formula L = λW", 1961.
"""

import math
from dataclasses import dataclass

import numpy as np

from servelab.bench.samples import FloatArray, Samples

SEGMENTS = 20
# One-sided 99.5 % point of Student's t with SEGMENTS - 2 degrees of freedom.
SIGNIFICANT_T = 2.878
# Where fewer segments were offered anything, there is no line to draw.
LEAST_SEGMENTS = 10
# Less growth than this is no queue, however sure its sign.
LEAST_GROWTH = 2.0


@dataclass(frozen=True)
class Growth:
    """A straight line through the backlog.

    Attributes:
        per_s: its slope in requests per second.
        over_run: requests by which it rose from the first to the last moment.
        significant: whether a backlog that only comes and goes would hardly show this.
    """

    per_s: float
    over_run: float
    significant: bool


def outstanding(samples: Samples, at_s: FloatArray) -> FloatArray:
    """(m,) requests meant to have started by each moment and not yet over; one never answered stays."""
    started = np.searchsorted(samples.intended, at_s, side="right")
    # nan sorts to the end, past every moment.
    over = np.searchsorted(np.sort(samples.ended), at_s, side="right")
    return (started - over).astype(np.float64)


def growth(samples: Samples, begin_s: float, end_s: float, *, steady: bool = True) -> Growth:
    """Whether the backlog grew between two moments of a run.

    Args:
        samples: of the run.
        begin_s: the first moment.
        end_s: the last moment.
        steady: False for a load whose rate changes: the backlog counts in proportion to it, so the growth
            is that of the backlog at the mean rate, and where nothing was offered nothing is looked at.
    """
    # 50 looks per segment: their mean stands for the segment.
    at_s = np.linspace(begin_s, end_s, SEGMENTS * 50, endpoint=False)
    levels = outstanding(samples, at_s).reshape(SEGMENTS, -1).mean(axis=1)
    times = np.arange(SEGMENTS, dtype=np.float64)
    if not steady:
        offered = np.histogram(samples.intended, SEGMENTS, (begin_s, end_s))[0]
        seen = offered > 0
        levels, times = levels[seen] * offered.mean() / offered[seen], times[seen]
        if len(times) < LEAST_SEGMENTS:
            return Growth(0.0, 0.0, significant=False)
    times -= times.mean()
    slope = float(times @ levels / (times @ times))
    residuals = levels - levels.mean() - slope * times
    error = math.sqrt(float(residuals @ residuals) / (len(times) - 2) / float(times @ times))
    t = slope / error if error else math.copysign(math.inf, slope) if slope else 0.0
    over_run = slope * (SEGMENTS - 1)
    return Growth(
        per_s=slope * SEGMENTS / (end_s - begin_s),
        over_run=over_run,
        significant=t / _inflation(residuals) > SIGNIFICANT_T and over_run > LEAST_GROWTH,
    )


def _inflation(residuals: FloatArray) -> float:
    """Factor on the standard error for neighbouring segments that resemble each other."""
    power = float(residuals @ residuals)
    if not power:
        return 1.0
    # The residuals of a fitted line look less correlated than the noise is, by about 4/SEGMENTS (Kendall).
    lag_one = float(residuals[1:] @ residuals[:-1]) / power + 4 / SEGMENTS
    correlation = min(0.9, max(0.0, lag_one))
    return math.sqrt((1 + correlation) / (1 - correlation))
