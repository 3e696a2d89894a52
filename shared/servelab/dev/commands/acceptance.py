"""`servelab bench acceptance`: the checks that the harness must pass before its figures are believed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.output import JsonTo
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from servelab.dev.acceptance.check import Check

FAILED: Final = 1
MODULES: Final[dict[int, tuple[str, ...]]] = {2: ("aiohttp", "httpx"), 3: ("mlperf_loadgen",)}
"""Modules that a check compares with, by its number."""
PROGRAMS: Final[dict[int, tuple[str, ...]]] = {2: ("wrk",)}
INSTALL: Final = '.venv/bin/pip install -e ".[peers]" -c constraints.txt'
Only = Annotated[list[int] | None, typer.Option("--only", metavar="ID", help="This check; may be repeated.")]


def acceptance(only: Only = None, json_to: JsonTo = None) -> None:
    """Check the harness against what is known: analytic values, other generators, simulated runs."""
    from servelab.bench.report.json import render
    from servelab.commands.output import Output

    output = Output(json_to)
    _require(only or [])
    done = []
    for check in _checks(only or []):
        done.append(check)
        for line in _lines(check):
            output.console.print(line, soft_wrap=True)
    output.write(lambda: render({"checks": [asdict(check) for check in done]}))
    raise typer.Exit(0 if all(check.ok for check in done) else FAILED)


def _require(only: list[int]) -> None:
    """Refuse to begin checks that could not be ended: they take minutes.

    Raises:
        MisuseError: what a check compares with is not installed.
    """
    import shutil
    from importlib.util import find_spec

    def wanted(needs: dict[int, tuple[str, ...]]) -> list[tuple[int, str]]:
        return [
            (number, name) for number, names in needs.items() for name in names if not only or number in only
        ]

    modules = [(number, name) for number, name in wanted(MODULES) if find_spec(name) is None]
    programs = [(number, name) for number, name in wanted(PROGRAMS) if shutil.which(name) is None]
    if modules or programs:
        named = ", ".join(f"check {number} {name}" for number, name in sorted([*modules, *programs]))
        get = [f"get the packages with: {INSTALL}"] if modules else []
        get += ["install the program from your system's packages"] if programs else []
        msg = (
            f"not installed here, though needed: {named}; name other checks with --only, or {'; '.join(get)}"
        )
        raise MisuseError(msg)


def _checks(only: list[int]) -> "Iterator[Check]":
    from servelab.commands.bench.measuring import measuring
    from servelab.dev.acceptance import CHECKS

    numbered = dict(enumerate(CHECKS, start=1))
    if unknown := set(only) - set(numbered):
        msg = f"there is no check {min(unknown)}; the checks are 1 to {len(numbered)}"
        raise MisuseError(msg)
    with measuring() as (worker, bar):
        for number, check in numbered.items():
            if not only or number in only:
                bar.begin(f"check {number} of {len(numbered)}")
                yield worker.call(check)


def _lines(check: "Check") -> "Iterator[Text]":
    from rich.text import Text

    from servelab.bench.report.quantity import digits

    sign, style = ("✓", "green") if check.ok else ("✗", "red")
    yield Text.assemble((f"{sign} ", style), f"{check.id}  {check.claim}")
    interval = f" ({digits(check.interval[0])} to {digits(check.interval[1])})" if check.interval else ""
    yield Text(f"     {digits(check.value)}{interval}, bound {check.bound}", "dim")
