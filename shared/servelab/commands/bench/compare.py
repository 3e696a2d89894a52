"""`servelab bench compare`: B against A, in blocks that alternate."""

import contextlib
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.bench import option, schedule
from servelab.commands.output import JsonTo
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from servelab.bench.comparison.abba import Comparison
    from servelab.bench.comparison.rounds import Block
    from servelab.bench.comparison.statistic import Statistic
    from servelab.bench.http import HttpTargets
    from servelab.bench.load.worker_process import WorkerProcess
    from servelab.bench.run import Load, Run

NOT_SHOWN: Final = 1
BLOCKS_PER_ROUND: Final = 4

Side = Annotated[
    str, typer.Argument(metavar="ADDRESS|FOLDER", help="An address, or the folder of an implementation.")
]
Statistic_ = Annotated[str, typer.Option("--statistic", help="p50, p99, … or goodput, within the SLO.")]
Margin = Annotated[float, typer.Option(min=0.1, max=100, metavar="PERCENT", help="Counts as the same.")]
Path_ = Annotated[str, typer.Option("--path", help="What is asked of a folder's service.")]
Exercise_ = Annotated[
    int | None, typer.Option("--exercise", help="The exercise of a folder whose place does not tell it.")
]


def compare(  # noqa: PLR0913 - a command line
    a: Side,
    b: Side,
    *,
    statistic: Statistic_ = "p50",
    slo: option.Slo = 0.05,
    margin: Margin = 5.0,
    budget: option.Budget = 600.0,
    rate: option.Rate = 200.0,
    block: Annotated[float, option.time_option("Length of a block, warm-up included.")] = 1.0,
    warm_up: option.WarmUp = 0.2,
    seed: option.Seed = 1,
    connections: option.Connections = 64,
    processes: option.Processes = 1,
    timeout: option.Timeout = 10.0,
    path: Path_ = "/health/live",
    method: option.Method = "",
    body: option.Body = "",
    header: option.Header = None,
    allow_remote: option.AllowRemote = None,
    exercise: Exercise_ = None,
    json_to: JsonTo = None,
    html: option.HtmlTo = None,
) -> None:
    """Say whether B is better or worse than A, or the same within a margin."""
    from datetime import UTC, datetime

    from servelab import atomic_file
    from servelab.bench.http import HttpTargets
    from servelab.bench.report import html as page
    from servelab.bench.report import json as document
    from servelab.bench.report import terminal
    from servelab.bench.report.machine import examine
    from servelab.bench.report.pairing import Pairing
    from servelab.bench.run import Load
    from servelab.commands.bench.side import serving
    from servelab.commands.output import Output

    output = Output(json_to)
    option.check_html(html)
    chosen, q = _statistic(statistic, slo)
    load = Load("open", "poisson", rate, block, warm_up, seed, connections, processes, timeout)
    schedule.refuse_impossible(rate, processes)
    schedule.refuse_too_short(int(rate * (block - warm_up)), rate, warm_up, q)
    requests, allowed = (option.request(method, body, header),), frozenset(allow_remote or ())
    machine = examine()
    with contextlib.ExitStack() as services:
        sides = [
            HttpTargets(services.enter_context(serving(side, path, exercise)), requests, allowed)
            for side in (a, b)
        ]
        found = _compare(sides, load, chosen, margin / 100, budget)
    pairing, now = Pairing(a, b, load, found), datetime.now(UTC)
    for part in terminal.of_comparison(pairing):
        output.console.print(part)
    if html is not None:
        atomic_file.write_text(html, page.of_comparison(pairing, machine, now=now))
    output.write(lambda: document.render(document.of_comparison(pairing, machine, now=now)))
    raise typer.Exit(0 if found.verdict in ("better", "same") else NOT_SHOWN)


def _statistic(name: str, slo_s: float) -> "tuple[Statistic, float]":
    from servelab.bench.comparison.statistic import goodput, latency_percentile

    if name == "goodput":
        return goodput(slo_s), 0.5
    try:
        q = float(name.removeprefix("p")) / 100
    except ValueError:
        q = 0.0
    if not (name.startswith("p") and 0 < q < 1):
        msg = f"--statistic {name}: write it as p50, p99 or another percentile, or goodput"
        raise MisuseError(msg)
    return latency_percentile(q), q


def _compare(
    sides: "list[HttpTargets]", load: "Load", statistic: "Statistic", margin: float, budget_s: float
) -> "Comparison":
    from servelab.bench.comparison import abba as comparison
    from servelab.commands.bench.measuring import measuring

    with measuring() as (worker, bar):
        numbers = itertools.count()
        first, second = (_measure(worker, side, load, numbers) for side in sides)
        bar.begin("comparing, for at most", budget_s)

        def show(block: "Block") -> None:
            bar.say(f"round {block.round + 1}, {block.label}")

        return comparison.compare(
            first,
            second,
            statistic=statistic,
            margin=margin,
            budget_s=budget_s,
            seed=load.seed,
            on_block=show,
        )


def _measure(
    worker: "WorkerProcess", targets: "HttpTargets", load: "Load", numbers: "itertools.count[int]"
) -> "Callable[[], Run]":
    from servelab.bench.load.generator import run_open

    def measure() -> "Run":
        # The blocks of a round get the same arrivals: luck in them must not look like a difference.
        seeded = replace(load, seed=load.seed + next(numbers) // BLOCKS_PER_ROUND)
        starts = schedule.draw("poisson", load.rate_per_s, load.duration_s, seeded.seed)
        return worker.call(run_open, targets, starts, seeded)

    return measure
