"""`servelab bench capacity`: the highest rate that a service sustains within its objective."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.bench import option, schedule
from servelab.commands.output import JsonTo
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.bench.capacity.probe import Probe
    from servelab.bench.capacity.search import Capacity
    from servelab.bench.http import HttpTargets
    from servelab.bench.run import Load, Run

NONE_FOUND: Final = 1
OVERLOADS: Final = (1.3, 2.0)
"""Times the capacity: what is still answered well there is the goodput under overload."""

ROOM: Final = 1.3
"""Factor on the requests that a percentile needs at least."""

LONGEST_PROBE_S: Final = 120.0
"""No probe lasts longer, unless `--probe` asks for it."""

Start = Annotated[float, typer.Option(metavar="PER_S", help="The first rate that is tried.")]
Precision = Annotated[
    float, typer.Option(min=0.5, max=50, metavar="PERCENT", help="How close the two rates must come.")
]
Probes = Annotated[int, typer.Option(min=2, help="Runs of the search at the most.")]


def capacity(  # noqa: PLR0913 - a command line
    address: option.Address,
    *,
    slo: option.Slo = 0.05,
    percentile: option.Percentile = 99.0,
    start: Start = 50.0,
    precision: Precision = 3.0,
    max_probes: Probes = 14,
    probe: Annotated[
        float, option.time_option("Length of a probe; longer where the percentile needs it.")
    ] = 10.0,
    warm_up: option.WarmUp = 2.0,
    seed: option.Seed = 1,
    connections: option.Connections = 64,
    processes: option.Processes = 1,
    timeout: option.Timeout = 2.0,
    method: option.Method = "",
    body: option.Body = "",
    header: option.Header = None,
    allow_remote: option.AllowRemote = None,
    json_to: JsonTo = None,
    html: option.HtmlTo = None,
) -> None:
    """Find the highest rate at which the upper bound of a percentile of the latency is within the SLO."""
    from datetime import UTC, datetime

    from servelab import atomic_file
    from servelab.bench.http import HttpTargets
    from servelab.bench.report import html as page
    from servelab.bench.report import json as document
    from servelab.bench.report import terminal
    from servelab.bench.report.machine import examine
    from servelab.bench.run import Load
    from servelab.commands.output import Output

    output = Output(json_to)
    option.check_html(html)
    schedule.refuse_impossible(start, processes)
    load = Load("open", "poisson", start, probe, warm_up, seed, connections, processes, timeout)
    _refuse_slow_start(load, percentile / 100)
    requests = (option.request(method, body, header),)
    targets = HttpTargets(address, requests, frozenset(allow_remote or ()))
    machine = examine()
    found = search(targets, load, slo, percentile / 100, precision=precision / 100, max_probes=max_probes)
    now = datetime.now(UTC)
    for part in terminal.of_capacity(found):
        output.console.print(part)
    if html is not None:
        atomic_file.write_text(html, page.of_capacity(found, machine, now=now))
    output.write(lambda: document.render(document.of_capacity(found, machine, now=now)))
    raise typer.Exit(NONE_FOUND if found.rate_per_s is None else 0)


def _sized(load: "Load", rate_per_s: float, q: float) -> "Load":
    """Return the load at a rate, long enough for its percentile."""
    from servelab.bench.statistics.percentile import least_samples

    needed_s = ROOM * least_samples(q) / rate_per_s + load.warm_up_s
    return replace(load, rate_per_s=rate_per_s, duration_s=max(load.duration_s, needed_s))


def _least_per_s(load: "Load", q: float) -> float:
    """Return the lowest rate whose probe is not too long."""
    from servelab.bench.statistics.percentile import least_samples

    longest_s = max(LONGEST_PROBE_S, load.duration_s)
    return ROOM * least_samples(q) / (longest_s - load.warm_up_s)


def _refuse_slow_start(load: "Load", q: float) -> None:
    if load.rate_per_s < _least_per_s(load, q):
        takes_s = _sized(load, load.rate_per_s, q).duration_s
        msg = (
            f"--start {load.rate_per_s:g}: a probe would take {takes_s:.0f} s "
            "for enough requests; begin with a higher rate or ask for a lower --percentile"
        )
        raise MisuseError(msg)


def search(  # noqa: PLR0913 - what a search takes
    targets: "HttpTargets",
    load: "Load",
    slo_s: float,
    q: float,
    *,
    precision: float,
    max_probes: int,
    overloads: Sequence[float] = OVERLOADS,
) -> "Capacity":
    """Search a capacity with a bar on standard error, then offer multiples of it.

    Args:
        targets: what is loaded.
        load: of each probe, but for its rate and its seed, which is one more with each; longer where the
            percentile needs it.
        slo_s: the objective, in seconds.
        q: of the percentile that must keep it.
        precision: see `find_capacity`.
        max_probes: see `find_capacity`.
        overloads: times the capacity.
    """
    from servelab.bench.capacity.probe import judge_probe
    from servelab.bench.capacity.search import find_capacity
    from servelab.bench.load.generator import run_open
    from servelab.commands.bench.measuring import measuring

    seeds = itertools.count(load.seed)
    with measuring() as (worker, bar):

        def probe(rate_per_s: float) -> "Run":
            # With one seed for all, the luck of its bursts would be in every probe.
            sized = replace(_sized(load, rate_per_s, q), seed=next(seeds))
            starts = schedule.draw("poisson", rate_per_s, sized.duration_s, sized.seed)
            bar.begin(f"offering {rate_per_s:.0f}/s", sized.duration_s)
            return worker.call(run_open, targets, starts, sized)

        found = find_capacity(
            probe,
            slo_s,
            start_per_s=load.rate_per_s,
            q=q,
            precision=precision,
            max_probes=max_probes,
            least_per_s=_least_per_s(load, q),
        )
        beyond: list[Probe] = []
        if found.rate_per_s is not None and found.limit != "generator":
            for factor in overloads:
                rate_per_s = factor * found.rate_per_s
                beyond.append(judge_probe(probe(rate_per_s), rate_per_s, slo_s, q))
    return replace(found, probes=(*found.probes, *beyond))
