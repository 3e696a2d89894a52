"""Latency over the offered rate: flat, then the knee, then the wall.

Each dot is one run. INVALID ones stay in the picture, hollow: where a service
can no longer keep up, that is what they show.
"""

from collections.abc import Sequence

import numpy as np

from servelab.bench.capacity.probe import Probe
from servelab.bench.capacity.search import Capacity
from servelab.bench.report import quantity
from servelab.bench.report.plot.axis import Axis
from servelab.bench.report.plot.figure import Figure
from servelab.bench.statistics.percentile import Bounded


def latency_by_rate(capacity: Capacity) -> Figure | None:
    """Plot the median and the tail of each probe with their bounds, the SLO and the capacity.

    Returns:
        None when no probe had samples enough.
    """
    probes = sorted(capacity.probes, key=lambda probe: probe.rate_per_s)
    told = [
        each for probe in probes for each in (probe.median, probe.tail) if each and np.isfinite(each.value)
    ]
    if not told:
        return None
    name = quantity.percentile_name(capacity.q)
    low = min(*(each.low for each in told), capacity.slo_s)
    high = max(*(min(each.high, 3 * each.value) for each in told), capacity.slo_s)
    figure = Figure(
        "Latency at each offered rate",
        _rates(probes),
        Axis.log("latency, logarithmic", low / 1.4, high * 1.6, quantity.duration),
        f"{len(probes)} runs. {sentence(capacity)}",
    )
    figure.horizontal(capacity.slo_s, f"SLO {quantity.duration(capacity.slo_s)}", "bad")
    _capacity(figure, capacity)
    _series(figure, probes, [probe.median for probe in probes], "second", "p50")
    _series(figure, probes, [probe.tail for probe in probes], "first", name)
    figure.key("dot first", f"{name} with its bounds")
    figure.key("dot second", "p50")
    if any(not probe.validity.valid for probe in probes):
        figure.key("dot hollow bad", "INVALID run")
    return figure


def goodput_by_rate(capacity: Capacity) -> Figure:
    """Plot what was answered, and what was answered well within the SLO, over what was offered."""
    probes = sorted(capacity.probes, key=lambda probe: probe.rate_per_s)
    rates = np.array([probe.rate_per_s for probe in probes])
    goodput = np.array([probe.goodput_per_s for probe in probes])
    answered = np.array([probe.achieved_per_s for probe in probes])
    best, offered = (quantity.rate(float(each.max())) for each in (goodput, rates))
    figure = Figure(
        "Goodput under overload",
        _rates(probes),
        Axis.linear(
            "requests per second", 0, 1.08 * float(max(answered.max(), goodput.max())), "{:g}".format
        ),
        f"Goodput up to {best}, of {offered} offered.",
    )
    _capacity(figure, capacity)
    figure.line(rates, answered, "muted")
    figure.line(rates, goodput, "good")
    for probe in probes:
        words = f"{quantity.rate(probe.goodput_per_s)} of {quantity.rate(probe.rate_per_s)} offered"
        figure.mark(probe.rate_per_s, probe.goodput_per_s, "good", words)
    figure.key("line muted", "answered")
    figure.key("line good", f"answered well within {quantity.duration(capacity.slo_s)}")
    return figure


def sentence(capacity: Capacity) -> str:
    """Say what a search found.

    >>> sentence(Capacity(910.0, 930.0, 0.05, 0.99, "service", ()))
    'It sustains 910/s and no longer 930/s.'
    """
    if capacity.rate_per_s is None:
        if capacity.limit == "generator":
            return "What it sustains could not be measured."
        return "It sustained none of the rates tried."
    sustains = f"It sustains {quantity.rate(capacity.rate_per_s)}"
    if capacity.beyond_per_s is None:
        return f"{sustains}, and was offered no more."
    beyond = quantity.rate(capacity.beyond_per_s)
    if capacity.limit == "generator":
        return f"{sustains}; {beyond} could not be measured."
    return f"{sustains} and no longer {beyond}."


def _rates(probes: Sequence[Probe]) -> Axis:
    highest = max(probe.rate_per_s for probe in probes)
    return Axis.linear("offered requests per second", 0, 1.05 * highest, "{:g}".format)


def _capacity(figure: Figure, capacity: Capacity) -> None:
    if capacity.rate_per_s is not None:
        figure.vertical(capacity.rate_per_s, f"capacity {quantity.rate(capacity.rate_per_s)}", "good")


def _series(
    figure: Figure, probes: Sequence[Probe], values: Sequence[Bounded | None], css: str, name: str
) -> None:
    shown = [(probe, value) for probe, value in zip(probes, values, strict=True) if value]
    finite = [(probe, value) for probe, value in shown if np.isfinite(value.value)]
    rates = np.array([probe.rate_per_s for probe, _ in finite])
    figure.line(rates, np.array([value.value for _, value in finite]), css)
    for probe, value in finite:
        at = probe.rate_per_s
        figure.whisker((at, at), (value.low, value.high), f"whisker {css}")
        words = f"{quantity.rate(at)}: {name} {quantity.bounded_duration(value)}"
        figure.mark(at, value.value, css if probe.validity.valid else "hollow", words)
