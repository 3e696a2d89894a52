"""A confidence interval of a typical value from few, noisy and possibly correlated ones.

The noise of a shared machine is calm for most rounds and wild in a few, so
the mean is trimmed: the highest and the lowest fifth do not count (Yuen,
"The Two-Sample Trimmed t for Unequal Population Variances", 1974).
Its interval is a studentised bootstrap: resample the values, and see how far
the resample's trimmed mean lies from the true one, in units of its own
standard error (Efron and Tibshirani, "An Introduction to the Bootstrap",
1993, section 12.5; symmetric, and for trimmed means: Wilcox, "Introduction to
Robust Estimation", 4th ed., section 4.4). For 8 or 16 values it keeps its
promise, where the plain percentile bootstrap is too narrow.
Values measured one after another resemble their neighbours, for a busy
machine stays busy a while; so runs of neighbours are drawn, not single values
(Politis and Romano, "A Circular Block-Resampling Procedure", 1992).
Leaves out: what strikes fewer than one value in five.
"""

import math

import numpy as np

from servelab.bench.samples import FloatArray
from servelab.bench.statistics.percentile import Bounded

RESAMPLES = 4000
TRIM = 0.2
LEAST_SPREAD = 0.001
# Below so many values, runs of neighbours leave too few of them to draw from.
LEAST_FOR_RUNS = 12


def run_length(count: int) -> int:
    """Neighbours drawn together from so many values: about the cube root, 1 where there are few.

    Source: Künsch, "The Jackknife and the Bootstrap for General Stationary Observations", 1989.

    >>> [run_length(count) for count in (8, 12, 27, 64)]
    [1, 2, 3, 4]
    """
    return round(count ** (1 / 3)) if count >= LEAST_FOR_RUNS else 1


def trimmed_interval(values: FloatArray, confidence: float, seed: int) -> Bounded:
    """The mean of all but the highest and the lowest fifth, with its interval; from about 8 values on.

    Args:
        values: (n,) finite, in the order they were measured, n at least 2.
        confidence: of the interval, which reaches as far down as up.
        seed: of the resampling.

    Raises:
        ValueError: there are fewer than 2 values, or one is not finite.
    """
    count = len(values)
    if count < 2 or not np.isfinite(values).all():  # noqa: PLR2004 - a spread needs two
        msg = f"an interval needs at least 2 finite values: got {values.tolist()}"
        raise ValueError(msg)
    length = run_length(count)
    firsts = np.random.default_rng(seed).integers(0, count, (RESAMPLES, math.ceil(count / length), 1))
    # Runs go around the corner, so that the first and the last value are drawn as often as others.
    drawn = values[((firsts + np.arange(length)) % count).reshape(RESAMPLES, -1)[:, :count]]
    centres, errors = trimmed(drawn)
    (centre,), (error,) = trimmed(values[np.newaxis])
    # A resample of nearly one value has no standard error worth the name, and tells nothing.
    spread = errors > LEAST_SPREAD * error
    distances = np.abs(centres[spread] - centre) / errors[spread]
    reach = float(np.quantile(distances, confidence) * error) if len(distances) else 0.0
    return Bounded(float(centre), float(centre) - reach, float(centre) + reach)


def trimmed(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(m,) trimmed means of m rows of n values, and (m,) their standard errors from winsorised variances.

    >>> means, errors = trimmed(np.array([[1.0, 2.0, 3.0, 4.0, 90.0]]))
    >>> means.tolist()
    [3.0]
    """
    count = rows.shape[1]
    cut = int(TRIM * count)
    ordered = np.sort(rows, axis=1)
    kept = ordered[:, cut : count - cut]
    ordered[:, :cut] = kept[:, :1]
    ordered[:, count - cut :] = kept[:, -1:]
    share = kept.shape[1] / count
    return kept.mean(axis=1), ordered.std(axis=1, ddof=1) / (share * math.sqrt(count))
