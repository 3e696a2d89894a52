"""A against B, on a machine that never holds still.

Blocks of both are played in rounds (`rounds.py`), each round gives one ratio,
and the bootstrap an interval of the typical one (`bootstrap.py`). To be the
"same", B must also keep the margin in the mean of all rounds, wild ones
included; and where one side fails more often (`failure.py`), only a verdict
against that side stands.
A verdict is looked for as the rounds come in. Each look at data that goes on
growing is one more chance to be fooled. So half of the error allowed is kept for
the last look, when the time is spent, and the k-th look before it spends
1/(k(k + 1)) of the other half; their sum never passes the whole.
Source: Lan and DeMets, "Discrete Sequential Boundaries for Clinical Trials",
1983, on spending the error.
Leaves out: more than two services at once.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from servelab.bench.comparison.failure import excesses
from servelab.bench.comparison.noise import noise_of
from servelab.bench.comparison.rounds import Block, Measure, Rounds
from servelab.bench.comparison.statistic import Statistic
from servelab.bench.comparison.verdict import Verdict, decide, why_undecided
from servelab.bench.statistics.bootstrap import trimmed_interval
from servelab.bench.statistics.percentile import Bounded
from servelab.errors import MisuseError

# Chance of a wrong verdict in one comparison.
ERROR = 0.05
# The last look has most of the data, so it gets most of the error.
KEPT_FOR_LAST = 0.5
# Rounds of A against B before the first look (fewer have no ratio), and the growth from one look to the next.
FIRST_LOOK = 8
LOOK_GROWTH = 1.5
# Rounds of A against itself without which there is no noise floor.
LEAST_NOISE = 3
# Past this share of rounds left out nothing is concluded.
MOST_DISCARDED = 0.25


@dataclass(frozen=True)
class Comparison:
    """What a comparison found.

    Attributes:
        statistic: name of the compared figure, with its unit.
        verdict: on B: "better" or "worse" than A, the "same" within the margin, or "inconclusive".
        ratio: B over A, with the interval of the look that decided; None: too few rounds that count.
        noise: A over A, and the range that noise alone gives so many rounds, at 95 %: the noise floor.
        margin: 0.05: within 5 % counts as the same.
        confidence: of the interval of the ratio.
        reasons: why it is inconclusive; empty otherwise.
        blocks: all blocks in order, those of discarded rounds too.
        discarded: rounds left out, because a block of them was or had no figure.
        elapsed_s: seconds that the comparison took.
    """

    statistic: str
    verdict: Verdict
    ratio: Bounded | None
    noise: Bounded | None
    margin: float
    confidence: float
    reasons: tuple[str, ...]
    blocks: tuple[Block, ...]
    discarded: int
    elapsed_s: float


def compare(  # noqa: PLR0913 - keywords, each with its unit
    measure_a: Measure,
    measure_b: Measure,
    *,
    statistic: Statistic,
    margin: float,
    budget_s: float,
    seed: int = 0,
    on_block: Callable[[Block], None] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Comparison:
    """Compare B with A until the verdict is clear or the time is spent.

    Args:
        measure_a: runs one block of A, a few seconds long.
        measure_b: the same of B, under the same load.
        statistic: the figure to compare.
        margin: 0.05: a ratio surely within 5 % either way is "same".
        budget_s: no round starts that would end past it.
        seed: of the bootstrap.
        on_block: is told each block when it ends.
        clock: seconds, monotonic.

    Raises:
        MisuseError: the margin or the budget is not positive.
    """
    if not (margin > 0 and budget_s > 0):
        msg = f"margin {margin:g} and budget {budget_s:g} s must both be positive"
        raise MisuseError(msg)
    rounds = Rounds(statistic, clock, on_block)
    looks, next_look = 0, FIRST_LOOK
    while not rounds.hopeless and rounds.fits(budget_s):
        rounds.play(measure_a, measure_b)
        if len(rounds.ratios) >= next_look:
            looks, next_look = looks + 1, math.ceil(next_look * LOOK_GROWTH)
            spent = (1 - KEPT_FOR_LAST) * ERROR / (looks * (looks + 1))
            found = _look(rounds, 1 - spent, margin, seed)
            if found.verdict != "inconclusive":
                return found
    return _look(rounds, 1 - KEPT_FOR_LAST * ERROR, margin, seed)


def _look(rounds: Rounds, confidence: float, margin: float, seed: int) -> Comparison:
    # One seed for all looks: a verdict must not hang on new luck in the resampling.
    ratio = _ratio(rounds.ratios, confidence, seed)
    noise = None
    if len(rounds.noise) >= LEAST_NOISE and rounds.ratios:
        noise = noise_of(np.array(rounds.noise), len(rounds.ratios))
    reasons = tuple(_doubts(rounds))
    verdict: Verdict = "inconclusive"
    if ratio and noise and not reasons:
        verdict = decide(ratio, noise, margin, lower_is_better=rounds.statistic.lower_is_better)
        if verdict == "same" and not 1 / (1 + margin) <= _untrimmed(rounds.ratios) <= 1 + margin:
            verdict = "inconclusive"
        if verdict == "inconclusive":
            reasons = (why_undecided(ratio, noise, margin, _untrimmed(rounds.ratios)),)
        if against := _against(rounds, verdict):
            verdict, reasons = "inconclusive", (*against, *reasons)
    return Comparison(
        statistic=rounds.statistic.name,
        verdict=verdict,
        ratio=ratio,
        noise=noise,
        margin=margin,
        confidence=confidence,
        reasons=reasons,
        blocks=tuple(rounds.blocks),
        discarded=rounds.discarded,
        elapsed_s=rounds.elapsed_s,
    )


def _ratio(logs: list[float], confidence: float, seed: int) -> Bounded | None:
    if len(logs) < FIRST_LOOK:
        return None
    found = trimmed_interval(np.array(logs), confidence, seed)
    return Bounded(math.exp(found.value), math.exp(found.low), math.exp(found.high))


def _untrimmed(logs: list[float]) -> float:
    """The ratio with its wildest rounds: where B is slow now and then, it differs from the trimmed one."""
    return math.exp(math.fsum(logs) / len(logs))


def _against(rounds: Rounds, verdict: Verdict) -> tuple[str, ...]:
    """What one side does more often than the other, unless the verdict is against that side anyway."""
    accused = {"worse": "B", "better": "A"}.get(verdict, "")
    return tuple(excess.sentence for excess in excesses(rounds.blocks) if excess.label != accused)


def _doubts(rounds: Rounds) -> list[str]:
    doubts = []
    if rounds.discarded > MOST_DISCARDED * rounds.played:
        doubts.append(
            f"invalid: {rounds.discarded} of {rounds.played} rounds had a block that is left out "
            f"or has no figure; at most {MOST_DISCARDED:.0%} may"
        )
        for label in ("A", "B"):
            own = [block for block in rounds.blocks if block.label == label and not block.usable]
            reasons = [reason for block in own for reason in (*block.reasons, *block.faults)]
            doubts += [f"{label}, {reason}" for reason in _first_of_each_rule(reasons)]
    if len(rounds.ratios) < FIRST_LOOK or len(rounds.noise) < LEAST_NOISE:
        doubts.append(
            f"rounds: {len(rounds.ratios)} rounds of A against B and {len(rounds.noise)} of A against "
            f"itself counted in {rounds.elapsed_s:.3g} s; at least {FIRST_LOOK} and {LEAST_NOISE}: "
            "allow more time or shorten the blocks"
        )
    return doubts


def _first_of_each_rule(reasons: list[str]) -> list[str]:
    by_rule: dict[str, str] = {}
    for reason in reasons:
        by_rule.setdefault(reason.partition(":")[0], reason)
    return list(by_rule.values())
