"""Percentiles with confidence bounds from order statistics: no model of the distribution.

How many of n independent samples lie below the true q-quantile is binomial
(n, q); so two of the sorted samples enclose it with a known probability.
Source: David and Nagaraja, "Order Statistics", 3rd ed., section 7.1. The least
n is that of MLPerf's early stopping (LoadGen, `early_stopping.cc`).
Latencies of a queue are not independent: one stall delays hundreds in a row.
The ranks are those of the *effective* number of samples (`dependence.py`).
Leaves out: interpolation; every value shown is one that was measured.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from servelab.bench.samples import FloatArray
from servelab.bench.statistics.dependence import design_effect


@dataclass(frozen=True)
class Bounded:
    """A figure with its confidence interval, all in the unit of the figure; an end may be inf."""

    value: float
    low: float
    high: float


@lru_cache
def least_samples(q: float, confidence: float = 0.99) -> int:
    """Samples below which the q-percentile is null: none but guesses could be shown.

    With fewer, "at most one sample lay beyond the true percentile" would
    happen by chance more often than 1 - confidence.

    Raises:
        ValueError: q or confidence is not inside (0, 1).

    >>> [least_samples(q) for q in (0.5, 0.9, 0.95, 0.99, 0.999)]
    [11, 64, 130, 662, 6636]
    """
    _require(q, confidence)
    inside = max(q, 1 - q)

    def chance(n: int) -> float:
        return float(inside**n + n * (1 - inside) * inside ** (n - 1))

    low, high = 1, 2
    while chance(high) > 1 - confidence:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if chance(middle) <= 1 - confidence else (middle, high)
    return high


def percentile(values: FloatArray, q: float, confidence: float = 0.99) -> Bounded | None:
    """The q-percentile of values in the order they were measured, and an interval that holds the true one.

    Args:
        values: (n,) in order of intended start; inf for a request that failed.
        q: 0.99 for p99.
        confidence: of the interval; each end alone errs half as often.

    Returns:
        None below `least_samples`. The upper end is the greatest sample where
        correlation leaves no rank above; `effective_samples` tells when.

    Raises:
        ValueError: q or confidence is not inside (0, 1), or a value is nan.

    >>> percentile(np.arange(1000.0) * 7919 % 1000, 0.5)
    Bounded(value=499.0, low=458.0, high=541.0)
    """
    n = len(values)
    if n < least_samples(q, confidence):
        return None
    ordered = np.sort(values)
    # nan sorts to the end.
    if math.isnan(ordered[-1]):
        msg = "a latency is nan; a request without an answer counts as inf (Samples.felt)"
        raise ValueError(msg)
    rank = _rank(n, q)
    low, high = bound_ranks(n, effective_samples(values, q), q, confidence)
    return Bounded(*(float(ordered[each - 1]) for each in (rank, low, high)))


def effective_samples(values: FloatArray, q: float) -> int:
    """Independent samples that would tell the q-percentile as well as these n correlated ones.

    Args:
        values: (n,) in order of intended start, n at least 1.
        q: 0.99 for p99.
    """
    n = len(values)
    at = np.partition(values, _rank(n, q) - 1)[_rank(n, q) - 1]
    return max(1, math.floor(n / design_effect(values > at)))


@lru_cache(maxsize=1024)
def bound_ranks(n: int, effective: int, q: float, confidence: float) -> tuple[int, int]:
    """1-based ranks among n sorted samples that enclose the q-quantile, if `effective` are independent.

    >>> bound_ranks(662, 662, 0.99, 0.99)
    (648, 662)
    """
    tail = (1 - confidence) / 2
    # pmf of binomial(effective, q) around its mode by the ratio of neighbours; 1e-30 lies outside.
    spread = 12 * math.sqrt(effective * q * (1 - q)) + 40
    k = np.arange(max(0, int(effective * q - spread)), min(effective, int(effective * q + spread)) + 1)
    steps = np.log((effective - k[:-1]) / (k[:-1] + 1)) + math.log(q / (1 - q))
    logs = np.concatenate([[0.0], np.cumsum(steps)])
    pmf = np.exp(logs - logs.max())
    pmf /= pmf.sum()
    # Low rank l errs when fewer than l samples lie below; high rank u when at least u do.
    below, above = np.cumsum(pmf), np.cumsum(pmf[::-1])[::-1]
    low = int(k[0]) + int(np.searchsorted(below, tail, side="right"))
    high = int(k[0]) + int(np.count_nonzero(above > tail))
    scale = (n + 1) / (effective + 1)
    return max(1, math.floor(low * scale)), min(n, math.ceil(high * scale))


def _rank(n: int, q: float) -> int:
    # 0.95 * 20 is a hair above 19 in floating point.
    return max(1, math.ceil(n * q - 1e-9))


def _require(q: float, confidence: float) -> None:
    if not (0 < q < 1 and 0 < confidence < 1):
        msg = f"percentile {q:g} with confidence {confidence:g}: both must lie inside (0, 1)"
        raise ValueError(msg)
