"""The page of one run says whether it can be trusted, and needs nothing but itself."""

import re
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from servelab.bench.report import html
from servelab.bench.report.machine import Machine
from servelab.bench.report.summary import summarise
from servelab.bench.run import Run
from servelab.bench.trust.validity import Validity

MakeRun = Callable[..., Run]
Render = Callable[..., str]
LOADING = re.compile(r"<script|<link|<img|<iframe|\b(?:src|href|srcset|style)=|url\(|@import", re.IGNORECASE)


@pytest.fixture
def render(machine: Machine, now: datetime) -> Render:
    """Renders a run that is VALID unless reasons are given."""

    def make(run: Run, *reasons: str) -> str:
        return html.of_run(summarise(run, Validity(reasons)), machine, now=now)

    return make


def text_of(page: str) -> str:
    """Return what a reader sees, with single spaces."""
    parts: list[str] = []
    parser = HTMLParser()
    parser.handle_data = parts.append  # type: ignore[assignment,method-assign] # its way of being used
    parser.feed(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    return " ".join(" ".join(parts).split())


def test_a_believable_run_says_valid(make_run: MakeRun, render: Render) -> None:
    """The reader must not have to look for it."""
    page = render(make_run())

    assert "VALID" == re.findall(r'<section class="verdict good">\s*<h2>(.*?)</h2>', page)[0]


def test_an_invalid_run_says_so_with_every_reason(make_run: MakeRun, render: Render) -> None:
    """A number that can't be trusted must not look like one that can."""
    page = render(make_run(), "lag: 12 ms late", "cpu: busy")

    assert "INVALID" == re.findall(r'<section class="verdict bad">\s*<h2>(.*?)</h2>', page)[0]
    assert ["lag: 12 ms late", "cpu: busy"] == re.findall(r"<li>(.*?)</li>", page)[:2]


def test_a_percentile_without_samples_is_no_number(make_run: MakeRun, render: Render) -> None:
    """Below the least n there is nothing but a guess."""
    seen = text_of(render(make_run(np.full(300, 0.002))))

    assert "p99 too few samples needs 662" in seen
    assert "p95 2 ms 2 ms 2 ms" in seen


def test_a_closed_loop_is_labelled(make_run: MakeRun, render: Render) -> None:
    """Its figures are not those of an open loop, and look just like them."""
    seen = text_of(render(make_run(kind="closed"), "closed loop: no figure for capacity"))

    assert seen.startswith("INVALID: http://127.0.0.1:8000/ · servelab bench One run closed loop")
    assert "never what the server can take" in seen


def test_failed_requests_are_counted_and_slower_than_all(make_run: MakeRun, render: Render) -> None:
    """A server must not look faster for dropping what it can't do."""
    seen = text_of(render(make_run(failed=20)))

    assert "without a good answer 20 of 1000 requests" in seen
    assert "status 503 20 2 %" in seen
    assert "p99 ∞" in seen


def test_the_page_loads_nothing_and_runs_nothing(make_run: MakeRun, render: Render) -> None:
    """It is opened from disk, years later, without a network."""
    page = render(make_run())

    assert [] == LOADING.findall(page)
    assert "default-src 'none'; style-src 'sha256-" in page


def test_the_name_of_a_target_is_only_text(make_run: MakeRun, render: Render) -> None:
    """A report is passed on; what was measured may have any name."""
    page = render(make_run(target="http://x/<script>alert(1)</script>"))

    assert "<script" not in page
    assert "http://x/<script>alert(1)</script>" in text_of(page)


def test_the_machine_is_named(make_run: MakeRun, render: Render) -> None:
    """A figure without its machine can't be compared."""
    seen = text_of(render(make_run()))

    assert "Test CPU, 2 cores to use" in seen
    assert "a virtual machine, whose neighbours can't be seen" in seen


@pytest.mark.parametrize("latencies", [np.zeros(0), np.full(5, 0.001), np.full(1000, 0.001)])
def test_a_run_of_any_shape_has_a_page(latencies: np.ndarray, make_run: MakeRun, render: Render) -> None:
    """A run that went wrong is the one whose report is needed."""
    page = render(make_run(latencies), "count: too few")

    assert page.endswith("</html>")
