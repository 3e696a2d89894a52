"""A against B: right when it speaks, and silent when the blocks do not carry a verdict."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from servelab.bench.comparison.abba import Comparison, compare
from servelab.bench.comparison.statistic import Statistic, goodput
from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples
from servelab.bench.trust.validity import Validity
from servelab.errors import MisuseError

Queue = Callable[..., Run]

LATENCY = Statistic("latency in s", lambda run: float(run.samples.latency[0]), lambda _run: Validity(()))
RATE = Statistic("rate per s", LATENCY.of, LATENCY.judge, lower_is_better=False)


class Machine:
    """Plays blocks of one second on its own clock, with noise and drift.

    Args:
        noise: standard deviation of the log of a block.
        drift: growth of the log per block.
        wild: share of blocks that are half as slow again.
        seed: of the noise.
    """

    def __init__(self, noise: float = 0.01, drift: float = 0.0, wild: float = 0.0, seed: int = 0) -> None:
        self.now_s = 0.0
        self.order: list[str] = []
        self._noise, self._drift, self._wild = noise, drift, wild
        self._generator = np.random.default_rng(seed)

    def clock(self) -> float:
        """Seconds played."""
        return self.now_s

    def service(self, label: str, latency_s: float = 0.01) -> Callable[[], Run]:
        """Blocks of a service."""

        def measure() -> Run:
            self.order.append(label)
            log = self._generator.normal(0, self._noise) + self._drift * self.now_s
            log += np.log(1.5) * (self._generator.random() < self._wild)
            self.now_s += 1
            return block(latency_s * float(np.exp(log)))

        return measure


def block(latency_s: float) -> Run:
    """A run of one request."""
    return Run(Load("closed", "", 0.0, 1.0), Samples.from_rows([(0.0, 0.0, 0.0, latency_s, "")]), 0.0, "x")


def play(
    machine: Machine, ratio: float, *, statistic: Statistic = LATENCY, budget_s: float = 128
) -> Comparison:
    """Compare a service with one that is so many times slower."""
    return compare(
        machine.service("A"),
        machine.service("B", 0.01 * ratio),
        statistic=statistic,
        margin=0.02,
        budget_s=budget_s,
        clock=machine.clock,
    )


@pytest.mark.parametrize(
    ("ratio", "statistic", "verdict"),
    [
        (1.0, LATENCY, "same"),
        (1.1, LATENCY, "worse"),
        (0.9, LATENCY, "better"),
        (1.1, RATE, "better"),
        (0.9, RATE, "worse"),
    ],
)
def test_the_verdict_is_right_and_its_interval_holds_the_truth(
    ratio: float, statistic: Statistic, verdict: str
) -> None:
    """For latencies lower is better, for rates higher."""
    found = play(Machine(), ratio, statistic=statistic)

    assert verdict == found.verdict
    assert found.ratio
    assert found.ratio.low <= ratio <= found.ratio.high
    assert () == found.reasons


def test_blocks_are_played_a_b_b_a_and_every_third_round_is_all_a() -> None:
    """The A/A rounds lie among the others: they see the same minutes."""
    machine = Machine()

    found = play(machine, 1.0)

    assert "ABBAABBAAAAAABBA" == "".join(machine.order)[:16]
    assert "".join(machine.order) == "".join(each.label for each in found.blocks)
    assert [False] * 8 + [True] * 4 == [each.noise for each in found.blocks][:12]


def test_a_machine_that_gets_slower_does_not_blame_b() -> None:
    """2 % per block: A then B would differ by 2 % each time, A B B A does not differ at all."""
    found = play(Machine(noise=0.003, drift=0.02), 1.0)

    assert "same" == found.verdict
    assert found.ratio
    assert found.ratio.value == pytest.approx(1.0, abs=0.005)


def test_false_alarms_are_rarer_than_allowed_though_it_looks_several_times() -> None:
    """Calm machines and machines with wild blocks: at most 5 of 100 of A against itself."""
    alarms = [play(Machine(0.03, wild=0.05, seed=seed), 1.0).verdict for seed in range(60)]

    assert alarms.count("better") + alarms.count("worse") <= 3


def test_a_slowdown_of_5_percent_is_found_on_a_noisy_machine() -> None:
    """At 2 % of noise per block and a wild one in 20: at least 4 of 5."""
    verdicts = [play(Machine(0.02, wild=0.05, seed=seed), 1.05).verdict for seed in range(40)]

    assert verdicts.count("worse") >= 32
    assert 0 == verdicts.count("better")


def test_too_much_noise_is_inconclusive_and_says_so_with_the_numbers() -> None:
    """Blocks that vary by 40 % can tell no 2 %."""
    found = play(Machine(noise=0.4), 1.0)

    assert "inconclusive" == found.verdict
    assert found.reasons[0].startswith("undecided: the ratio ")
    assert found.elapsed_s <= 128


def test_a_budget_too_short_is_inconclusive() -> None:
    """Three rounds fit into 12 seconds; a verdict needs eight."""
    found = play(Machine(), 2.0, budget_s=12)

    assert "inconclusive" == found.verdict
    assert found.ratio is None
    assert "allow more time" in found.reasons[0]
    assert 12 == found.elapsed_s


def test_a_clear_verdict_ends_early() -> None:
    """Nobody waits for what is known."""
    assert play(Machine(), 2.0, budget_s=1000).elapsed_s <= 44


def test_b_that_is_slow_now_and_then_is_not_the_same() -> None:
    """Trimming forgives the machine a wild round; it must not forgive B every seventh one."""
    machine, count = Machine(noise=0.001), 0
    inner = machine.service("B")

    def now_and_then() -> Run:
        nonlocal count
        count += 1
        run = inner()
        return block(float(run.samples.latency[0]) * (1.6 if count % 14 == 1 else 1.0))

    found = compare(
        machine.service("A"), now_and_then, statistic=LATENCY, margin=0.02, budget_s=128, clock=machine.clock
    )

    assert "inconclusive" == found.verdict
    assert "the mean of all rounds is 1.0" in found.reasons[0]


def test_invalid_blocks_make_it_inconclusive_at_once() -> None:
    """A generator that lags in every block of B proves nothing about B; four rounds show that."""
    machine = Machine()
    slow = machine.service("B", 0.02)
    lagging = Statistic(
        "latency in s",
        LATENCY.of,
        lambda run: Validity(("lag: 9 ms late",) if run.samples.latency[0] > 0.015 else ()),
    )

    found = compare(
        machine.service("A"), slow, statistic=lagging, margin=0.02, budget_s=999, clock=machine.clock
    )

    assert "inconclusive" == found.verdict
    assert "B, lag: 9 ms late" in found.reasons
    assert found.reasons[0].startswith("invalid: ")
    assert found.discarded == sum(
        any(each.reasons for each in found.blocks[first : first + 4])
        for first in range(0, len(found.blocks), 4)
    )


def test_a_comparison_without_one_valid_round_gives_up() -> None:
    """The budget is not burnt for nothing."""
    machine = Machine()
    never = Statistic("latency in s", LATENCY.of, lambda _run: Validity(("cpu: 90 %",)))

    found = play(machine, 1.0, statistic=never, budget_s=9999)

    assert 16 == found.elapsed_s
    assert 4 == found.discarded
    assert {
        "invalid: 4 of 4 rounds had a block that is left out or has no figure; at most 25% may",
        "A, cpu: 90 %",
        "B, cpu: 90 %",
    } <= set(found.reasons)


def test_a_value_without_a_ratio_is_invalid() -> None:
    """The p99 of a block where 2 % failed is infinite; its logarithm must not end the comparison."""
    endless = Statistic("p99 latency in s", lambda _run: float("inf"), LATENCY.judge)

    found = play(Machine(), 1.0, statistic=endless)

    assert "inconclusive" == found.verdict
    assert "A, value: p99 latency in s is inf, of which there is no ratio" in found.reasons


def test_a_difference_inside_the_margin_is_none() -> None:
    """3 % of 5 % allowed: sure to be there, and as sure to be too small to matter."""
    found = [
        compare(
            machine.service("A"),
            machine.service("B", 0.0103),
            statistic=LATENCY,
            margin=0.05,
            budget_s=128,
            clock=machine.clock,
        ).verdict
        for machine in (Machine(0.02, seed=seed) for seed in range(30))
    ]

    assert 0 == found.count("better")
    assert found.count("worse") <= 1
    assert found.count("same") >= 20


def test_every_block_is_told_when_it_ends() -> None:
    """Progress bars live on it."""
    told: list[float] = []
    machine = Machine()

    found = compare(
        machine.service("A"),
        machine.service("B"),
        statistic=LATENCY,
        margin=0.02,
        budget_s=50,
        on_block=lambda each: told.append(each.ended_s),
        clock=machine.clock,
    )

    assert [each.ended_s for each in found.blocks] == told
    assert all(before < after for before, after in pairwise(told))


@pytest.mark.parametrize(("margin", "budget_s"), [(0.0, 10.0), (-0.1, 10.0), (0.02, 0.0)])
def test_a_comparison_without_margin_or_budget_is_refused(margin: float, budget_s: float) -> None:
    """Nothing is exactly the same, and nothing is measured in no time."""
    with pytest.raises(MisuseError, match="must both be positive"):
        compare(
            Machine().service("A"),
            Machine().service("B"),
            statistic=LATENCY,
            margin=margin,
            budget_s=budget_s,
        )


def test_goodput_is_compared_under_overload(queue: Queue) -> None:
    """There a backlog is what is studied, and only the generator's own rules make a block INVALID."""
    seeds = iter(range(10_000))

    def serve(capacity: float) -> Callable[[], Run]:
        return lambda: queue(1200, capacity=capacity, duration_s=2.0, warm_up_s=0.0, seed=next(seeds))

    found = compare(
        serve(1000.0),
        serve(1100.0),
        statistic=goodput(0.1),
        margin=0.02,
        budget_s=300,
        clock=Machine().clock,
    )

    assert "better" == found.verdict
    assert 0 == found.discarded
