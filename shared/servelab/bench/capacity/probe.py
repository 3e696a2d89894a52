"""One rate tried on a service: a point of its throughput-latency curve."""

from dataclasses import dataclass

from servelab.bench.run import Run
from servelab.bench.statistics.percentile import Bounded, percentile
from servelab.bench.trust.throughput import achieved_per_s, goodput_per_s
from servelab.bench.trust.validity import GENERATOR_RULES, Validity, judge


@dataclass(frozen=True)
class Probe:
    """One run of the search; the probes in order of rate are the throughput-latency curve.

    Attributes:
        rate_per_s: offered.
        achieved_per_s: good answers per second.
        goodput_per_s: good answers within the SLO per second.
        median: of the latency in seconds; None: too few requests.
        tail: the percentile that the SLO speaks of, in seconds; None: too few requests.
        validity: of the run for that percentile.
        sustained: VALID, and the upper bound of the tail within the SLO.
        run: the run itself.
    """

    rate_per_s: float
    achieved_per_s: float
    goodput_per_s: float
    median: Bounded | None
    tail: Bounded | None
    validity: Validity
    sustained: bool
    run: Run

    @property
    def generator_at_fault(self) -> bool:
        """Whether only the generator spoils this run."""
        return not self.validity.valid and self.validity.rules <= GENERATOR_RULES

    @property
    def late_while_idle(self) -> bool:
        """Whether only the machine spoils this run: the generator is late, and not for want of speed."""
        return self.generator_at_fault and "cpu" not in self.validity.rules

    @property
    def too_short(self) -> bool:
        """Whether the run had too few requests to tell anything, and no sign of overload."""
        rules = self.validity.rules
        return "count" in rules and rules <= GENERATOR_RULES | {"count", "stability"}


def judge_probe(run: Run, rate_per_s: float, slo_s: float, q: float) -> Probe:
    """What a run at a rate says of it."""
    felt = run.measured.felt
    tail = percentile(felt, q)
    validity = judge(run, q)
    return Probe(
        rate_per_s=rate_per_s,
        achieved_per_s=achieved_per_s(run),
        goodput_per_s=goodput_per_s(run, slo_s),
        median=percentile(felt, 0.5),
        tail=tail,
        validity=validity,
        sustained=validity.valid and tail is not None and tail.high <= slo_s,
        run=run,
    )
