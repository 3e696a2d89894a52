"""How often each latency occurred: both axes logarithmic, or the tail would not show.

On a linear scale one request in a thousand is a line thinner than a pixel, and
it is the one that the reader came for.
"""

import numpy as np

from servelab.bench.report import quantity
from servelab.bench.report.plot.axis import SMALLEST, Axis
from servelab.bench.report.plot.figure import Figure
from servelab.bench.samples import FloatArray

_BINS_PER_DECADE = 20
_MOST_BINS = 80
_LEAST_COUNT = 0.5
"""Bottom of the axis of counts: below one, so that a single request still shows as a bar."""


def distribution(latencies: FloatArray, marked: tuple[tuple[str, float], ...]) -> Figure | None:
    """Plot a histogram of latencies.

    Args:
        latencies: (n,) seconds of good answers.
        marked: (name, seconds) of percentiles to mark, ascending.

    Returns:
        None when there is no latency.
    """
    if not len(latencies):
        return None
    low, high = _ends(latencies)
    bins = int(min(_MOST_BINS, max(8, np.ceil(np.log10(high / low) * _BINS_PER_DECADE))))
    edges = np.geomspace(low, high, bins + 1)
    counts = np.histogram(np.clip(latencies, low, high), edges)[0].astype(np.float64)
    names = ", ".join(f"{name} {quantity.duration(value)}" for name, value in marked)
    figure = Figure(
        "How long requests took",
        Axis.log("latency from the intended start, logarithmic", low, high, quantity.duration),
        Axis.log("requests, logarithmic", _LEAST_COUNT, 1.6 * counts.max(), "{:.0f}".format),
        f"Histogram of {len(latencies)} latencies between {quantity.duration(latencies.min())} "
        f"and {quantity.duration(latencies.max())}{'; ' + names if names else ''}.",
    )
    figure.bars(edges, np.maximum(counts, _LEAST_COUNT), "first")
    for row, (name, value) in enumerate(marked):
        figure.vertical(value, f"{name} {quantity.duration(value)}", "second", row=row)
    return figure


def _ends(latencies: FloatArray) -> tuple[float, float]:
    low = max(float(latencies.min()), SMALLEST)
    high = max(float(latencies.max()), SMALLEST)
    # All alike still need a width.
    return low / 1.1, max(high, low * 1.3) * 1.1
