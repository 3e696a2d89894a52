"""`servelab monitoring`: generate the dashboards, prove that rules and panels work."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.output import JsonTo, Output
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.dev.monitoring.panel_check import Finding
    from servelab.dev.monitoring.step import Step

LIBRARIES = {"grafana_foundation_sdk", "pika", "redis", "yaml"}
INSTALL = '.venv/bin/pip install -e ".[exercise-01,monitoring,services]" -c constraints.txt'

app = typer.Typer(
    name="monitoring", help="Dashboards, rules and alerts: generate, check.", no_args_is_help=True
)


@app.command()
def dashboards(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say which files differ from the code.")
    ] = False,
) -> int:
    """Write the JSON of the Grafana dashboards from their code."""
    output = Output()
    with _misuse():
        from servelab.dev.monitoring.dashboard import generation

        names = generation.outdated() if check else list(generation.write())
    for name in names:
        output.console.print(f"{name} differs from its code" if check else f"{name} written", soft_wrap=True)
    if check and names:
        output.console.print("fix it: servelab monitoring dashboards")
        return 1
    if not names:
        output.console.print("the dashboards are those of the code")
    return 0


@app.command()
def check(json_to: JsonTo = None) -> int:
    """Check configuration, rules and runbook; start the services, and look whether every panel has data."""
    output = Output(json_to)
    steps: list[Step] = []
    findings: list[Finding] = []
    with _misuse(), output.console.status("checking; the services take half a minute"):
        for step, found in _steps():
            steps.append(step)
            findings += found
            mark = "✓" if step.ok else "✗"
            output.console.print(f"{mark} {step.name}: {step.detail}", markup=False, soft_wrap=True)
    for finding in findings:
        if not finding.ok:
            line = (
                f"  {finding.asked.dashboard}, {finding.asked.panel}: {finding.detail}: {finding.asked.query}"
            )
            output.console.print(line, markup=False, soft_wrap=True)
    output.finish(_report(steps, findings))
    return 0 if all(step.ok for step in steps) else 1


def _steps() -> "Iterator[tuple[Step, tuple[Finding, ...]]]":
    """Take one step after the other; what this machine lacks is a step that is not ok."""
    from servelab.dev.monitoring.alert_coverage import check_alerts
    from servelab.dev.monitoring.dashboard.generation import check_current
    from servelab.dev.monitoring.live_check import LIVE, look_live
    from servelab.dev.monitoring.step import Step
    from servelab.dev.monitoring.tool_check import check_by_tools
    from servelab.services import ServiceError

    yield check_current(), ()
    yield check_alerts(), ()
    yield from ((step, ()) for step in check_by_tools())
    try:
        seen = look_live()
    except ServiceError as error:
        yield Step(LIVE, ok=False, detail=f"not proved: {error}"), ()
    else:
        yield seen.step, seen.findings


def _report(steps: "list[Step]", findings: "list[Finding]") -> dict[str, object]:
    empty = sum(not each.ok for each in findings)
    summary = {"ok": all(step.ok for step in steps), "panels": len(findings), "without_data": empty}
    return {
        "summary": {**summary, "steps": [step.to_dict() for step in steps]},
        "panels": [each.to_dict() for each in findings],
    }


@contextlib.contextmanager
def _misuse() -> Iterator[None]:
    """Say in one sentence which library is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        top = (error.name or "").partition(".")[0]
        if top not in LIBRARIES:
            raise
        msg = f"this needs {top}, which is not installed; get it with: {INSTALL}"
        raise MisuseError(msg) from error
