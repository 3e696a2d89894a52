"""B against A as a ratio: each round, the interval, the margin, and the noise of A against itself.

The reader sees at once what decides: whether the interval lies inside the
margin, outside it, or across its edge.
"""

import numpy as np

from servelab.bench.report import quantity
from servelab.bench.report.plot.axis import Axis
from servelab.bench.report.plot.figure import Figure
from servelab.bench.samples import FloatArray
from servelab.bench.statistics.percentile import Bounded

_ROWS = {"each B/A": 4.0, "B / A": 3.0, "each A/A": 2.0, "A / A": 1.0}


def ratio(
    rounds: FloatArray, found: Bounded, noise_rounds: FloatArray, noise: Bounded | None, margin: float
) -> Figure:
    """Plot a comparison.

    Args:
        rounds: (n,) ratio B/A of each round that counts.
        found: the ratio with its interval.
        noise_rounds: (m,) ratio A/A of each round that played A against itself.
        noise: A/A with its interval; None: too few rounds for one.
        margin: 0.05 for "within 5 % counts as the same".
    """
    least, most = 1 / (1 + margin), 1 + margin
    seen = [least, most, found.low, found.high, *rounds.tolist(), *noise_rounds.tolist()]
    seen += [noise.low, noise.high] if noise else []
    room = (max(seen) / min(seen)) ** 0.12
    low, high = min(seen) / room, max(seen) * room
    ticks = tuple((row, name) for name, row in _ROWS.items())
    figure = Figure(
        "B as a multiple of A",
        Axis.log("ratio, logarithmic; 1: no difference", low, high, "{:.4g}".format),
        Axis("", 0.4, 4.9, ticks, lambda values: values),
        f"Ratio of B to A {quantity.bounded_ratio(found)}; same within {quantity.percent(margin)}.",
        is_wide=True,
    )
    figure.shade(least, most, f"same: within {quantity.percent(margin)}", "good")
    figure.vertical(1.0, "", "muted")
    figure.dots(rounds, np.full(len(rounds), _ROWS["each B/A"]), "first big")
    figure.dots(noise_rounds, np.full(len(noise_rounds), _ROWS["each A/A"]), "muted big")
    _interval(figure, found, "B / A", "first")
    if noise:
        _interval(figure, noise, "A / A", "muted")
    figure.key("line first", "B against A, with its confidence interval")
    figure.key("line muted", "A against itself: the noise of this machine")
    return figure


def _interval(figure: Figure, interval: Bounded, row: str, css: str) -> None:
    ends, at = (interval.low, interval.high), _ROWS[row]
    figure.whisker(ends, (at, at), f"whisker {css}")
    figure.mark(interval.value, at, css, quantity.bounded_ratio(interval))
