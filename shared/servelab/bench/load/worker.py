"""One generator process: open the target, run its part of the load, give back what it wrote down."""

import asyncio
import gc
from collections.abc import Callable
from dataclasses import dataclass

import uvloop

from servelab.bench.load.closed_loop import ClosedLoop
from servelab.bench.load.open_loop import OpenLoop
from servelab.bench.load.target import Target, TargetFactory
from servelab.bench.run import Load
from servelab.bench.samples import FloatArray, Samples

MANY = 1 << 60  # requests of a closed loop, which knows no end but time


@dataclass(frozen=True)
class Part:
    """A generator process's share of a load.

    Attributes:
        load: with this process's share of the connections and the rate.
        arrivals: (n,) this process's intended starts; None for a closed loop.
        first, step: the k-th request here is request first + k * step of the whole run.
    """

    load: Load
    arrivals: FloatArray | None
    first: int
    step: int


@dataclass(frozen=True, eq=False)
class PartResult:
    """What a part measured: its samples, the share of a core that it used, the name of its target."""

    samples: Samples
    cpu_share: float
    target: str


def work(factory: TargetFactory, part: Part, begin: Callable[[], float]) -> PartResult:
    """Run a part in this process, on an event loop of its own.

    Args:
        factory: makes the target.
        part: what to do.
        begin: called once the target is open; returns the moment at which the run starts.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_work(factory, part, begin))


async def _work(factory: TargetFactory, part: Part, begin: Callable[[], float]) -> PartResult:
    target = factory(part.load)
    try:
        await target.open()
        # What lives now is not walked again: a full collection would pause the generator.
        gc.collect()
        gc.freeze()
        start_s = begin()
        loop = await _run(target, part, start_s)
    finally:
        gc.unfreeze()
        await target.close()
    return PartResult(loop.record.samples(start_s), loop.cpu_s / max(loop.busy_s, 1e-9), target.name)


async def _run(target: Target, part: Part, start_s: float) -> OpenLoop | ClosedLoop:
    numbers = range(part.first, MANY, part.step)
    load = part.load
    if part.arrivals is None:
        closed = ClosedLoop(target, load.connections, numbers)
        await closed.run(start_s, load.duration_s, load.timeout_s)
        return closed
    opened = OpenLoop(target, part.arrivals, numbers)
    await opened.run(start_s, load.timeout_s)
    return opened
