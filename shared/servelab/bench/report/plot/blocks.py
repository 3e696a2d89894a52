"""The figure of each block over the time of a comparison: drift and outliers show, and who has them."""

from collections.abc import Callable, Sequence

from servelab.bench.comparison.rounds import Block
from servelab.bench.report import quantity
from servelab.bench.report.plot.axis import Axis
from servelab.bench.report.plot.figure import Figure

_COLOURS = {"A": "muted", "B": "first"}


def blocks(measured: Sequence[Block], statistic: str, write: Callable[[float], str]) -> Figure | None:
    """Plot the blocks of A and of B; those left out are hollow.

    Args:
        measured: in the order in which they were measured.
        statistic: what was measured.
        write: shows a value of it.

    Returns:
        None when no block has a value that could be shown.
    """
    shown = [block for block in measured if 0 < block.value < float("inf")]
    if not shown:
        return None
    low, high = min(block.value for block in shown), max(block.value for block in shown)
    figure = Figure(
        "Each block over the time of the comparison",
        Axis.linear("time", 0, max(block.ended_s for block in shown), "{:g} s".format),
        Axis.log(f"{statistic}, logarithmic", low / 1.15, high * 1.15, write),
        f"{len(shown)} blocks between {write(low)} and {write(high)}.",
        is_wide=True,
    )
    for block in shown:
        css = "hollow" if block.reasons else _COLOURS[block.label]
        figure.mark(block.ended_s, block.value, css, _words(block, write))
    figure.key("dot muted", "A")
    figure.key("dot first", "B")
    if any(block.reasons for block in shown):
        figure.key("dot hollow bad", "left out")
    return figure


def _words(block: Block, write: Callable[[float], str]) -> str:
    told = f"{block.label}: {write(block.value)} after {quantity.duration(block.ended_s)}"
    return "; ".join([told, *block.reasons[:1], *block.faults[:1]])
