"""`servelab bench overhead`: what a service costs beyond bare FastAPI, as a whole and layer by layer."""

import contextlib
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.output import JsonTo
from servelab.dev.document import replaced
from servelab.errors import GraderFaultError

if TYPE_CHECKING:
    from collections.abc import Callable

    from servelab.bench.bench_config import BenchConfig, RequestConfig
    from servelab.bench.overhead import Overhead, Search, Side
    from servelab.grading.manifest import Exercise

BARE: Final = "servelab.bench.servers.bare:create_app"
COMMAND: Final = "servelab bench overhead"
SLO_S: Final = 0.25
"""A shared machine pauses for some 100 ms now and then. A tighter objective would find the rate at which no
pause fell into a probe; this one is broken by a queue that grows, and lies hardly above the knee."""

START_PER_S: Final = 1000.0
CONNECTIONS: Final = 16
PRECISION: Final = 0.05
PROBE_S: Final = 8.0
"""Near its capacity a service takes seconds to fill its queue: a shorter probe finds too much."""

WARM_UP_S: Final = 2.0
MOST_PROBES: Final = 18


def overhead(
    exercise: Annotated[int, typer.Argument(metavar="EXERCISE", help="Such as 1.")] = 1,
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Searches for each capacity.")] = 3,
    write: Annotated[
        bool, typer.Option("--write", help="Put the table into the README of the exercise.")
    ] = False,
    json_to: JsonTo = None,
) -> None:
    """Measure what an exercise's solution costs beyond bare FastAPI, and what each layer adds."""
    from datetime import UTC, datetime

    from servelab import atomic_file
    from servelab.bench import layers
    from servelab.bench import overhead as table_of
    from servelab.bench.bench_config import load
    from servelab.bench.report import json as document
    from servelab.bench.report.machine import examine
    from servelab.commands.output import Output
    from servelab.dev.layer_cost import layer_costs
    from servelab.grading import manifest

    output = Output(json_to)
    owner = manifest.exercise(exercise)
    owner.require_solution()
    measured = load(owner.folder / "bench.toml")
    readme = owner.folder / "README.md"
    if write:
        # Lost marks are better found before the minutes than after them.
        replaced(readme.read_text(encoding="utf-8"), "", f"{COMMAND} {exercise} --write")
    machine = examine()
    costs = layer_costs(owner, measured)
    overheads = _overheads(owner, measured, rounds, lambda line: output.console.print(line, markup=False))
    now = datetime.now(UTC)
    output.write(lambda: document.render(document.of_overhead(overheads, SLO_S, costs, machine, now=now)))
    _require_pairs(overheads)
    text = "\n\n".join(
        (
            table_of.markdown(overheads, SLO_S),
            f"{measured.layers.request}, layer by layer at {measured.layers.rate_per_s:g}/s:",
            layers.markdown(costs),
            f"Measured on {machine.brief}; {rounds} searches of each.",
        )
    )
    output.console.print(text, markup=False, soft_wrap=True)
    if write:
        updated = replaced(readme.read_text(encoding="utf-8"), text, f"{COMMAND} {exercise} --write")
        atomic_file.write_text(readme, updated)


def _overheads(
    owner: "Exercise", measured: "BenchConfig", rounds: int, say: "Callable[[str], None]"
) -> list["Overhead"]:
    from servelab.bench.overhead import Overhead
    from servelab.commands.bench.side import served
    from servelab.dev.layer_cost import with_app

    found: dict[tuple[str, Side], list[Search]] = {}
    with contextlib.ExitStack() as services:
        bare = services.enter_context(served(with_app(owner, BARE), owner.solution)).address
        service = services.enter_context(served(owner, owner.solution)).address
        for number in range(rounds):
            for each in measured.request:
                sides: list[tuple[Side, str]] = [("bare", f"{bare}/"), ("service", f"{service}{each.path}")]
                # The order alternates: what the first search does to the machine, the second one feels.
                for side, address in sides if number % 2 == 0 else sides[::-1]:
                    # Both sides of a round get the same seeds, and each round others.
                    search = _search(side, address, each, number * MOST_PROBES)
                    found.setdefault((each.name, side), []).append(search)
                    say(f"round {number + 1}: {each.name}, {side}: {_outcome(search)}")
    return [
        Overhead(each.name, list(zip(found[each.name, "bare"], found[each.name, "service"], strict=True)))
        for each in measured.request
    ]


def _search(side: "Side", address: str, asked: "RequestConfig", seed: int) -> "Search":
    from servelab.bench.http import HttpTargets
    from servelab.bench.overhead import search_of
    from servelab.bench.run import Load
    from servelab.commands.bench import option
    from servelab.commands.bench.capacity import search

    request = option.request(asked.method, asked.body, None)
    targets = HttpTargets(address, (request,), frozenset())
    load = Load("open", "poisson", START_PER_S, PROBE_S, WARM_UP_S, seed, CONNECTIONS, timeout_s=2.0)
    found = search(targets, load, SLO_S, 0.99, precision=PRECISION, max_probes=MOST_PROBES, overloads=())
    return search_of(side, found)


def _outcome(search: "Search") -> str:
    if search.capacity_per_s is not None:
        return f"{search.capacity_per_s:,.0f}/s"
    return f"left out after {len(search.probes)} probes, limit: {search.limit}"


def _require_pairs(overheads: "list[Overhead]") -> None:
    for each in overheads:
        if not each.pairs:
            msg = f"{each.name}: no round found both capacities; use a quieter machine, or more --rounds"
            raise GraderFaultError(msg)
