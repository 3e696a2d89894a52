"""Rounds of four blocks: A B B A, and every third time A A A A.

In A B B A whatever drifts evenly touches both alike. The rounds of A against
itself are played in the same minutes, so they show the noise of that machine
at that time.
A block is left out, and its round with it, only for what the generator or the
length of the run is to blame for. What the server did stays in as data, for
blocks left out because B failed in them would make B look like A; and so does
a block that did not hold still, for the turns and the bootstrap answer that.
Source: the "reversal" or ABBA design, Cox, "Planning of Experiments", 1958,
section 14.2.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from servelab.bench.comparison.statistic import Statistic
from servelab.bench.run import Run
from servelab.bench.trust.validity import GENERATOR_RULES

Label = Literal["A", "B"]
Measure = Callable[[], Run]

# Every so many rounds one plays A against itself.
NOISE_EVERY = 3
# A server that gives no figure from the start will hardly recover.
GIVE_UP_AFTER = 4
# Rules whose breach says that a block measured something else than its service.
LEFT_OUT_RULES = GENERATOR_RULES | {"closed loop", "count"}


@dataclass(frozen=True)
class Block:
    """One measured block.

    Attributes:
        round: index of its round of four.
        label: whose run it was.
        noise: whether its round played A against itself.
        value: the statistic, in its unit.
        reasons: why it is left out; none: it counts.
        faults: rules that its server broke, or that it did not hold still, in the same form; it counts all
            the same.
        requests: past the warm-up.
        errors: category -> those of them without a good answer.
        ended_s: seconds from the start of the comparison to its end.
        run: every request of it.
    """

    round: int
    label: Label
    noise: bool
    value: float
    reasons: tuple[str, ...]
    faults: tuple[str, ...]
    requests: int
    errors: dict[str, int]
    ended_s: float
    run: Run

    @property
    def usable(self) -> bool:
        """Whether its value can be divided by another one."""
        return not self.reasons and 0 < self.value < math.inf


@dataclass
class Rounds:
    """The rounds played so far.

    Attributes:
        statistic: the figure compared.
        clock: seconds, monotonic.
        on_block: is told each block when it ends.
        blocks: every block in order, those of discarded rounds too.
        ratios: log of B over A, one for each round that counts.
        noise: log of A over A, one for each round of A against itself that counts.
        played: rounds played, discarded ones included.
    """

    statistic: Statistic
    clock: Callable[[], float]
    on_block: Callable[[Block], None] | None = None
    blocks: list[Block] = field(default_factory=list)
    ratios: list[float] = field(default_factory=list)
    noise: list[float] = field(default_factory=list)
    played: int = 0

    def __post_init__(self) -> None:
        self._begun_s = self.clock()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start of the comparison."""
        return self.clock() - self._begun_s

    @property
    def discarded(self) -> int:
        """Rounds left out whole because one of their blocks was, or had no figure."""
        return self.played - len(self.ratios) - len(self.noise)

    @property
    def hopeless(self) -> bool:
        """Whether not one of the first rounds counts."""
        return self.played >= GIVE_UP_AFTER and self.discarded == self.played

    def fits(self, budget_s: float) -> bool:
        """Whether one more round as long as the mean one ends in time; the first may always begin."""
        return not self.played or self.elapsed_s * (self.played + 1) / self.played <= budget_s

    def play(self, measure_a: Measure, measure_b: Measure) -> None:
        """Play one round."""
        noise = self.played % NOISE_EVERY == NOISE_EVERY - 1
        label: Label = "A" if noise else "B"
        inner = measure_a if noise else measure_b
        order: list[tuple[Label, Measure]] = [
            ("A", measure_a),
            (label, inner),
            (label, inner),
            ("A", measure_a),
        ]
        blocks = [self._measure(label, measure, noise=noise) for label, measure in order]
        self.played += 1
        if all(block.usable for block in blocks):
            first, second, third, fourth = (math.log(block.value) for block in blocks)
            (self.noise if noise else self.ratios).append((second + third - first - fourth) / 2)

    def _measure(self, label: Label, measure: Measure, *, noise: bool) -> Block:
        run = measure()
        value, broken = self.statistic.of(run), self.statistic.judge(run).reasons
        reasons = tuple(reason for reason in broken if _rule(reason) in LEFT_OUT_RULES)
        faults = tuple(reason for reason in broken if _rule(reason) not in LEFT_OUT_RULES)
        if not 0 < value < math.inf:
            faults += (f"value: {self.statistic.name} is {value:g}, of which there is no ratio",)
        measured = run.measured
        block = Block(
            self.played,
            label,
            noise,
            value,
            reasons,
            faults,
            len(measured),
            measured.errors,
            self.elapsed_s,
            run,
        )
        self.blocks.append(block)
        if self.on_block:
            self.on_block(block)
        return block


def _rule(reason: str) -> str:
    return reason.partition(":")[0]
