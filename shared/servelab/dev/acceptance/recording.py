"""Blocks measured once on this machine, played again thousands of times.

How often a comparison errs can't be learned from a few comparisons, and
simulated noise is tamer than a machine's. So real blocks are recorded, and
comparisons draw stretches of them: neighbours stay neighbours, and so does
what a busy machine does to both.
Source: Politis and Romano, "The Stationary Bootstrap", 1994.
"""

import time
from typing import Final

import numpy as np

from servelab.bench.comparison.abba import Comparison, compare
from servelab.bench.comparison.rounds import Measure
from servelab.bench.comparison.statistic import Statistic
from servelab.bench.run import Load, Run
from servelab.bench.samples import FloatArray, Samples
from servelab.bench.trust.validity import Validity

BLOCKS: Final = 800
CALLS: Final = 20
# Blocks of a stretch, in the mean: four rounds.
STRETCH: Final = 16
# Blocks that one comparison may play: 48 rounds, 32 of them A against B.
BUDGET: Final = 192
MARGIN: Final = 0.02

# Every recorded block counts: what is tested is the comparison, not the generator.
RECORDED: Final = Statistic(
    "median of a recorded block in s",
    of=lambda run: float(np.median(run.samples.latency)),
    judge=lambda _run: Validity(()),
)


def record(blocks: int = BLOCKS, calls: int = CALLS) -> tuple[float, ...]:
    """Median seconds of a fixed piece of work in this process, for each of so many blocks; about 15 s."""
    # Sorting stays on one core, unlike a product of matrices.
    rows = np.random.default_rng(0).random(20_000)
    medians = []
    for _ in range(blocks):
        taken = []
        for _ in range(calls):
            begun_s = time.perf_counter()
            np.sort(rows)
            taken.append(time.perf_counter() - begun_s)
        medians.append(float(np.median(taken)))
    return tuple(medians)


class Playback:
    """Blocks drawn from a recording, in stretches.

    Args:
        recording: seconds, one per block.
        generator: draws where stretches begin and end.
    """

    def __init__(self, recording: FloatArray, generator: np.random.Generator) -> None:
        self._recording = recording
        self._generator = generator
        self._at = 0
        self.played = 0

    def measure(self, slowdown: float) -> Measure:
        """Blocks of a service that is so many times slower than what was recorded."""
        return lambda: self._block(slowdown)

    def _block(self, slowdown: float) -> Run:
        if self.played == 0 or self._generator.random() < 1 / STRETCH:
            self._at = int(self._generator.integers(len(self._recording)))
        value_s = float(self._recording[self._at]) * slowdown
        self._at = (self._at + 1) % len(self._recording)
        self.played += 1
        samples = Samples.from_rows([(0.0, 0.0, 0.0, value_s, "")])
        return Run(Load("closed", "", 0.0, 1.0), samples, cpu_share=0.0, target="recorded")


def replay(recording: FloatArray, slowdown: float, seed: int) -> Comparison:
    """One comparison of recorded blocks with others that are so many times slower."""
    blocks = Playback(recording, np.random.default_rng(seed))
    return compare(
        blocks.measure(1.0),
        blocks.measure(slowdown),
        statistic=RECORDED,
        margin=MARGIN,
        budget_s=BUDGET,
        seed=seed,
        clock=lambda: float(blocks.played),
    )
