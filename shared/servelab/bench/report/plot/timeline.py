"""Latency over the time of the run: stalls, drift and a growing backlog show here and nowhere else.

Dots that would cover each other are drawn once, so the plot of a million
requests looks as it must and still loads at once; no extreme is lost.
"""

import numpy as np

from servelab.bench.report import quantity
from servelab.bench.report.plot.axis import SMALLEST, Axis
from servelab.bench.report.plot.figure import Figure
from servelab.bench.samples import FloatArray, Samples

_COLUMNS = 400
_ROWS = 120
"""Cells in which one dot stands for all: about three pixels of a wide screen."""

_ROOM = 2.2
"""Factor of empty room above the slowest answer, for the marks of failures."""


def timeline(samples: Samples, warm_up_s: float, duration_s: float) -> Figure | None:
    """Plot every request at its intended start; requests without a good answer stand at the top.

    Args:
        samples: warm-up included.
        warm_up_s: end of the warm-up, seconds from the start of the run.
        duration_s: end of the arrivals.

    Returns:
        None when there is no request.
    """
    if not len(samples):
        return None
    failed = samples.failed
    starts, latencies = samples.intended[~failed], np.maximum(samples.latency, SMALLEST)
    low, high = (float(latencies.min()), float(latencies.max())) if len(latencies) else (1e-3, 1.0)
    figure = Figure(
        "Each request over the time of the run",
        Axis.linear("intended start", 0, max(duration_s, float(samples.intended[-1])), "{:g} s".format),
        Axis.log("latency, logarithmic", 0.8 * low, _ROOM * max(high, 2 * low), quantity.duration),
        f"{len(samples)} requests over {duration_s:g} s; {int(failed.sum())} without a good answer.",
        is_wide=True,
    )
    if warm_up_s:
        figure.shade(0, warm_up_s, "warm-up", "muted")
    xs, ys = _visible(figure, starts, latencies)
    figure.dots(xs, ys, "first")
    figure.key("dot first", "good answer")
    if failed.any():
        bad = samples.intended[failed]
        xs, ys = _visible(figure, bad, np.full(len(bad), np.inf))
        figure.dots(xs, ys, "bad")
        figure.key("dot bad", "no good answer")
    return figure


def _visible(figure: Figure, xs: FloatArray, ys: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return one dot for each cell of the plot that holds any."""
    columns = np.floor(figure.x.places(xs) * (_COLUMNS / 100)).astype(np.int64)
    rows = np.floor(figure.y.places(ys) * (_ROWS / 100)).astype(np.int64)
    _, kept = np.unique(columns * (_ROWS + 1) + rows, return_index=True)
    return xs[kept], ys[kept]
