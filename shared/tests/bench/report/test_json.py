"""The report for programs holds what the figures came from, and is JSON to every parser."""

import json as parser
import platform
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from servelab.bench.report import json
from servelab.bench.report.machine import Machine, examine
from servelab.bench.report.summary import summarise
from servelab.bench.run import Run
from servelab.bench.trust.validity import Validity

MakeRun = Callable[..., Run]
Parse = Callable[..., Any]


def no_constant(name: str) -> None:
    """Refuse what Python's parser takes and others do not."""
    msg = f"{name} is no JSON"
    raise ValueError(msg)


@pytest.fixture
def parse(machine: Machine, now: datetime) -> Parse:
    """Renders a run and reads it back."""

    def make(run: Run, *reasons: str) -> Any:  # noqa: ANN401 - JSON
        document = json.of_run(summarise(run, Validity(reasons)), machine, now=now)
        return parser.loads(json.render(document), parse_constant=no_constant)

    return make


def test_raw_samples_give_the_figures_again(make_run: MakeRun, parse: Parse) -> None:
    """Who doubts a percentile can work it out."""
    run = make_run()

    found = parse(run)

    samples = found["samples"]
    latency = np.array(samples["ended_s"]) - np.array(samples["intended_s"])
    past = np.array(samples["intended_s"]) >= found["load"]["warm_up_s"]
    again = np.quantile(latency[past], 0.99, method="inverted_cdf")
    assert found["figures"]["percentiles"]["p99"]["value_s"] == pytest.approx(again, abs=2e-7)
    assert len(run.samples) == len(samples["error"])


def test_a_percentile_without_samples_is_null(make_run: MakeRun, parse: Parse) -> None:
    """A program must not find a number where there is none."""
    percentiles = parse(make_run(np.full(300, 0.002)))["figures"]["percentiles"]

    assert percentiles["p99"] is None
    assert {"value_s": 0.002, "low_s": 0.002, "high_s": 0.002} == pytest.approx(percentiles["p50"])


def test_what_never_ended_is_null(make_run: MakeRun, parse: Parse) -> None:
    """JSON has neither inf nor nan, and parsers differ on what they make of them."""
    run = make_run(failed=30)
    run.samples.ended[-1] = np.nan

    found = parse(run)

    assert found["samples"]["ended_s"][-1] is None
    assert found["figures"]["percentiles"]["p99"]["value_s"] is None
    assert {"status 503": 30} == found["figures"]["errors"]


def test_a_request_never_issued_is_late_without_end(make_run: MakeRun) -> None:
    """The rule on lag counts it so; a figure that left it out would contradict the verdict beside it."""
    run = make_run()
    run.samples.issued[-20:] = np.nan

    assert np.inf == summarise(run, Validity(())).lag_p99_s


def test_an_invalid_run_carries_its_reasons(make_run: MakeRun, parse: Parse) -> None:
    """A script that grades must be able to refuse it."""
    found = parse(make_run(kind="closed"), "closed loop: no")

    assert (False, ["closed loop: no"], "closed loop") == (found["valid"], found["reasons"], found["loop"])


def test_lists_of_numbers_take_one_line(make_run: MakeRun, machine: Machine, now: datetime) -> None:
    """A million samples on a million lines open in no editor."""
    document = json.of_run(summarise(make_run(), Validity(())), machine, now=now)

    assert len(json.render(document).splitlines()) < 150


def test_this_machine_is_described_without_its_name() -> None:
    """Reports are passed on."""
    machine = examine()

    assert machine.cores >= 1
    assert "numpy" in machine.versions
    assert platform.node() not in " ".join(words for _, words in machine.described()).split()
