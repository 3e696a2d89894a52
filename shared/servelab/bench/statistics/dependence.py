"""How much less correlated samples tell than independent ones.

Under correlation the variance of a mean is `design effect` times that of
independent samples (Kish, "Survey Sampling", 1965, section 8.2). It is
estimated by batch means: the run is cut into batches longer than the
correlation, and the spread of their means is held against the spread that
independent samples would have (Law, "Simulation Modeling and Analysis", 5th
ed., section 9.5.3).
Where correlation is evident, the upper limit of the estimate is taken:
few clusters of slow requests look tamer than they are.
Leaves out: correlation longer than a batch, a 32nd of the run; the rules on
stability and backlog catch that.
"""

import numpy as np

from servelab.bench.samples import BoolArray

BATCHES = 32
# (batches - 1) * estimate / truth is about chi-squared with 31 degrees of freedom:
EVIDENT = 52.19 / 31  # its 99 % point: more than chance gives independent samples
UPPER = 31 / 19.28  # its 5 % point: the truth is at most this many times the estimate


def design_effect(beyond: BoolArray) -> float:
    """Factor by which correlation inflates the variance of the share of True; 1 where none is evident.

    Args:
        beyond: (n,) in order of time: whether each sample lies beyond the percentile.

    >>> design_effect(np.arange(1024) % 2 == 0)
    1.0
    >>> round(design_effect(np.arange(1024) < 512))
    53
    """
    length = len(beyond) // BATCHES
    if length == 0:
        return 1.0
    used = beyond[: length * BATCHES]
    share = float(used.mean())
    if share in (0.0, 1.0):
        return 1.0
    means = used.reshape(BATCHES, length).mean(axis=1)
    independent = share * (1 - share) / length
    estimate = float(np.var(means, ddof=1)) / independent
    return UPPER * estimate if estimate > EVIDENT else 1.0
