"""Whether a run held still: three windows that agree.

Source: Triton perf_analyzer, which takes a measurement once the greatest and
the least of three windows differ by at most 10 % in throughput and latency.
Throughput is held against what each window was offered, for Poisson arrivals
alone differ by more than 10 % in short windows; and medians count as
different only as far as their confidence intervals are apart.
"""

import itertools
from dataclasses import dataclass

import numpy as np

from servelab.bench.run import Run
from servelab.bench.statistics.percentile import percentile

WINDOWS = 3
MOST_RATIO = 1.10


@dataclass(frozen=True)
class Stability:
    """Greatest over least of three windows, each at least 1; inf where a window had none.

    Attributes:
        throughput: of good answers per offered requests.
        latency: of the median latency, as far as the intervals of the medians are apart.
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
        answered = np.diff(np.searchsorted(ended, [begin_s, end_s]))[0]
        shares.append(float(answered) / max(1, int(past - first)))
        good = run.samples.slice(int(first), int(past)).latency
        medians.append(percentile(good, 0.5))
    lows = [median.low for median in medians if median]
    highs = [median.high for median in medians if median]
    return Stability(
        throughput=max(shares) / min(shares) if min(shares) else np.inf,
        latency=max(1.0, max(lows) / min(highs)) if lows else 1.0,
    )
