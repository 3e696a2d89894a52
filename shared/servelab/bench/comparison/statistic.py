"""The figures that two services can be compared by, each with the direction that is better."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from servelab.bench.run import Run
from servelab.bench.trust.throughput import goodput_per_s
from servelab.bench.trust.validity import GENERATOR_RULES, Validity, judge


@dataclass(frozen=True)
class Statistic:
    """One figure of a run.

    Attributes:
        name: what it is, with its unit.
        of: takes it from a run; inf or nan where the run has none.
        judge: whether a run can be trusted for it.
        lower_is_better: True for latencies, False for rates.
    """

    name: str
    of: Callable[[Run], float]
    judge: Callable[[Run], Validity]
    lower_is_better: bool = True


def latency_percentile(q: float) -> Statistic:
    """The q-percentile, in seconds, of what each caller felt; a failed request is slower than all others.

    >>> latency_percentile(0.99).name
    'p99 latency in s'
    """

    def of(run: Run) -> float:
        felt = run.measured.felt
        return float(np.quantile(felt, q, method="inverted_cdf")) if len(felt) else math.nan

    return Statistic(f"p{100 * q:.6g} latency in s", of, lambda run: judge(run, q))


def goodput(slo_s: float) -> Statistic:
    """Good answers within slo_s, per second: for two services under the same overload.

    There a backlog and refusals are what is studied, and the figure holds them;
    so a run is held against the rules for the generator alone.
    """

    def judge_generator(run: Run) -> Validity:
        found = judge(run, 0.5)
        kept = tuple(
            reason
            for reason in found.reasons
            if reason.partition(":")[0] in GENERATOR_RULES | {"closed loop", "count"}
        )
        return Validity(kept, found.notes)

    return Statistic(
        f"goodput per s within {slo_s:g} s",
        lambda run: goodput_per_s(run, slo_s),
        judge_generator,
        lower_is_better=False,
    )
