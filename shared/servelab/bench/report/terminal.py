"""The report at a terminal: the verdict first, then the figures."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from servelab.bench.capacity.search import Capacity
from servelab.bench.comparison.verdict import Verdict
from servelab.bench.report import quantity
from servelab.bench.report.capacity_page import probe_row
from servelab.bench.report.capacity_page import verdict as capacity_verdict
from servelab.bench.report.page import Tone
from servelab.bench.report.pairing import Pairing
from servelab.bench.report.summary import Percentile, Summary, described
from servelab.bench.trust.validity import Validity

_STYLES: Final[dict[Verdict, str]] = {
    "better": "green",
    "same": "green",
    "worse": "red",
    "inconclusive": "yellow",
}


_TONES: Final[dict[Tone, str]] = {"good": "green", "bad": "red", "doubt": "yellow"}


def of_run(summary: Summary) -> Iterator[RenderableType]:
    """Yield the lines and tables of one run."""
    yield Text(summary.run.target, "bold")
    for name, words in list(described(summary.run))[1:]:
        yield Text(f"  {name:<12}{words}", "dim")
    yield Text()
    yield from verdict(summary.validity, "closed loop" if summary.is_closed else "")
    yield Text()
    yield _percentiles(summary)
    yield Text()
    yield from _counts(summary)


def of_comparison(pairing: Pairing) -> Iterator[RenderableType]:
    """Yield the lines of a comparison."""
    found = pairing.comparison
    yield from (Text(f"  {name:<12}{words}", "dim") for name, words in pairing.described())
    yield Text()
    yield Text.assemble((found.verdict.upper(), f"bold {_STYLES[found.verdict]}"), f"  {pairing.means}")
    yield from _bullets(found.reasons, "yellow")
    yield Text()
    if found.ratio:
        sure = f"{quantity.percent(found.confidence)} sure"
        yield Text(f"{pairing.statistic}, B / A: {quantity.bounded_ratio(found.ratio)}, {sure}")
    if pairing.floor is not None:
        yield Text(f"noise floor, from A against itself: {quantity.percent(pairing.floor)}")
    for label, requests, failed, named in pairing.failed():
        if failed:
            yield Text(f"{label}: {failed} of {requests} requests without a good answer: {named}", "red")
    yield Text(f"{pairing.counted()}, in {quantity.duration(found.elapsed_s)}", "dim")


def of_capacity(capacity: Capacity) -> Iterator[RenderableType]:
    """Yield the lines and the table of a search."""
    words, tone, means = capacity_verdict(capacity)
    name = quantity.percentile_name(capacity.q)
    yield Text(
        f"{capacity.probes[0].run.target}, upper bound of {name} within {quantity.duration(capacity.slo_s)}",
        "bold",
    )
    yield Text.assemble((words, f"bold {_TONES[tone]}"), f"  {means}")
    yield Text()
    table = grid("offered", "answered", "goodput", "p50", name, "at most", "sustained")
    for probe in capacity.probes:
        table.add_row(*probe_row(probe))
    yield table


def verdict(validity: Validity, label: str = "") -> Iterator[RenderableType]:
    """Yield VALID or INVALID with the reasons, and what else there is to know."""
    word, style = ("VALID", "bold green") if validity.valid else ("INVALID", "bold red")
    yield Text.assemble((word, style), (f"  {label}" if label else "", "yellow"))
    yield from _bullets(validity.reasons, "red")
    yield from _bullets(validity.notes, "yellow")


def _bullets(sentences: Sequence[str], style: str) -> Iterator[RenderableType]:
    for sentence in sentences:
        line = Table.grid(padding=(0, 1))
        line.add_row(Text("  •", style), Text(sentence, style))
        yield line


def _percentiles(summary: Summary) -> Table:
    table = grid("latency", "measured", "at least", "at most")
    for each in summary.percentiles:
        table.add_row(*_percentile_row(each))
    return table


def grid(*head: str) -> Table:
    """Return an empty table whose first column is text and whose others are figures."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for index, name in enumerate(head):
        table.add_column(name, justify="right" if index else "left")
    return table


def _percentile_row(each: Percentile) -> tuple[str, ...]:
    name = quantity.percentile_name(each.q)
    if each.seconds is None:
        return name, f"{quantity.TOO_FEW}: needs {each.least}"
    return (name, *map(quantity.duration, (each.seconds.value, each.seconds.low, each.seconds.high)))


def _counts(summary: Summary) -> Iterator[Text]:
    offered = "" if summary.is_closed else f" of {quantity.rate(summary.offered_per_s)} offered"
    yield Text(f"{summary.requests} requests, {quantity.rate(summary.good_per_s)} good{offered}")
    if summary.errors:
        counted = ", ".join(f"{count} {name}" for name, count in summary.errors.items())
        yield Text(f"without a good answer: {counted}", "red")
    if summary.lag_p99_s is not None:
        yield Text(f"the generator was late by {quantity.duration(summary.lag_p99_s)} at p99", "dim")
