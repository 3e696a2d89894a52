"""What a report says about one run, worked out once for every format."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from servelab.bench.report import quantity
from servelab.bench.run import Load, Run
from servelab.bench.statistics.percentile import Bounded, least_samples, percentile
from servelab.bench.trust.throughput import achieved_per_s
from servelab.bench.trust.validity import Validity

SHOWN: Final = (0.5, 0.9, 0.95, 0.99, 0.999)
_LAG_Q: Final = 0.99


@dataclass(frozen=True)
class Percentile:
    """A percentile of the latencies that callers felt.

    Attributes:
        q: 0.99 for p99.
        seconds: None below `least` samples; inf where it falls on requests without a good answer.
        least: samples that it needs.
    """

    q: float
    seconds: Bounded | None
    least: int


@dataclass(frozen=True, eq=False)
class Summary:
    """One run and its figures; all of them come from the requests past the warm-up.

    Attributes:
        requests: offered, good or not.
        errors: category -> requests without a good answer.
        offered_per_s: intended starts per second.
        achieved_per_s: answers per second, good or not.
        good_per_s: good answers per second.
        lag_p99_s: by how much the generator was late for all but one request in a hundred, inf for
            one that it never got to; None for a closed loop, which is never late, and without requests.
    """

    run: Run
    validity: Validity
    requests: int
    errors: dict[str, int]
    offered_per_s: float
    achieved_per_s: float
    good_per_s: float
    percentiles: tuple[Percentile, ...]
    lag_p99_s: float | None

    @property
    def is_closed(self) -> bool:
        """Whether slow answers slowed the load down, so that it tells nothing of the capacity."""
        return self.run.load.kind == "closed"

    def at(self, q: float) -> Bounded | None:
        """Return a percentile that is shown.

        Raises:
            KeyError: it is none of `SHOWN`.
        """
        return {each.q: each.seconds for each in self.percentiles}[q]


def summarise(run: Run, validity: Validity) -> Summary:
    """Work out the figures of a run."""
    samples = run.measured
    good = int((~samples.failed).sum())
    return Summary(
        run=run,
        validity=validity,
        requests=len(samples),
        errors=samples.errors,
        offered_per_s=len(samples) / run.measured_s,
        achieved_per_s=achieved_per_s(run),
        good_per_s=good / run.measured_s,
        percentiles=tuple(Percentile(q, percentile(samples.felt, q), least_samples(q)) for q in SHOWN),
        lag_p99_s=_lag_p99_s(run),
    )


def _lag_p99_s(run: Run) -> float | None:
    lag_s = run.measured.lag
    if run.load.kind == "closed" or not len(lag_s):
        return None
    # As the rule on lag counts: a request that was never issued is late without end.
    return float(np.quantile(np.where(np.isnan(lag_s), np.inf, lag_s), _LAG_Q, method="inverted_cdf"))


def described(run: Run) -> Iterator[tuple[str, str]]:
    """Yield what was asked for, name and words."""
    yield "target", run.target
    yield from described_load(run.load)
    share = f"busiest at {run.cpu_share:.0%} of a core"
    yield "generator", f"{run.load.processes} process{'es' if run.load.processes > 1 else ''}, {share}"


def described_load(load: Load, rate: str = "") -> Iterator[tuple[str, str]]:
    """Yield a load, name and words; `rate` stands for that of the load, where there are many."""
    if load.kind == "closed":
        yield "load", f"closed loop: {load.connections} clients, each waits for its answer"
    else:
        offered = rate or quantity.rate(load.rate_per_s)
        yield "load", f"open loop: {load.arrivals} arrivals, {offered}, seed {load.seed}"
        yield "connections", f"at most {load.connections}"
    warm_up = f", of which {quantity.duration(load.warm_up_s)} warm-up are left out" if load.warm_up_s else ""
    yield "time", f"{quantity.duration(load.duration_s)}{warm_up}"
    yield "timeout", quantity.duration(load.timeout_s) if math.isfinite(load.timeout_s) else "none"
