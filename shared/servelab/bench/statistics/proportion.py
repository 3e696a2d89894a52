"""A share of successes with its confidence interval."""

import math

from servelab.bench.statistics.percentile import Bounded


def wilson(successes: int, trials: int, z: float = 2.576) -> Bounded:
    """The share of successes, and Wilson's score interval of the true one; z = 2.576 gives 99 %.

    Source: Wilson, "Probable Inference, the Law of Succession, and
    Statistical Inference", 1927.

    Raises:
        ValueError: there is no trial, or there are more successes than trials.

    >>> wilson(0, 10, z=1.96).low
    0.0
    """
    if not 0 <= successes <= trials or not trials:
        msg = f"{successes} successes of {trials} trials"
        raise ValueError(msg)
    share = successes / trials
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    reach = z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    # At the corners the ends are exact; in floating point they are a hair beside.
    return Bounded(share, middle - reach if successes else 0.0, middle + reach if successes < trials else 1.0)
