"""Rates of a run: what was answered well, and what was answered well in time.

Source: Beyer et al., "Site Reliability Engineering", chapter 21: under
overload count goodput, for late answers are work done for nobody.
"""

import numpy as np

from servelab.bench.run import Run


def achieved_per_s(run: Run) -> float:
    """Good answers that came during the measured part, per second; an error is no achievement."""
    samples = run.samples
    ended = samples.ended[~samples.failed]
    inside = (ended >= run.load.warm_up_s) & (ended < run.load.duration_s)
    return float(np.count_nonzero(inside)) / run.measured_s


def goodput_per_s(run: Run, slo_s: float) -> float:
    """Good answers within slo_s of their intended start, per second of the measured part."""
    return float(np.count_nonzero(run.measured.felt <= slo_s)) / run.measured_s
