"""Check 5: the bound of the p99 holds as often as it says, and is refused where it can't."""

import math
from collections.abc import Callable
from typing import Final

import numpy as np

from servelab.bench.samples import FloatArray
from servelab.bench.statistics.percentile import least_samples, percentile
from servelab.bench.statistics.proportion import wilson
from servelab.dev.acceptance.check import Check

Draw = Callable[[np.random.Generator, int], FloatArray]

Q: Final = 0.99
LOAD: Final = 0.5
# All shapes together, and each alone; an upper end covers 99.5 %, so more than 5 of 200 hardly ever miss.
LEAST: Final = 0.99
LEAST_OF_SHAPE: Final = 0.975
# What a queue shows before it has filled up is not what it shows for ever.
FILLING: Final = 1000


def _exponential(generator: np.random.Generator, n: int) -> FloatArray:
    return generator.exponential(size=n)


def _pareto(generator: np.random.Generator, n: int) -> FloatArray:
    return 1 + generator.pareto(2.0, n)


def _two_humps(generator: np.random.Generator, n: int) -> FloatArray:
    """Answers from a cache in 97 % of cases, from the slow path in 3 %."""
    return np.where(generator.random(n) < 0.03, 20 + generator.random(n), generator.random(n))  # noqa: PLR2004


def _queue(generator: np.random.Generator, n: int) -> FloatArray:
    """Times in an M/M/1 queue, each like its neighbours: Lindley's recursion as a running minimum."""
    services = generator.exponential(LOAD, n + FILLING)
    steps = services[:-1] - generator.exponential(1.0, n + FILLING - 1)
    walk = np.concatenate([[0.0], np.cumsum(steps)])
    times: FloatArray = walk - np.minimum.accumulate(walk) + services
    return times[FILLING:]


# Each with its sample size and its true p99.
SHAPES: Final[tuple[tuple[Draw, int, float], ...]] = (
    (_exponential, 662, -math.log(1 - Q)),
    (_exponential, 5000, -math.log(1 - Q)),
    (_pareto, 1000, (1 - Q) ** -0.5),
    # The slow path's uppermost third begins where 1 % of all lie beyond.
    (_two_humps, 1000, 20 + 2 / 3),
    # The time in the system is exponential with rate 1/0.5 - 1.
    (_queue, 20_000, -math.log(1 - Q) / (1 / LOAD - 1)),
)


def check(runs: int = 1000, seed: int = 5) -> Check:
    """Simulate runs whose true p99 is known, and count how often the upper bound covers it."""
    generator = np.random.default_rng(seed)
    each = runs // len(SHAPES)
    covered = [sum(_covers(shape, generator) for _ in range(each)) for shape in SHAPES]
    played = each * len(SHAPES)
    share = wilson(sum(covered), played)
    least = min(covered) / each
    refused = percentile(generator.random(least_samples(Q) - 1), Q) is None
    refusal = f"{least_samples(Q) - 1} samples are {'refused' if refused else 'NOT refused'}"
    return Check(
        id=5,
        claim=(
            f"share of {played} simulated runs (independent samples of three shapes, and a queue) whose "
            f"p99 bound covers the true p99; {least:.3f} of the shape that it covers least; {refusal}"
        ),
        value=share.value,
        interval=(share.low, share.high),
        bound=f">= {LEAST}, and >= {LEAST_OF_SHAPE} for each shape",
        ok=share.value >= LEAST and least >= LEAST_OF_SHAPE and refused,
    )


def _covers(shape: tuple[Draw, int, float], generator: np.random.Generator) -> bool:
    draw, n, truth = shape
    bounded = percentile(draw(generator, n), Q)
    return bounded is not None and truth <= bounded.high
