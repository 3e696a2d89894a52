"""`servelab bench share`: how much of bare FastAPI's capacity is left in an exercise's service."""

import contextlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.bench.document import replaced
from servelab.commands.output import JsonTo
from servelab.errors import GraderFaultError

if TYPE_CHECKING:
    from collections.abc import Callable

    from servelab.bench.asked import Asked
    from servelab.bench.http.request import Request
    from servelab.bench.share import Share
    from servelab.grading.manifest import Exercise

BARE: Final = "servelab.bench.servers.bare:create_app"
COMMAND: Final = "servelab bench share"
SLO_S: Final = 0.05
START_PER_S: Final = 500.0
CONNECTIONS: Final = 16
PRECISION: Final = 0.05
MOST_PROBES: Final = 12


def share(
    exercise: Annotated[int, typer.Argument(metavar="EXERCISE", help="Such as 1.")] = 1,
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Searches for each capacity.")] = 3,
    write: Annotated[
        bool, typer.Option("--write", help="Put the table into the README of the exercise.")
    ] = False,
    json_to: JsonTo = None,
) -> None:
    """Search the capacity of an exercise's solution and that of bare FastAPI in turn, and show the share."""
    from servelab import atomic_file
    from servelab.bench.asked import load
    from servelab.bench.report.json import render
    from servelab.bench.report.machine import examine
    from servelab.bench.share import markdown
    from servelab.commands.output import Output
    from servelab.grading import manifest

    output = Output(json_to)
    owner = manifest.exercise(exercise)
    asked = load(owner.folder / "bench.toml")
    machine = examine()
    shares = _measure(owner, asked, rounds, lambda line: output.console.print(line, markup=False))
    on = f"Measured on {machine.cpu}, {machine.cores} cores, {machine.python}; {rounds} rounds."
    table = f"{markdown(shares, SLO_S)}\n\n{on}"
    output.console.print(table, markup=False, soft_wrap=True)
    if write:
        readme = owner.folder / "README.md"
        text = replaced(readme.read_text(encoding="utf-8"), table, f"{COMMAND} {exercise} --write")
        atomic_file.write_text(readme, text)
    output.write(lambda: render({"machine": asdict(machine), "shares": [asdict(each) for each in shares]}))


def _measure(
    owner: "Exercise", asked: "tuple[Asked, ...]", rounds: int, say: "Callable[[str], None]"
) -> list["Share"]:
    from servelab.bench.share import Share
    from servelab.commands.bench.service import served

    bare_exercise = replace(
        owner, serve=tuple(BARE if word.endswith(":create_app") else word for word in owner.serve)
    )
    found: dict[tuple[str, str], list[float]] = {}
    with contextlib.ExitStack() as services:
        bare = services.enter_context(served(bare_exercise, owner.solution))
        service = services.enter_context(served(owner, owner.solution))
        for number in range(rounds):
            for each in asked:
                sides = [("bare", f"{bare}/"), ("service", f"{service}{each.path}")]
                # The order alternates: what the first search does to the machine, the second one feels.
                # Both sides of a round get the same arrivals, and each round others.
                for side, address in sides if number % 2 == 0 else sides[::-1]:
                    rate_per_s = _capacity(address, _request(each), number * MOST_PROBES)
                    found.setdefault((each.name, side), []).append(rate_per_s)
                    say(f"round {number + 1}: {each.name}, {side}: {rate_per_s:,.0f}/s")
    return [Share(each.name, found[each.name, "bare"], found[each.name, "service"]) for each in asked]


def _request(asked: "Asked") -> "Request":
    from servelab.commands.bench import option

    return option.request(asked.method, asked.body, None)


def _capacity(address: str, request: "Request", seed: int) -> float:
    from servelab.bench.http import HttpTargets
    from servelab.bench.run import Load
    from servelab.commands.bench.capacity import search

    load = Load("open", "poisson", START_PER_S, 4.0, 1.0, seed, CONNECTIONS, timeout_s=2.0)
    targets = HttpTargets(address, (request,), frozenset())
    found = search(targets, load, SLO_S, 0.99, precision=PRECISION, max_probes=MOST_PROBES, overloads=())
    if found.rate_per_s is None or found.limit == "generator":
        msg = f"no capacity was found for {address}: the limit was the {found.limit}; use a quieter machine"
        raise GraderFaultError(msg)
    return found.rate_per_s
