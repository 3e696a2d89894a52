"""Axes: from a value to its place in percent of the plot, and the ticks that a reader can name.

Three scales: linear, logarithmic, and that of percentiles, on which each
further nine takes the same room.
Source: Gil Tene's HdrHistogram plots for the scale of nines; Wilkinson, "The
Grammar of Graphics", section 6.2, for 1, 2, 5 as the steps of ticks.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from servelab.bench.samples import FloatArray

SMALLEST = 1e-7
"""What a logarithmic axis shows for 0: a tenth of a microsecond, below every clock here."""

_NARROW_DECADES = 0.6
_FEW_DECADES = 1.7
_SOME_DECADES = 2.4
_PERCENTILES = (0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999)


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        title: what it shows, with its unit.
        low, high: its ends, in transformed values.
        ticks: (value, label) from low to high, in untransformed values.
        transform: monotone; takes arrays of values.
    """

    title: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    transform: Callable[[FloatArray], FloatArray]

    @classmethod
    def linear(cls, title: str, low: float, high: float, write: Callable[[float], str]) -> Self:
        """An axis on which equal differences take equal room; about five ticks."""
        high = high if high > low else low + 1
        step = _step((high - low) / 5)
        first = math.ceil(low / step - 1e-9)
        places = [count * step for count in range(first, math.floor(high / step + 1e-9) + 1)]
        return cls(title, low, high, tuple((place, write(place)) for place in places), _as_it_is)

    @classmethod
    def log(cls, title: str, low: float, high: float, write: Callable[[float], str]) -> Self:
        """An axis on which equal ratios take equal room; ticks at powers of ten, more where there is room."""
        low = max(low, SMALLEST)
        high = max(high, low * 1.001)
        decades = math.log10(high / low)
        if decades < _NARROW_DECADES:
            evenly = cls.linear(title, low, high, write)
            return cls(title, math.log10(low), math.log10(high), evenly.ticks, _log)
        mantissas = (1, 2, 5) if decades < _FEW_DECADES else (1, 3) if decades < _SOME_DECADES else (1,)
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        places = [mantissa * 10.0**power for power in powers for mantissa in mantissas]
        ticks = tuple((place, write(place)) for place in places if low * 0.999 <= place <= high * 1.001)
        return cls(title, math.log10(low), math.log10(high), ticks, _log)

    @classmethod
    def nines(cls, title: str, highest: float) -> Self:
        """An axis of percentiles from 0 to `highest` < 1, on which 90, 99 and 99.9 % stand evenly."""
        ticks = ((0.0, "0"), *((q, f"{100 * q:.6g}") for q in _PERCENTILES if q <= highest))
        return cls(title, 0.0, float(_nines(np.array([highest]))[0]), ticks, _nines)

    def places(self, values: FloatArray) -> FloatArray:
        """Places of values in percent of the axis; what lies outside stands at its end.

        >>> Axis.log("s", 0.001, 10, str).places(np.array([0.001, 0.1, 99.0])).tolist()
        [0.0, 50.0, 100.0]
        """
        inside = np.clip(self.transform(values), self.low, self.high)
        return 100 * (inside - self.low) / (self.high - self.low)

    def place(self, value: float) -> float:
        """Place of one value, in percent."""
        return float(self.places(np.array([value]))[0])


def _step(about: float) -> float:
    power = 10.0 ** math.floor(math.log10(about))
    return next(factor * power for factor in (1, 2, 5, 10) if about <= factor * power * 1.001)


def _as_it_is(values: FloatArray) -> FloatArray:
    return values


def _log(values: FloatArray) -> FloatArray:
    return np.log10(np.maximum(values, SMALLEST))


def _nines(values: FloatArray) -> FloatArray:
    return -np.log10(np.maximum(1 - values, 1e-12))
