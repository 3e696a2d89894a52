"""`servelab bench run`: one load on one service."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.bench import option, schedule
from servelab.commands.output import JsonTo

if TYPE_CHECKING:
    from servelab.bench.load.target import TargetFactory
    from servelab.bench.run import Load, Run
    from servelab.bench.samples import FloatArray

INVALID = 1
Arrivals = Annotated[str, typer.Option(help="poisson, constant, stepped or recorded.")]
Step = Annotated[
    list[str] | None, typer.Option("--step", metavar="RATE:TIME", help="A step of stepped arrivals, in turn.")
]
Recording = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Recorded arrivals: seconds, one start on each line.")
]
Closed = Annotated[
    bool,
    typer.Option("--closed", help="A closed loop: each connection waits for its answer. Not for capacity."),
]


def run(  # noqa: PLR0913 - a command line
    address: option.Address,
    *,
    rate: option.Rate = 100.0,
    duration: option.Duration = 30.0,
    warm_up: option.WarmUp = 2.0,
    arrivals: Arrivals = "poisson",
    step: Step = None,
    recording: Recording = None,
    seed: option.Seed = 1,
    connections: option.Connections = 64,
    processes: option.Processes = 1,
    timeout: option.Timeout = 10.0,
    percentile: option.Percentile = 99.0,
    method: option.Method = "",
    body: option.Body = "",
    header: option.Header = None,
    allow_remote: option.AllowRemote = None,
    closed: Closed = False,
    json_to: JsonTo = None,
    html: option.HtmlTo = None,
) -> None:
    """Send a load and report latency from the moment at which each request was meant to start."""
    from datetime import UTC, datetime

    from servelab import atomic_file
    from servelab.bench.http import HttpTargets
    from servelab.bench.report import html as page
    from servelab.bench.report import json as document
    from servelab.bench.report import terminal
    from servelab.bench.report.machine import examine
    from servelab.bench.report.summary import summarise
    from servelab.bench.run import Load
    from servelab.bench.trust.validity import judge
    from servelab.commands.output import Output

    output = Output(json_to)
    option.check_html(html)
    limits = Load("closed", "", 0.0, duration, warm_up, seed, connections, processes, timeout)
    starts = None
    load = limits
    if not closed:
        load, starts = _open(limits, arrivals, rate, step or [], recording)
        past = int((starts >= warm_up).sum())
        schedule.refuse_too_short(past, load.rate_per_s, warm_up, percentile / 100)
    requests = (option.request(method, body, header),)
    targets = HttpTargets(address, requests, frozenset(allow_remote or ()))
    machine = examine()
    found = _measure(targets, starts, load)
    validity = judge(found, percentile / 100)
    summary, now = summarise(found, validity), datetime.now(UTC)
    for part in terminal.of_run(summary):
        output.console.print(part)
    if html is not None:
        atomic_file.write_text(html, page.of_run(summary, machine, now=now))
    output.write(lambda: document.render(document.of_run(summary, machine, now=now)))
    # Who asks for a closed loop gets what was asked for.
    raise typer.Exit(0 if closed or validity.valid else INVALID)


def _open(
    limits: "Load", kind: str, rate: float, step: list[str], recording: Path | None
) -> "tuple[Load, FloatArray]":
    """Return an open load with its starts; those that bring their own times decide how long it lasts."""
    from servelab.bench import arrivals
    from servelab.errors import MisuseError

    match kind:
        case "poisson" | "constant":
            schedule.refuse_impossible(rate, limits.processes)
            starts = schedule.draw(kind, rate, limits.duration_s, limits.seed)
            duration_s = limits.duration_s
        case "stepped":
            steps = schedule.read_steps(step)
            schedule.refuse_impossible(max((each for each, _ in steps), default=0.0), limits.processes)
            starts = arrivals.stepped(steps, limits.seed)
            duration_s = sum(length_s for _, length_s in steps)
            rate = len(starts) / duration_s
        case "recorded":
            starts = schedule.read_recording(recording)
            # A hair past the last one, which is still of the run.
            duration_s = math.nextafter(float(starts[-1]), math.inf)
            rate = len(starts) / duration_s
        case _:
            msg = f"--arrivals {kind}: there are poisson, constant, stepped and recorded"
            raise MisuseError(msg)
    return replace(limits, kind="open", arrivals=kind, rate_per_s=rate, duration_s=duration_s), starts


def _measure(targets: "TargetFactory", starts: "FloatArray | None", load: "Load") -> "Run":
    from servelab.bench.load.generator import run_closed, run_open
    from servelab.commands.bench.measuring import measuring

    with measuring() as (worker, bar):
        bar.begin(f"measuring for {load.duration_s:g} s", load.duration_s)
        if starts is None:
            return worker.call(run_closed, targets, load)
        return worker.call(run_open, targets, starts, load)
