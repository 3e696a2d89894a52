"""A load that no generator could offer is refused before anything starts."""

from typing import Any

import numpy as np
import pytest

from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples
from servelab.errors import MisuseError

OPEN = {"kind": "open", "arrivals": "poisson", "rate_per_s": 100.0, "duration_s": 10.0}
CLOSED = {"kind": "closed", "arrivals": "", "rate_per_s": 0.0, "duration_s": 10.0}


@pytest.mark.parametrize(
    ("good", "change", "sentence"),
    [
        (OPEN, {"arrivals": ""}, "needs arrivals and a rate"),
        (OPEN, {"rate_per_s": 0.0}, "needs arrivals and a rate"),
        (OPEN, {"rate_per_s": float("inf")}, "needs arrivals and a rate"),
        (CLOSED, {"rate_per_s": 10.0}, "neither arrivals nor a rate"),
        (CLOSED, {"arrivals": "poisson"}, "neither arrivals nor a rate"),
        (OPEN, {"warm_up_s": 10.0}, "measures nothing"),
        (OPEN, {"warm_up_s": -1.0}, "measures nothing"),
        (OPEN, {"connections": 1, "processes": 2}, "each process needs a connection"),
        (OPEN, {"timeout_s": 0.0}, "an answer needs time"),
    ],
)
def test_an_impossible_load_is_refused(good: dict[str, Any], change: dict[str, Any], sentence: str) -> None:
    """The sentence says what is wrong with it."""
    Load(**good)

    with pytest.raises(MisuseError, match=sentence):
        Load(**good | change)


def test_the_warm_up_is_in_no_figure() -> None:
    """It is recorded and shown, and nothing else."""
    starts = np.arange(10.0)
    run = Run(
        Load("open", "constant", 1.0, duration_s=10.0, warm_up_s=4.0),
        Samples(starts, starts, starts, starts, ("",) * 10),
        cpu_share=0.1,
        target="x",
    )

    assert [4.0, 5.0, 6.0, 7.0, 8.0, 9.0] == run.measured.intended.tolist()
    assert 6.0 == run.measured_s
