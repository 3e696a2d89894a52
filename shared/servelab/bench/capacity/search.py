"""The highest rate that a service sustains within its objective.

A rate is sustained when its run is VALID and the upper bound of its
percentile stays within the SLO. Bracket the highest such rate, then bisect.
Source: Triton perf_analyzer's binary search under a latency threshold. New
here: an overloaded service answers as fast as it can, so the first rate that
fails tells about where the knee is, and the search goes on beside it.
Leaves out: services that get slower with every run; each probe must find the
service as the last one found it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from servelab.bench.capacity.probe import Probe, judge_probe
from servelab.bench.run import Run
from servelab.errors import MisuseError

# Beside the rate that an overloaded service answered at: where the knee may be.
BELOW_HINT = 0.97
ABOVE_HINT = 1.02
OVERLOADED = 0.9

# The first step down from a hint that was not sustained.
STEP_DOWN = 1.15

Limit = Literal["service", "generator", "duration", "probes"]


@dataclass(frozen=True)
class Capacity:
    """What a search found.

    Attributes:
        rate_per_s: the highest rate sustained; None: not even the lowest tried.
        beyond_per_s: the lowest rate above it that was not sustained; None: every rate was.
        slo_s: the objective.
        q: of the percentile that must keep it.
        limit: what ended the search: the "service" (the knee lies between the two rates), the "generator"
            (the service may take more), the "duration" of the probes (too short for the percentile at a rate
            so low, or longer than allowed at a lower one), or the "probes" allowed were used up before the
            two rates met.
        probes: in the order they were made.
    """

    rate_per_s: float | None
    beyond_per_s: float | None
    slo_s: float
    q: float
    limit: Limit
    probes: tuple[Probe, ...]


def find_capacity(  # noqa: PLR0913 - keywords, each with its unit
    probe: Callable[[float], Run],
    slo_s: float,
    *,
    start_per_s: float,
    q: float = 0.99,
    precision: float = 0.03,
    growth: float = 3.0,
    max_probes: int = 10,
    least_per_s: float = 0.0,
    on_probe: Callable[[Probe], None] | None = None,
) -> Capacity:
    """Search the highest sustained rate.

    A rate that was not sustained is tried again, unless the service was plainly
    overloaded: a moment's hiccup of the machine looks like the knee, and would
    bound the search from above for good. Where two tries differ a third decides,
    for a second chance alone would let luck raise the capacity. A generator that
    is late twice though it has little to do would be as late at any lower rate,
    so the search ends.

    Args:
        probe: offers a rate in requests/s and returns the run.
        slo_s: what the upper bound of the percentile may be, in seconds.
        start_per_s: the first rate.
        q: 0.99 for p99.
        precision: stop when the two rates are within this ratio: 0.03 is 3 %.
        growth: factor between rates while there is no bracket.
        max_probes: runs allowed.
        least_per_s: the search ends before a rate below this one, whose probe would last too long.
        on_probe: is told each probe when it ends.

    Raises:
        MisuseError: an argument that allows no search.
    """
    if not (slo_s > 0 and start_per_s > 0 and precision > 0 and growth > 1 and max_probes > 0):
        msg = (
            f"capacity: SLO {slo_s:g} s, start {start_per_s:g}/s, precision {precision:g} and {max_probes} "
            f"probes must be positive, growth {growth:g} above 1"
        )
        raise MisuseError(msg)
    probes: list[Probe] = []
    rate: float | None = start_per_s
    while rate is not None and rate >= least_per_s and len(probes) < max_probes:
        probes.append(judge_probe(probe(rate), rate, slo_s, q))
        if on_probe:
            on_probe(probes[-1])
        rate = _next_rate(probes, precision, growth)
    low, high = bracket(probes)
    return Capacity(
        rate_per_s=low.rate_per_s if low else None,
        beyond_per_s=high.rate_per_s if high else None,
        slo_s=slo_s,
        q=q,
        limit=_limit(probes, rate, least_per_s),
        probes=tuple(probes),
    )


def _limit(probes: list[Probe], next_per_s: float | None, least_per_s: float) -> Limit:
    """What ended a search that would have tried a rate next, or None."""
    low, high = bracket(probes)
    if high is not None and high.generator_at_fault:
        return "generator"
    too_slow = next_per_s is not None and next_per_s < least_per_s
    if low is None and (too_slow or any(each.too_short for each in probes)):
        return "duration"
    # Nothing to try next above a rate that was sustained: the two rates have met, and neither is in doubt.
    return "service" if low is not None and next_per_s is None else "probes"


def bracket(probes: list[Probe]) -> tuple[Probe | None, Probe | None]:
    """The lowest rate that was not sustained, and the highest sustained rate below it.

    A rate counts by most of its probes. Lower first: a rate that was sustained by
    luck above one that was not promises nothing.
    """
    told = [probe for probe in probes if not probe.too_short]
    low = None
    for rate in sorted({probe.rate_per_s for probe in told}):
        each = _settled([probe for probe in told if probe.rate_per_s == rate])
        if not each.sustained:
            return low, each
        low = each
    return low, None


def _settled(tries: list[Probe]) -> Probe:
    """The last of most of the tries of a rate; of those that failed where they are level."""
    sustained = [probe for probe in tries if probe.sustained]
    failed = [probe for probe in tries if not probe.sustained]
    return sustained[-1] if len(sustained) > len(failed) else failed[-1]


def _next_rate(probes: list[Probe], precision: float, growth: float) -> float | None:
    """The next rate to try; None when the bracket is narrow enough."""
    last = probes[-1]
    tried = [probe.rate_per_s for probe in probes]
    if _doubtful([probe for probe in probes if probe.rate_per_s == last.rate_per_s]):
        return last.rate_per_s
    low, high = bracket(probes)
    if high is None:
        return max(tried) * growth
    hint = _overloaded_per_s(probes)
    if low is None:
        return None if high.late_while_idle else _lower_rate(high.rate_per_s, hint, tried, growth)
    if high.rate_per_s <= low.rate_per_s * (1 + precision):
        return None
    for guess in (hint * BELOW_HINT, hint * ABOVE_HINT):
        if low.rate_per_s * (1 + precision) < guess < high.rate_per_s / (1 + precision):
            return guess
    return math.sqrt(low.rate_per_s * high.rate_per_s)


def _doubtful(tries: list[Probe]) -> bool:
    """Whether one more try of a rate can tell the knee from a hiccup: it failed once, or two tries differ."""
    if any(probe.too_short or _overloaded(probe) for probe in tries):
        return False
    sustained = sum(probe.sustained for probe in tries)
    return (len(tries), sustained) in ((1, 0), (2, 1))


def _lower_rate(failed_per_s: float, hint: float, tried: list[float], growth: float) -> float:
    """The next rate below the lowest that failed, where none was sustained yet."""
    if hint * BELOW_HINT < failed_per_s and hint:
        rate = hint * BELOW_HINT
    elif failed_per_s > hint * OVERLOADED and hint:
        rate = failed_per_s / STEP_DOWN
    else:
        rate = failed_per_s / growth
    # Nothing below was sustained nor failed: those runs were too short for rates so low.
    too_low = max((each for each in tried if each < failed_per_s), default=0.0)
    return max(rate, math.sqrt(too_low * failed_per_s))


def _overloaded_per_s(probes: list[Probe]) -> float:
    """What the service answered when it was asked far too much; 0 if it never was."""
    return max((probe.achieved_per_s for probe in probes if _overloaded(probe)), default=0.0)


def _overloaded(probe: Probe) -> bool:
    """Whether the service answered far less than it was asked."""
    return probe.achieved_per_s < OVERLOADED * probe.rate_per_s
