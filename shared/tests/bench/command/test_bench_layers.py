"""The layers of each exercise are real services that answer what is asked of them."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from servelab.bench.bench_config import BenchConfig, Layer, load
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_open
from servelab.bench.load.worker_process import WorkerProcess
from servelab.bench.run import Load
from servelab.commands.bench import option
from servelab.commands.bench.side import Served, served
from servelab.course_root import COURSE_ROOT
from servelab.dev import layer_cost
from servelab.dev.layer_cost import with_app
from servelab.errors import GraderFaultError, MisuseError
from servelab.grading import manifest
from servelab.grading.manifest import Exercise

LAYERS = [
    pytest.param(owner, measured, layer, id=f"{owner.number}-{layer.app}")
    for path in sorted(COURSE_ROOT.glob("exercise-*/bench.toml"))
    for owner, measured in [(manifest.exercise_of(path.parent), load(path))]
    if owner is not None
    for layer in measured.layers.layer
]


def test_there_are_layers() -> None:
    """Or the test below would look at nothing."""
    assert LAYERS


@pytest.mark.parametrize(("owner", "measured", "layer"), LAYERS)
def test_each_layer_answers_the_request_and_spends_time_on_it(
    owner: Exercise, measured: BenchConfig, layer: Layer
) -> None:
    """A layer that refuses its requests would be cheap."""
    asked = measured.layered
    request = option.request(asked.method, asked.body, None)
    starts = np.linspace(0.0, 0.4, 20, endpoint=False)

    with served(with_app(owner, layer.app), owner.solution) as service:
        targets = HttpTargets(f"{service.address}{layer.path or asked.path}", (request,), frozenset())
        before_s = service.cpu_s()
        run = run_open(targets, starts, Load("open", "constant", 50.0, 0.4, connections=4))
        spent_s = service.cpu_s() - before_s

    assert not run.samples.failed.any(), run.samples.errors
    assert spent_s > 0.0


def test_the_processor_time_is_that_of_the_service() -> None:
    """As the kernel tells it elsewhere, in ticks of a hundredth of a second."""
    owner = manifest.exercise(1)

    with served(owner, owner.solution) as service:
        before_s = _ticks_s(service.pid)
        told_s = service.cpu_s()
        after_s = _ticks_s(service.pid)

    # User and system time are each rounded down.
    assert before_s <= told_s <= after_s + 0.02
    assert before_s > 0.1


def _ticks_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(path: str) -> tuple[Exercise, BenchConfig]:
    """Exercise 01 with two layers: FastAPI alone, and it again, asked for a path."""
    owner = manifest.exercise(1)
    found = load(owner.folder / "bench.toml")
    bare = found.layers.layer[0]
    layers = found.layers.model_copy(
        update={"rate_per_s": 50.0, "layer": (bare, bare.model_copy(update={"path": path}))}
    )
    return owner, found.model_copy(update={"layers": layers})


def test_a_layer_that_refuses_its_requests_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """A 404 is the cheapest answer of all."""
    monkeypatch.setattr(layer_cost, "ROUND_S", 0.2)

    with pytest.raises(GraderFaultError, match=r"did not answer every request at 50/s \(status 404"):
        layer_cost.layer_costs(*measured("/nowhere"))


def test_the_first_round_warms_up_and_the_order_alternates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports at the first request are no cost of a layer; and each layer follows the other as often."""
    monkeypatch.setattr(layer_cost, "ROUND_S", 0.1)
    monkeypatch.setattr(layer_cost, "ROUNDS", 3)
    asked: list[str] = []

    def cpu_s(
        _worker: WorkerProcess, service: Served, _layer: Layer, _measured: BenchConfig, seed: int
    ) -> float:
        asked.append(service.address)
        return float(seed)

    monkeypatch.setattr(layer_cost, "_cpu_s", cpu_s)

    costs = layer_cost.layer_costs(*measured("/"))

    assert [(1.0, 2.0), (1.0, 2.0)] == [tuple(each.cpu_s) for each in costs]
    first, second = asked[:2]
    assert [first, second, second, first, first, second] == asked


def test_elsewhere_than_on_linux_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one sentence, before a service starts."""
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(MisuseError, match="needs Linux"):
        layer_cost.layer_costs(*measured("/"))
