"""The page of one run: the verdict, the percentiles with their bounds, and every request."""

from datetime import datetime
from typing import Final

import numpy as np

from servelab.bench.report import json, quantity
from servelab.bench.report.machine import Machine
from servelab.bench.report.page import Page, Table, Tile, Tone, render
from servelab.bench.report.plot.curve import curve
from servelab.bench.report.plot.distribution import distribution
from servelab.bench.report.plot.figure import Figure
from servelab.bench.report.plot.timeline import timeline
from servelab.bench.report.summary import Percentile, Summary, described

_MARKED: Final = (0.5, 0.9, 0.99)

STAMP_NOTE: Final = (
    "Latency runs from the moment at which a request was meant to start, not from the one at which it could "
    "be sent: a server that stalls can't hide the requests that waited for it."
)
BOUND_NOTE: Final = (
    "A percentile is one of the measured values. The interval beside it holds the true percentile with 99 % "
    "confidence; below a least number of samples there is none, and none is shown. Where requests resemble "
    "their neighbours so much that they tell as little as too few independent ones, its upper end is only "
    "the slowest request seen, and the truth may lie above it; a remark says so."
)
FAILURE_NOTE: Final = (
    "A request without a good answer counts as one that took for ever, so dropping requests never makes a "
    "percentile look better."
)
RUN_NOTES: Final = (STAMP_NOTE, BOUND_NOTE, FAILURE_NOTE)
CLOSED_NOTE: Final = (
    "In a closed loop each client waits for its answer before it asks again, so a slow server is asked less: "
    "this shows what those clients felt, and never what the server can take."
)


def of_run(summary: Summary, machine: Machine, *, now: datetime) -> str:
    """Return the page of one run."""
    run = summary.run
    verdict, tone, means = _verdict(summary)
    return render(
        Page(
            kicker="One run",
            title=run.target,
            verdict=verdict,
            tone=tone,
            means=means,
            reasons=summary.validity.reasons,
            tiles=_tiles(summary),
            figures=tuple(filter(None, _figures(summary))),
            tables=(_percentiles(summary), *_errors(summary)),
            described=tuple(described(run)),
            machine=machine,
            now=now,
            label=json.CLOSED_LOOP if summary.is_closed else "",
            remarks=summary.validity.notes,
            notes=(CLOSED_NOTE, *RUN_NOTES) if summary.is_closed else RUN_NOTES,
        )
    )


def _verdict(summary: Summary) -> tuple[str, Tone, str]:
    if summary.validity.valid:
        return "VALID", "good", "All seven rules hold: these figures can be trusted."
    if summary.validity.rules == {json.CLOSED_LOOP}:
        return "INVALID", "bad", "As a measurement of the service; what follows is what these clients felt."
    return "INVALID", "bad", "Do not trust these figures, and do not quote them:"


def _tiles(summary: Summary) -> tuple[Tile, ...]:
    failed = sum(summary.errors.values())
    offered = (
        "closed loop: as answers came" if summary.is_closed else f"of {quantity.rate(summary.offered_per_s)}"
    )
    tiles = [_percentile_tile(each) for each in summary.percentiles if each.q in (0.5, 0.99)]
    return (
        *tiles,
        Tile("good answers", quantity.rate(summary.good_per_s), offered),
        Tile("without a good answer", str(failed), f"of {summary.requests} requests"),
    )


def _percentile_tile(each: Percentile) -> Tile:
    name = quantity.percentile_name(each.q)
    if each.seconds is None:
        return Tile(name, quantity.TOO_FEW, f"needs {each.least}")
    low, high = quantity.duration(each.seconds.low), quantity.duration(each.seconds.high)
    return Tile(name, quantity.duration(each.seconds.value), f"{low} to {high}")


def _figures(summary: Summary) -> tuple[Figure | None, ...]:
    run = summary.run
    measured = run.measured
    marked = tuple(
        (quantity.percentile_name(each.q), each.seconds.value)
        for each in summary.percentiles
        if each.q in _MARKED and each.seconds is not None and np.isfinite(each.seconds.value)
    )
    return (
        distribution(measured.latency, marked),
        curve(measured.felt),
        timeline(run.samples, run.load.warm_up_s, run.load.duration_s),
    )


def _percentiles(summary: Summary) -> Table:
    rows = tuple(_percentile_row(each) for each in summary.percentiles)
    note = f"Of {summary.requests} requests past the warm-up, with 99 % confidence."
    return Table("Percentiles of latency", ("percentile", "measured", "at least", "at most"), rows, note)


def _percentile_row(each: Percentile) -> tuple[str, ...]:
    name = quantity.percentile_name(each.q)
    if each.seconds is None:
        return name, quantity.TOO_FEW, f"needs {each.least}", ""
    return (name, *map(quantity.duration, (each.seconds.value, each.seconds.low, each.seconds.high)))


def _errors(summary: Summary) -> tuple[Table, ...]:
    if not summary.errors:
        return ()
    rows = tuple(
        (name, str(count), quantity.percent(count / summary.requests))
        for name, count in summary.errors.items()
    )
    return (Table("Requests without a good answer", ("what happened", "requests", "share"), rows),)
