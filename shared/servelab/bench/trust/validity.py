"""Whether a run can be trusted: seven rules, each with the numbers that break it.

A figure from a generator that could not keep up, or from a server that was
falling behind, describes nothing that anyone could rely on. So a result is
VALID or INVALID, and an INVALID one says why.
Sources: MLPerf LoadGen (duration, count and latency checks), Triton
perf_analyzer (three windows), guidellm (slope of concurrency).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from servelab.bench.run import Run
from servelab.bench.samples import Samples
from servelab.bench.statistics.percentile import Bounded, effective_samples, least_samples, percentile
from servelab.bench.trust.backlog import growth, outstanding
from servelab.bench.trust.stability import MOST_RATIO, stability
from servelab.bench.trust.throughput import achieved_per_s

LEAST_LAG_S = 0.001
MOST_LAG_SHARE = 0.05
LEAST_ACHIEVED = 0.99
MOST_CPU = 0.70

# What the generator can be blamed for; the other rules are about the server or the length of the run.
GENERATOR_RULES = frozenset({"lag", "cpu"})


@dataclass(frozen=True)
class Validity:
    """The verdict on a run.

    Attributes:
        reasons: why it is INVALID, each "rule: sentence with the numbers"; the rules are closed loop, lag,
            achieved, count, stability, backlog, errors and cpu.
        notes: what a reader of a VALID run should know, in the same form.
    """

    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing speaks against the run."""
        return not self.reasons

    @property
    def rules(self) -> frozenset[str]:
        """Names of the broken rules."""
        return frozenset(reason.partition(":")[0] for reason in self.reasons)


def judge(run: Run, q: float = 0.99) -> Validity:
    """Hold a run against the seven rules, for a report of its q-percentile.

    A closed loop is INVALID always: it slows down with the server, so it can
    say nothing about capacity or about latency under a given load.
    """
    measured = run.measured
    bounded = percentile(measured.felt, q)
    rules = (_closed, _lag, _achieved, _count, _stability, _backlog, _errors, _cpu)
    return Validity(
        reasons=tuple(reason for rule in rules for reason in rule(run, measured, q, bounded)),
        notes=tuple(_notes(measured, q)),
    )


def _closed(run: Run, _measured: Samples, _q: float, _bounded: Bounded | None) -> Iterator[str]:
    if run.load.kind == "closed":
        yield (
            "closed loop: each answer started the next request, so a slow server was asked less; "
            "no figure for capacity, nor for latency at a given load"
        )


def _lag(run: Run, measured: Samples, q: float, bounded: Bounded | None) -> Iterator[str]:
    if run.load.kind == "closed" or not len(measured):
        return
    # A request that the generator never got to is late without end.
    lag = np.where(np.isnan(measured.lag), np.inf, measured.lag)
    at = max(q, 0.99)
    worst_s = float(np.quantile(lag, at, method="inverted_cdf"))
    limit_s = LEAST_LAG_S
    if bounded and math.isfinite(bounded.value):
        limit_s = max(LEAST_LAG_S, MOST_LAG_SHARE * bounded.value)
    if worst_s > limit_s:
        yield (
            f"lag: the generator was {1000 * worst_s:.3g} ms late at {_name(at)}; at most "
            f"{1000 * limit_s:.3g} ms, the greater of 1 ms and 5 % of the reported {_name(q)}"
        )


def _achieved(run: Run, measured: Samples, _q: float, _bounded: Bounded | None) -> Iterator[str]:
    if run.load.kind == "closed" or not len(measured):
        return
    offered, achieved = len(measured) / run.measured_s, achieved_per_s(run)
    if achieved < LEAST_ACHIEVED * offered and not _ends_in_a_burst(run):
        yield (
            f"achieved: {achieved:.6g} answers/s of {offered:.6g} requests/s offered is "
            f"{100 * achieved / offered:.4g} %; at least 99 %"
        )


def _ends_in_a_burst(run: Run) -> bool:
    """Whether the missing answers are merely late, and no later than answers of the first half were.

    Then they come from where the run was cut, such as inside a stall that the
    server had before and got over.
    """
    answered = len(run.measured.latency)
    at_s = np.linspace(run.load.warm_up_s, run.load.duration_s, 1001)
    waiting = outstanding(run.samples, at_s)
    return answered >= LEAST_ACHIEVED * len(run.measured) and bool(waiting[-1] <= waiting[:500].max())


def _count(_run: Run, measured: Samples, q: float, _bounded: Bounded | None) -> Iterator[str]:
    least = least_samples(q)
    if len(measured) < least:
        yield f"count: {len(measured)} requests past the warm-up; {_name(q)} needs at least {least}"


def _stability(run: Run, measured: Samples, _q: float, _bounded: Bounded | None) -> Iterator[str]:
    if not len(measured):
        return
    found = stability(run)
    for name, ratio in (("throughput", found.throughput), ("median latency", found.latency)):
        if ratio > MOST_RATIO:
            yield (
                f"stability: {name} of the three windows differs {ratio:.3g} times (greatest over least); "
                f"at most {MOST_RATIO:g}"
            )


def _backlog(run: Run, measured: Samples, _q: float, _bounded: Bounded | None) -> Iterator[str]:
    if run.load.kind == "closed" or not len(measured):
        return
    found = growth(run.samples, run.load.warm_up_s, run.load.duration_s, steady=run.load.steady)
    if found.significant:
        yield (
            f"backlog: it grew by {found.per_s:.3g} requests/s, {found.over_run:.4g} over the run; "
            "at a load that the server keeps up with it does not grow"
        )


def _errors(_run: Run, measured: Samples, q: float, _bounded: Bounded | None) -> Iterator[str]:
    failed = int(measured.failed.sum())
    if failed > (1 - q) * len(measured):
        yield (
            f"errors: {failed} of {len(measured)} requests got no good answer ({error_counts(measured)}), "
            f"so there is no {_name(q)}"
        )


def _cpu(run: Run, _measured: Samples, _q: float, _bounded: Bounded | None) -> Iterator[str]:
    # Written so that an unknown share, nan, is INVALID too.
    if not run.cpu_share < MOST_CPU:
        yield (
            f"cpu: the busiest generator process used {100 * run.cpu_share:.3g} % of a core; below 70 %, "
            "or it measures itself"
        )


def _notes(measured: Samples, q: float) -> Iterator[str]:
    if measured.failed.any():
        counts = error_counts(measured)
        yield f"errors: {counts} of {len(measured)} requests; they count as slower than all others"
    least = least_samples(q)
    if len(measured) >= least:
        effective = effective_samples(measured.felt, q)
        if effective < least:
            yield (
                f"correlation: for {_name(q)} these {len(measured)} requests tell as much as "
                f"{effective} independent ones, fewer than {least}; "
                "its upper end may be no more than the slowest seen, and a longer run bounds it"
            )


def error_counts(samples: Samples) -> str:
    """Return each category of errors with its number, in words; "" where there is none."""
    return ", ".join(f"{name} {count}" for name, count in samples.errors.items())


def _name(q: float) -> str:
    return f"p{100 * q:.6g}"
