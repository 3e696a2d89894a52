"""The layers of each exercise are real services that answer what is asked of them."""

import numpy as np
import pytest

from servelab.bench.asked import Layer, Measured, load
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_open
from servelab.bench.run import Load
from servelab.commands.bench import option
from servelab.commands.bench.layers import with_app
from servelab.commands.bench.service import served
from servelab.course_root import COURSE_ROOT
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
    owner: Exercise, measured: Measured, layer: Layer
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
    assert 0.0 < spent_s < 20.0
