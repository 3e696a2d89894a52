"""Numbers as people read them: milliseconds where a second is too long, three digits and no more.

Seconds stay seconds in code and in JSON; only what is shown passes through here.
"""

import math
from typing import Final

from servelab.bench.statistics.percentile import Bounded

TOO_FEW: Final = "too few samples"
NEVER: Final = "∞"
"""A percentile that falls on requests without a good answer: those callers would wait for ever."""

_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_DIGITS: Final = 3


def digits(value: float) -> str:
    """Write a number with three significant digits, all digits before the point, and no empty decimals.

    >>> digits(0.04321), digits(4.0), digits(12345.6), digits(0.999999)
    ('0.0432', '4', '12346', '1')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else NEVER
    decimals = max(0, _DIGITS - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def duration(seconds: float) -> str:
    """Write a duration in the unit that suits it.

    >>> duration(0.4396), duration(0.004), duration(1.25), duration(0.000083), duration(float("inf"))
    ('440 ms', '4 ms', '1.25 s', '83 µs', '∞')
    """
    if not math.isfinite(seconds):
        return NEVER
    size, unit = next((each for each in _UNITS if abs(seconds) >= each[0]), _UNITS[-1])
    return f"{digits(seconds / size)} {unit}"


def bounded_duration(figure: Bounded | None) -> str:
    """Write a duration with its interval, or that there are too few samples for one.

    >>> bounded_duration(Bounded(0.0040, 0.0038, 0.0045)), bounded_duration(None)
    ('4 ms (3.8 ms to 4.5 ms)', 'too few samples')
    """
    if figure is None:
        return TOO_FEW
    return f"{duration(figure.value)} ({duration(figure.low)} to {duration(figure.high)})"


def bounded_ratio(figure: Bounded) -> str:
    """Write a ratio with its interval.

    >>> bounded_ratio(Bounded(1.0214, 0.9931, 1.05))
    '1.021 (0.993 to 1.050)'
    """
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def rate(per_s: float) -> str:
    """Write a rate of requests.

    >>> rate(499.71), rate(12.5)
    ('500/s', '12.5/s')
    """
    return f"{digits(per_s)}/s"


def percent(share: float) -> str:
    """Write a share of one.

    >>> percent(0.0312), percent(1.0), percent(0.05)
    ('3.12 %', '100 %', '5 %')
    """
    return f"{digits(100 * share)} %"


def percentile_name(q: float) -> str:
    """Name a percentile as the field does.

    >>> percentile_name(0.5), percentile_name(0.99), percentile_name(0.999)
    ('p50', 'p99', 'p99.9')
    """
    return f"p{100 * q:.6g}"
