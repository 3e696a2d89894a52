"""The page of a search for the capacity: the rate, the curve of latency, and goodput under overload."""

from datetime import datetime
from typing import Final

from servelab.bench.capacity.probe import Probe
from servelab.bench.capacity.search import Capacity, Limit
from servelab.bench.report import quantity
from servelab.bench.report.machine import Machine
from servelab.bench.report.page import Page, Table, Tile, Tone, render
from servelab.bench.report.plot.throughput import goodput_by_rate, latency_by_rate, sentence
from servelab.bench.report.run_page import BOUND_NOTE, FAILURE_NOTE, STAMP_NOTE
from servelab.bench.report.summary import described_load

LIMITS: Final[dict[Limit, str]] = {
    "service": "The service is the limit: the next rate broke the objective.",
    "generator": "The generator is the limit: the service may take more.",
    "duration": "Lower rates need longer probes for this percentile: raise the length of a probe.",
    "probes": "The search was cut short: more probes would bring the two rates closer.",
}
NONE: Final[dict[Limit, tuple[Tone, str]]] = {
    "service": ("bad", "Not even the lowest rate tried was sustained."),
    "generator": (
        "doubt",
        "The generator is the limit: it was late at the lowest rate; use a quieter machine.",
    ),
    "duration": (
        "doubt",
        "No rate tried was sustained, and lower ones need longer probes: raise their length.",
    ),
    "probes": ("bad", "Not even the lowest rate tried was sustained, and no more probes were allowed."),
}
_TONES: Final[dict[Limit, Tone]] = {
    "service": "good",
    "generator": "doubt",
    "duration": "doubt",
    "probes": "doubt",
}


def verdict(capacity: Capacity) -> tuple[str, Tone, str]:
    """Return the verdict in a word or two, its tone, and what it means."""
    if capacity.rate_per_s is None:
        return "NONE FOUND", *NONE[capacity.limit]
    least = "at least " if capacity.limit == "generator" else ""
    return f"{least}{quantity.rate(capacity.rate_per_s)}", _TONES[capacity.limit], LIMITS[capacity.limit]


def of_capacity(capacity: Capacity, machine: Machine, *, now: datetime) -> str:
    """Return the page of a search."""
    words, tone, means = verdict(capacity)
    first = capacity.probes[0].run
    figures = (latency_by_rate(capacity), goodput_by_rate(capacity))
    return render(
        Page(
            kicker="Capacity",
            title=first.target,
            verdict=words,
            tone=tone,
            means=f"{means} {sentence(capacity)}",
            reasons=(),
            tiles=_tiles(capacity),
            figures=tuple(filter(None, figures)),
            tables=(_table(capacity),),
            described=(("target", first.target), *described_load(first.load, "at the rates below")),
            machine=machine,
            now=now,
            remarks=_remarks(capacity),
            notes=(STAMP_NOTE, BOUND_NOTE, FAILURE_NOTE),
        )
    )


def _tiles(capacity: Capacity) -> tuple[Tile, ...]:
    name = quantity.percentile_name(capacity.q)
    best = max((probe.goodput_per_s for probe in capacity.probes), default=0.0)
    beyond = "none" if capacity.beyond_per_s is None else quantity.rate(capacity.beyond_per_s)
    of_beyond = "every rate tried was sustained" if capacity.beyond_per_s is None else ""
    held = "none" if capacity.rate_per_s is None else quantity.rate(capacity.rate_per_s)
    return (
        Tile("sustained", held, f"upper bound of {name} within the SLO"),
        Tile("not measurable" if capacity.limit == "generator" else "no longer sustained", beyond, of_beyond),
        Tile("SLO", quantity.duration(capacity.slo_s), f"for the upper bound of {name}"),
        Tile("highest goodput", quantity.rate(best), f"in {len(capacity.probes)} probes"),
    )


def _table(capacity: Capacity) -> Table:
    name = quantity.percentile_name(capacity.q)
    head = ("offered", "answered", "goodput", "p50", name, f"{name} at most", "sustained")
    return Table("Every probe", head, tuple(map(probe_row, capacity.probes)), "In the order they were made.")


def probe_row(probe: Probe) -> tuple[str, ...]:
    """Return a probe as a row: offered, answered, goodput, p50, tail, its upper bound, verdict."""
    tail, median = probe.tail, probe.median
    verdict_ = "yes" if probe.sustained else "no" if probe.validity.valid else "INVALID"
    return (
        quantity.rate(probe.rate_per_s),
        quantity.rate(probe.achieved_per_s),
        quantity.rate(probe.goodput_per_s),
        quantity.duration(median.value) if median else quantity.TOO_FEW,
        quantity.duration(tail.value) if tail else quantity.TOO_FEW,
        quantity.duration(tail.high) if tail else "",
        verdict_,
    )


def _remarks(capacity: Capacity) -> tuple[str, ...]:
    """Name the INVALID probes with the rules that they broke; the reasons in full are in the JSON."""
    broken = {probe.rate_per_s: sorted(probe.validity.rules) for probe in capacity.probes}
    told = [f"{quantity.rate(rate)} ({', '.join(rules)})" for rate, rules in sorted(broken.items()) if rules]
    return (f"INVALID: {'; '.join(told)}.",) if told else ()
