"""The noise floor: by how much A differs from itself on this machine.

The true ratio of A to itself is 1, so every round of A against itself is one
draw of pure noise, and a few of them say how large it is. As in the ratio of
A to B (`bootstrap.py`) the wildest two fifths of them do not count.
"""

import math

import numpy as np

from servelab.bench.samples import FloatArray
from servelab.bench.statistics.bootstrap import TRIM
from servelab.bench.statistics.percentile import Bounded

# 97.5 % point of the normal distribution: the floor holds 95 % of what noise shows.
_Z = 1.959964


def noise_of(logs: FloatArray, rounds: int) -> Bounded:
    """The median ratio of A to itself, and the range that noise gives the ratio of so many rounds, at 95 %.

    Args:
        logs: (m,) logs of A over A, one per round, m at least 3.
        rounds: rounds of A against B whose ratio is to be held against the range.

    >>> noise_of(np.log([1.02, 0.98, 1.02, 0.98]), rounds=4).high > 1.02
    True
    """
    cut = int(2 * TRIM * len(logs))
    # About 0, not about their mean: the truth is known here.
    sizes = np.sort(np.abs(logs))
    kept = len(logs) - cut
    sizes[kept:] = sizes[kept - 1]
    error = math.sqrt(float(np.mean(sizes**2))) / ((1 - 2 * TRIM) * math.sqrt(rounds))
    reach = student_975(kept) * error
    return Bounded(math.exp(float(np.median(logs))), math.exp(-reach), math.exp(reach))


def student_975(freedom: int) -> float:
    """The 97.5 % point of Student's t, within 4 % from 2 degrees of freedom on.

    Source: Abramowitz and Stegun, "Handbook of Mathematical Functions", 26.7.5.

    >>> [round(student_975(freedom), 2) for freedom in (4, 10, 30)]
    [2.77, 2.23, 2.04]
    """
    z = _Z
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return math.fsum(term / float(freedom) ** power for power, term in enumerate(terms))
