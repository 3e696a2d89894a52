"""The report of a comparison shows what decided it."""

import itertools
import json as parser
import re
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest
from rich.console import Console

from servelab.bench.comparison.abba import compare
from servelab.bench.comparison.statistic import latency_percentile
from servelab.bench.report import html, json, terminal
from servelab.bench.report.machine import Machine
from servelab.bench.report.pairing import Pairing
from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples

LOAD = Load("open", "poisson", 200.0, 2.0, 0.0, 1, 8)
Compared = Callable[..., Pairing]


@pytest.fixture(scope="module")
def compared() -> Compared:
    """Compares a service with one that is so many times slower, on a clock of its own."""

    def make(factor: float, *, budget_s: float = 200.0, failed: int = 0) -> Pairing:
        generator = np.random.default_rng(5)

        def measure(slower: float, failed: int) -> Callable[[], Run]:
            def run() -> Run:
                starts = np.sort(generator.uniform(0, 2, 400))
                latency = generator.lognormal(np.log(0.004 * slower), 0.1, 400)
                error = ("status 503",) * failed + ("",) * (400 - failed)
                samples = Samples(starts, starts, starts, starts + latency, error)
                return Run(LOAD, samples, 0.2, "x")

            return run

        found = compare(
            measure(1.0, 0),
            measure(factor, failed),
            statistic=latency_percentile(0.5),
            margin=0.05,
            budget_s=budget_s,
            clock=itertools.count(step=2.0).__next__,
        )
        return Pairing("the old one", "the new one", LOAD, found)

    return make


def test_a_slower_service_is_worse_in_every_format(
    compared: Compared, machine: Machine, now: datetime
) -> None:
    """A verdict that reads differently in two places is none."""
    pairing = compared(1.2)
    page = html.of_comparison(pairing, machine, now=now)
    console = Console(record=True, quiet=True, width=100)

    for part in terminal.of_comparison(pairing):
        console.print(part)

    document = parser.loads(json.render(json.of_comparison(pairing, machine, now=now)))
    assert "worse" == document["verdict"]
    assert "WORSE" == re.findall(r'class="verdict bad">\s*<h2>(.*?)</h2>', page)[0]
    assert document["ratio"]["low"] > 1.15
    assert len(document["blocks"]) == 4 * (
        len(document["round_ratios"]) + len(document["noise_round_ratios"])
    )


def test_the_page_shows_the_interval_the_margin_and_the_noise(
    compared: Compared, machine: Machine, now: datetime
) -> None:
    """The three things that a verdict stands on are seen together."""
    page = html.of_comparison(compared(1.0), machine, now=now)

    assert "same: within 5 %" in page
    assert 'class="whisker first"' in page
    assert 'class="whisker muted"' in page
    assert "SAME" in page


def test_too_little_time_is_inconclusive_and_says_why(
    compared: Compared, machine: Machine, now: datetime
) -> None:
    """No verdict is better than a guess."""
    page = html.of_comparison(compared(1.0, budget_s=20.0), machine, now=now)

    assert "INCONCLUSIVE" in page
    assert "allow more time or shorten the blocks" in page


def test_failures_of_both_sides_are_in_every_format(
    compared: Compared, machine: Machine, now: datetime
) -> None:
    """A B that answers as quickly and refuses one request in a hundred is not as good."""
    pairing = compared(1.0, failed=4)
    console = Console(width=100)

    with console.capture() as captured:
        for part in terminal.of_comparison(pairing):
            console.print(part)

    requests = 400 * sum(block.label == "B" for block in pairing.comparison.blocks)
    document = parser.loads(json.render(json.of_comparison(pairing, machine, now=now)))
    assert "inconclusive" == document["verdict"]
    assert [{}, {"status 503": 4}] == [block["errors"] for block in document["blocks"][:2]]
    samples = document["blocks"][1]["samples"]
    assert [4, 396] == [samples["error"].count("status 503"), samples["error"].count("")]
    assert 400 == len(samples["intended_s"]) == len(samples["ended_s"])
    assert f"B: {requests // 100} of {requests} requests without a good answer" in captured.get()
    assert f"{requests // 100} status 503" in html.of_comparison(pairing, machine, now=now)
