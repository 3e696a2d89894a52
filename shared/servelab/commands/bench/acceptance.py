"""`servelab bench acceptance`: the checks that the harness must pass before its figures are believed."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.output import JsonTo
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from servelab.bench.acceptance.check import Check

FAILED: Final = 1
Only = Annotated[list[int] | None, typer.Option("--only", metavar="ID", help="This check; may be repeated.")]


def acceptance(only: Only = None, json_to: JsonTo = None) -> None:
    """Check the harness against what is known: analytic values, other generators, simulated runs."""
    from servelab.commands.output import Output

    output = Output(json_to)
    done = []
    for check in _checks(only or []):
        done.append(check)
        for line in _lines(check):
            output.console.print(line, soft_wrap=True)
    output.finish({"checks": [asdict(check) for check in done]})
    raise typer.Exit(0 if all(check.ok for check in done) else FAILED)


def _checks(only: list[int]) -> "Iterator[Check]":
    from servelab.bench.acceptance import CHECKS
    from servelab.commands.bench.measuring import measuring

    numbered = dict(enumerate(CHECKS, start=1))
    if unknown := set(only) - set(numbered):
        msg = f"there is no check {min(unknown)}; the checks are 1 to {len(numbered)}"
        raise MisuseError(msg)
    with measuring() as (apart, bar):
        for number, check in numbered.items():
            if not only or number in only:
                bar.begin(f"check {number} of {len(numbered)}")
                yield apart.call(check)


def _lines(check: "Check") -> "Iterator[Text]":
    from rich.text import Text

    from servelab.bench.report.wording import digits

    sign, style = ("✓", "green") if check.ok else ("✗", "red")
    yield Text.assemble((f"{sign} ", style), f"{check.id}  {check.claim}")
    interval = f" ({digits(check.interval[0])} to {digits(check.interval[1])})" if check.interval else ""
    yield Text(f"     {digits(check.value)}{interval}, bound {check.bound}", "dim")
