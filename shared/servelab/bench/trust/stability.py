"""Whether a run held still: three windows that agree.

Source: Triton perf_analyzer, which takes a measurement once the greatest and
the least of three windows differ by at most 10 % in throughput and latency.
Throughput is held against what each window was offered, for Poisson arrivals
alone differ by more than 10 % in short windows; and medians count as
different only as far as their confidence intervals are apart, and by more than
the generator's own timer is late. A load whose rate changes changes the
latency of a healthy server, so medians are not held against each other there;
nor is a window in which nothing was offered.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from servelab.bench.run import Run
from servelab.bench.statistics.percentile import percentile

WINDOWS = 3
MOST_RATIO = 1.10
TIMER_S = 0.0001
"""Latency starts at the intended moment, and the timer of a loop wakes up about so much later."""


@dataclass(frozen=True)
class Stability:
    """Greatest over least of those of three windows that were offered requests, each at least 1; inf: none.

    Attributes:
        throughput: of good answers per offered requests.
        latency: of the median latency, as far as the intervals of the medians are apart; 1 where that is less
            than `TIMER_S`, and for a load whose rate changes.
    """

    throughput: float
    latency: float


def stability(run: Run) -> Stability:
    """Compare the three thirds of the measured part."""
    edges = np.linspace(run.load.warm_up_s, run.load.duration_s, WINDOWS + 1)
    shares, medians = [], []
    ended = np.sort(run.samples.ended[~run.samples.failed])
    for begin_s, end_s in itertools.pairwise(edges):
        first, past = np.searchsorted(run.samples.intended, [begin_s, end_s])
        if first == past:
            continue
        answered = np.diff(np.searchsorted(ended, [begin_s, end_s]))[0]
        shares.append(float(answered) / int(past - first))
        good = run.samples.slice(int(first), int(past)).latency
        medians.append(percentile(good, 0.5))
    lows = [median.low for median in medians if median]
    highs = [median.high for median in medians if median]
    apart = bool(lows) and max(lows) - min(highs) > TIMER_S
    return Stability(
        throughput=_ratio(shares),
        latency=max(lows) / min(highs) if apart and run.load.steady else 1.0,
    )


def _ratio(shares: list[float]) -> float:
    if not shares:
        return 1.0
    return max(shares) / min(shares) if min(shares) else np.inf
