"""Offer a load to a target and write down what came of every request.

Latency counts from the intended start. An open loop never waits for an answer; a
closed one does, says so in its Run, and is not for capacity.
"""

from dataclasses import replace

from servelab.bench.load.clock import now
from servelab.bench.load.processes import work_together
from servelab.bench.load.target import TargetFactory
from servelab.bench.load.worker import Part, work
from servelab.bench.run import Load, Run
from servelab.bench.samples import FloatArray, Samples
from servelab.errors import MisuseError

HEAD_START_S = 0.01


def run_open(factory: TargetFactory, arrivals: FloatArray, load: Load) -> Run:
    """Issue a request at each arrival, whatever the target does.

    Args:
        factory: makes the target from a process's share of the load.
        arrivals: (n,) ascending seconds since the start; see `arrivals.py`.
        load: of kind "open"; each of its processes takes every processes-th arrival.

    Raises:
        MisuseError: no arrivals for one of the processes, or a closed load.
        TargetDownError: nothing answers at the target.
    """
    if load.kind != "open" or len(arrivals) < load.processes:
        msg = (
            f"{len(arrivals)} arrivals, a {load.kind} load, {load.processes} processes: each needs an arrival"
        )
        raise MisuseError(msg)
    return _run(factory, load, arrivals)


def run_closed(factory: TargetFactory, load: Load) -> Run:
    """Keep `load.connections` requests in flight until the duration is over.

    Raises:
        MisuseError: an open load.
        TargetDownError: nothing answers at the target.
    """
    if load.kind != "closed":
        msg = "a closed loop has no arrivals; give it a load of kind 'closed'"
        raise MisuseError(msg)
    return _run(factory, load, None)


def _run(factory: TargetFactory, load: Load, arrivals: FloatArray | None) -> Run:
    parts = [_part(load, arrivals, number) for number in range(load.processes)]
    if len(parts) == 1:
        results = [work(factory, parts[0], lambda: now() + HEAD_START_S)]
    else:
        results = work_together(factory, parts)
    return Run(
        load=load,
        samples=Samples.merge([each.samples for each in results]),
        cpu_share=max(each.cpu_share for each in results),
        target=results[0].target,
    )


def _part(load: Load, arrivals: FloatArray | None, number: int) -> Part:
    count = load.processes
    share = replace(
        load,
        connections=len(range(number, load.connections, count)),
        rate_per_s=load.rate_per_s / count,
        processes=1,
    )
    return Part(share, None if arrivals is None else arrivals[number::count], number, count)
