"""The report of a search for the capacity shows the knee and what lies beyond."""

import dataclasses
import json as parser
from datetime import datetime

import numpy as np
import pytest
from rich.console import Console

from servelab.bench.arrivals import poisson
from servelab.bench.capacity.search import Capacity, Limit, find_capacity
from servelab.bench.report import html, json, terminal
from servelab.bench.report.machine import Machine
from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples
from servelab.bench.statistics.theory import lindley

SERVICE_S = 0.002


@pytest.fixture(scope="module")
def capacity() -> Capacity:
    """A service that takes 2 ms for each, one after the other, searched with an SLO of 20 ms."""

    def probe(rate_per_s: float) -> Run:
        starts = poisson(rate_per_s, 20.0, seed=3)
        ended = starts + lindley(starts, np.full(len(starts), SERVICE_S)) + SERVICE_S
        load = Load("open", "poisson", rate_per_s, 20.0, 2.0, 3, 64)
        return Run(
            load, Samples(starts, starts, starts, ended, ("",) * len(starts)), 0.2, "http://127.0.0.1/"
        )

    return find_capacity(probe, 0.02, start_per_s=100.0)


def test_every_format_tells_the_same_capacity(capacity: Capacity, machine: Machine, now: datetime) -> None:
    """The rate is what is quoted."""
    assert capacity.rate_per_s is not None
    page = html.of_capacity(capacity, machine, now=now)
    console = Console(record=True, width=120, force_terminal=False, file=None, quiet=False)

    with console.capture() as captured:
        for part in terminal.of_capacity(capacity):
            console.print(part)

    document = parser.loads(json.render(json.of_capacity(capacity, machine, now=now)))
    shown = f"{capacity.rate_per_s:.0f}/s"
    assert capacity.rate_per_s == document["rate_per_s"]
    assert f"capacity {shown}" in page
    assert shown in captured.get()


def test_every_probe_is_in_the_report(capacity: Capacity, machine: Machine, now: datetime) -> None:
    """The search can be followed, and each point of the curve has its samples."""
    document = json.of_capacity(capacity, machine, now=now)

    assert len(capacity.probes) == len(document["probes"])
    assert all(probe["samples"]["intended_s"] for probe in document["probes"])


def test_the_objective_is_drawn(capacity: Capacity, machine: Machine, now: datetime) -> None:
    """The reader sees where the curve crosses it."""
    page = html.of_capacity(capacity, machine, now=now)

    assert "SLO 20 ms" in page
    assert "Goodput under overload" in page


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("generator", ("doubt", "The generator is the limit")),
        ("duration", ("doubt", "lower ones need longer probes")),
        ("probes", ("bad", "no more probes were allowed")),
    ],
)
def test_no_rate_at_all_says_what_limited(
    capacity: Capacity, machine: Machine, now: datetime, limit: Limit, said: tuple[str, str]
) -> None:
    """A machine too busy to measure must not read as a service too slow to use."""
    none = dataclasses.replace(capacity, rate_per_s=None, limit=limit)
    page = html.of_capacity(none, machine, now=now)

    tone, words = said
    assert f'class="verdict {tone}"' in page
    assert words in page
