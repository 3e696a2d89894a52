"""What a report says about a comparison, worked out once for every format."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from servelab.bench.comparison.abba import Comparison
from servelab.bench.comparison.failure import failures
from servelab.bench.comparison.rounds import Block, Label
from servelab.bench.comparison.verdict import Verdict
from servelab.bench.report import quantity
from servelab.bench.report.summary import described_load
from servelab.bench.run import Load
from servelab.bench.samples import FloatArray

SIDES: tuple[Label, ...] = ("A", "B")
MEANS: dict[Verdict, str] = {
    "better": "B is better than A, by more than the margin and this machine's noise.",
    "worse": "B is worse than A, by more than the margin and this machine's noise.",
    "same": "B is surely within the margin of A.",
    "inconclusive": "Nothing was shown: neither that they differ, nor that they are the same.",
}


@dataclass(frozen=True)
class Pairing:
    """A comparison with what was compared.

    Attributes:
        a, b: what the two are, for people.
        load: under which each block was measured.
    """

    a: str
    b: str
    load: Load
    comparison: Comparison

    @property
    def statistic(self) -> str:
        """Name of the figure, without its unit."""
        return self.comparison.statistic.removesuffix(" in s")

    @property
    def write(self) -> Callable[[float], str]:
        """How a value of the figure is shown."""
        return quantity.duration if self.comparison.statistic.endswith(" in s") else quantity.rate

    @property
    def means(self) -> str:
        """What the verdict means, in a sentence."""
        return MEANS[self.comparison.verdict]

    @property
    def floor(self) -> float | None:
        """How far apart A and itself may lie on this machine, 0.02 for 2 %; None: too few rounds."""
        noise = self.comparison.noise
        return max(noise.high, 1 / noise.low) - 1 if noise else None

    @property
    def rounds(self) -> tuple[tuple[Block, ...], ...]:
        """The blocks of each round, in order."""
        grouped = groupby(self.comparison.blocks, key=lambda block: block.round)
        return tuple(tuple(group) for _, group in grouped)

    def ratios(self, *, noise: bool) -> FloatArray:
        """(n,) ratio of each round that counts."""
        found = [round_ratio(blocks) for blocks in self.rounds if blocks[0].noise == noise]
        return np.array([each for each in found if each is not None])

    def described(self) -> Iterator[tuple[str, str]]:
        """Yield what was asked for, name and words."""
        yield "A", self.a
        yield "B", self.b
        yield (
            "compared",
            f"{self.statistic}; within {quantity.percent(self.comparison.margin)} is the same",
        )
        yield from described_load(self.load)

    def counted(self) -> str:
        """Say how much was measured."""
        rounds, noise = len(self.ratios(noise=False)), len(self.ratios(noise=True))
        left = f", {self.comparison.discarded} left out" if self.comparison.discarded else ""
        return f"{rounds} rounds of A against B, {noise} of A against itself{left}"

    def failed(self) -> Iterator[tuple[str, int, int, str]]:
        """Yield A and B with their requests, those of them without a good answer, and what happened."""
        for label in SIDES:
            requests, errors = failures(self.comparison.blocks, label)
            named = ", ".join(f"{count} {name}" for name, count in errors.items())
            yield label, requests, sum(errors.values()), named


def round_ratio(blocks: Sequence[Block]) -> float | None:
    """Return the inner two blocks over the outer two; None for a round that was left out."""
    if len(blocks) < 4 or not all(block.usable for block in blocks):  # noqa: PLR2004 - A B B A
        return None
    first, second, third, fourth = (math.log(block.value) for block in blocks)
    return math.exp((second + third - first - fourth) / 2)
