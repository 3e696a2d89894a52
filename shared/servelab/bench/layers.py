"""What each layer of a service adds to the processor time of a request.

Every round asks each layer's application in turn for the same requests; what a
layer adds is the difference to the one before it within a round, so that a
slow minute of the machine touches both. Processor time, not latency: it is
what a core has to give.
Leaves out: what differs from one start of a process to the next.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from servelab.bench.statistics.bootstrap import trimmed_interval
from servelab.bench.statistics.percentile import Bounded

CONFIDENCE = 0.95
SEED = 5


@dataclass(frozen=True)
class LayerCost:
    """A layer on top of those before it.

    Attributes:
        name: what the layer adds.
        cpu_s: processor time of its server per request, all layers before it included, one figure per round.
    """

    name: str
    cpu_s: Sequence[float]


def added(before: LayerCost, layer: LayerCost) -> Bounded:
    """Return the seconds per request that a layer adds, with a 95 % interval."""
    return trimmed_interval(np.subtract(layer.cpu_s, before.cpu_s), CONFIDENCE, SEED)


def markdown(layers: Sequence[LayerCost]) -> str:
    """Return the table for a README.

    >>> print(markdown([LayerCost("a", [1e-4] * 8), LayerCost("b", [3e-4] * 8)]).splitlines()[-1])
    | and b | 0.300 ms | 0.200 ms (0.200 to 0.200) |
    """
    head = "| layer | processor time of a request | added (95 % interval) |\n|---|---|---|"
    first = f"| {layers[0].name} | {_ms(_centre(layers[0]))} ms | |"
    pairs = itertools.pairwise(layers)
    return "\n".join([head, first, *(_row(before, layer) for before, layer in pairs)])


def _row(before: LayerCost, layer: LayerCost) -> str:
    more = added(before, layer)
    interval = f"({_ms(more.low)} to {_ms(more.high)})"
    return f"| and {layer.name} | {_ms(_centre(layer))} ms | {_ms(more.value)} ms {interval} |"


def _centre(layer: LayerCost) -> float:
    return trimmed_interval(np.asarray(layer.cpu_s), CONFIDENCE, SEED).value


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.3f}"
