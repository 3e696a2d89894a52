"""Latency over the percentile, on a scale where each further nine takes the same room.

The curve ends where the samples end: past the last percentile that they can
bound there is nothing to draw but a guess.
Source: Gil Tene, HdrHistogram's percentile plots.
"""

import numpy as np

from servelab.bench.report import quantity
from servelab.bench.report.plot.axis import Axis
from servelab.bench.report.plot.figure import Figure
from servelab.bench.samples import FloatArray
from servelab.bench.statistics.percentile import least_samples, percentile

_POINTS = 60
_HIGHEST = 0.99999


def curve(felt: FloatArray) -> Figure | None:
    """Plot the percentiles with their confidence band.

    Args:
        felt: (n,) seconds in order of intended start; inf for a request without a good answer.

    Returns:
        None with too few samples even for the median, or when the median is without end.
    """
    wanted = 1 - np.geomspace(0.9, 1 - _HIGHEST, _POINTS)
    known = [(q, found) for q in wanted if (found := percentile(felt, float(q))) is not None]
    finite = [(q, found) for q, found in known if np.isfinite(found.value)]
    if not finite or finite[-1][0] < 0.5:  # noqa: PLR2004 - the median
        return None
    qs, values, lows, highs = (
        np.array(column)
        for column in zip(*((q, each.value, each.low, each.high) for q, each in finite), strict=True)
    )
    # A bound without end fills the plot to its top.
    top = 1.15 * float(max(values.max(), highs[np.isfinite(highs)].max(initial=0.0)))
    figure = Figure(
        "Latency at each percentile",
        Axis.nines("percentile: each nine takes the same room", float(qs[-1])),
        Axis.log("latency, logarithmic", 0.85 * float(lows.min()), top, quantity.duration),
        f"Percentile curve up to {quantity.percentile_name(round(float(qs[-1]), 5))}, where latency is "
        f"{quantity.duration(float(values[-1]))}.",
    )
    figure.band(qs, lows, np.minimum(highs, top), "first")
    figure.line(qs, values, "first")
    figure.key("line first", "measured")
    figure.key("band first", "99 % confidence")
    if len(finite) < len(wanted):
        figure.key("none", _why_it_ends(len(felt), is_endless=len(finite) < len(known)))
    return figure


def _why_it_ends(count: int, *, is_endless: bool) -> str:
    if is_endless:
        return "beyond: requests without a good answer"
    following = next(q for q in (0.5, 0.9, 0.99, 0.999, 0.9999, _HIGHEST) if least_samples(q) > count)
    return f"beyond: too few samples ({quantity.percentile_name(following)} needs {least_samples(following)})"
