"""Runs with known latencies, and a machine that is always the same."""

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pytest

from servelab.bench.report.machine import Machine
from servelab.bench.run import Load, Run
from servelab.bench.samples import FloatArray, Samples

MakeRun = Callable[..., Run]


@pytest.fixture
def now() -> datetime:
    """The moment of every report."""
    return datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


@pytest.fixture
def machine() -> Machine:
    """A machine."""
    return Machine(
        cpu="Test CPU",
        cores=2,
        flags=("avx2",),
        memory_bytes=2**33,
        system="Linux",
        governor="",
        virtual=True,
        load_1_min=0.5,
        python="CPython 3.11",
        clock_resolution_s=1e-9,
        versions={"numpy": "2"},
    )


@pytest.fixture
def make_run() -> MakeRun:
    """Makes a run at 100 requests/s whose requests past the warm-up of 1 s take what is said."""

    def make(
        latencies: FloatArray | None = None,
        *,
        failed: int = 0,
        kind: str = "open",
        target: str = "http://127.0.0.1:8000/",
    ) -> Run:
        seconds = np.geomspace(0.001, 0.1, 1000) if latencies is None else latencies
        seconds = np.concatenate([np.full(100, 0.5), seconds])
        intended = np.arange(len(seconds)) / 100
        error = tuple("status 503" if index < failed else "" for index in reversed(range(len(seconds))))
        is_open = kind == "open"
        load = Load(
            kind="open" if is_open else "closed",
            arrivals="constant" if is_open else "",
            rate_per_s=100.0 if is_open else 0.0,
            duration_s=max(len(seconds), 101) / 100,
            warm_up_s=1.0,
            connections=8,
        )
        samples = Samples(intended, intended + 1e-5, intended + 2e-5, intended + seconds, error)
        return Run(load=load, samples=samples, cpu_share=0.25, target=target)

    return make
