"""One acceptance check of the harness: a claim, the measured value and its bound."""

import math
from dataclasses import dataclass

import numpy as np

from servelab.bench.samples import FloatArray
from servelab.bench.statistics.bootstrap import trimmed_interval
from servelab.bench.statistics.percentile import Bounded

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Check:
    """What one check measured.

    Attributes:
        id: number of the check, 1 to 7.
        claim: one sentence on what the harness can do.
        value: the measured figure, in the unit that the claim names.
        interval: (low, high) of the value, or None where it has no chance in it.
        bound: what the value must keep, such as ">= 0.99".
        ok: whether the claim holds.
    """

    id: int
    claim: str
    value: float
    interval: tuple[float, float] | None
    bound: str
    ok: bool


def typical(errors: FloatArray, seed: int) -> Bounded:
    """The typical one of about eight errors with its 95 % interval; nan if one is no number.

    No bound holds nan.

    >>> typical(np.array([0.01, np.inf]), 1)
    Bounded(value=nan, low=nan, high=nan)
    """
    if not np.isfinite(errors).all():
        return Bounded(math.nan, math.nan, math.nan)
    return trimmed_interval(errors, CONFIDENCE, seed)


def within(error: Bounded, most: float) -> bool:
    """Whether an error keeps a bound either way with its whole interval."""
    return error.low >= -most and error.high <= most
