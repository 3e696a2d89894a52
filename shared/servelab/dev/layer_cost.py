"""The processor time of a request in each layer of a service, measured from outside."""

import contextlib
import sys
from typing import Final

from servelab.bench.bench_config import BenchConfig, Layer
from servelab.bench.http import HttpTargets
from servelab.bench.layers import LayerCost
from servelab.bench.load.generator import run_open
from servelab.bench.load.worker_process import WorkerProcess
from servelab.bench.run import Load
from servelab.bench.trust.validity import error_counts, judge
from servelab.commands.bench import option, schedule
from servelab.commands.bench.measuring import measuring
from servelab.commands.bench.side import Served, served
from servelab.errors import GraderFaultError, MisuseError
from servelab.grading.manifest import Exercise

ROUNDS: Final = 9
"""The first one warms up and does not count."""

ROUND_S: Final = 3.0
CONNECTIONS: Final = 16


def with_app(owner: Exercise, app: str) -> Exercise:
    """Return the exercise with another application, of its own folder or of the solution's."""
    program = owner.programs[0]
    words = (app if word.endswith(":create_app") else word for word in program.argv)
    other = program.model_copy(update={"argv": (*words, "--app-dir", str(owner.folder))})
    return owner.model_copy(update={"programs": (other,)})


def layer_costs(owner: Exercise, measured: BenchConfig) -> list[LayerCost]:
    """Start every layer's application, ask them in turns, and return what a request costs in each.

    Raises:
        MisuseError: this is not Linux, whose clocks tell the processor time of another process.
        GraderFaultError: a request got no good answer, or an application could not keep up.
    """
    if sys.platform != "linux":
        msg = "what a layer costs is read from Linux's clocks, so this needs Linux: run it in a container"
        raise MisuseError(msg)

    layers = measured.layers.layer
    rounds: list[list[float]] = []
    with contextlib.ExitStack() as services:
        running = [
            services.enter_context(served(with_app(owner, layer.app), owner.solution)) for layer in layers
        ]
        worker, bar = services.enter_context(measuring())
        for number in range(ROUNDS):
            words = f"layers, round {number + 1} of {ROUNDS}"
            bar.begin(words, ROUND_S * len(layers))
            # The order alternates: what one application does to the machine, the next one feels.
            turns = range(len(layers))[:: -1 if number % 2 else 1]
            found = {turn: _cpu_s(worker, running[turn], layers[turn], measured, number) for turn in turns}
            rounds.append([found[turn] for turn in range(len(layers))])
    columns = zip(*rounds[1:], strict=True)
    return [LayerCost(layer.name, column) for layer, column in zip(layers, columns, strict=True)]


def _cpu_s(worker: WorkerProcess, service: Served, layer: Layer, measured: BenchConfig, seed: int) -> float:
    """Return the processor time of one request, as the mean of a few seconds of them."""
    asked, rate_per_s = measured.layered, measured.layers.rate_per_s
    request = option.request(asked.method, asked.body, None)
    targets = HttpTargets(f"{service.address}{layer.path or asked.path}", (request,), frozenset())
    load = Load("open", "poisson", rate_per_s, ROUND_S, seed=seed, connections=CONNECTIONS)
    before_s = service.cpu_s()
    run = worker.call(run_open, targets, schedule.draw("poisson", rate_per_s, ROUND_S, seed), load)
    spent_s = service.cpu_s() - before_s
    # Beyond its capacity a service takes several requests at a time, and each looks cheaper than it is.
    if run.samples.failed.any() or "achieved" in judge(run).rules:
        errors = error_counts(run.samples) or "it fell behind"
        msg = f"{layer.app} did not answer every request at {rate_per_s:g}/s ({errors}); fix or slow it"
        raise GraderFaultError(msg)
    return spent_s / len(run.samples)
