"""What the tools of Prometheus and Alertmanager say of the committed configuration.

A tool that is not on this machine leaves its step undone, and undone is not ok.
"""

import subprocess
from pathlib import Path
from typing import Final

from servelab.dev.monitoring.place import ALERTMANAGER, PROMETHEUS
from servelab.dev.monitoring.step import Step
from servelab.services.program import find

TIMEOUT_S: Final = 300
PACKAGES: Final = {"promtool": "prometheus", "amtool": "prometheus-alertmanager"}


def check_by_tools() -> list[Step]:
    """Check the configuration, the rules, the tests of the rules, and the routing."""
    config = PROMETHEUS / "prometheus.yml"
    tests = sorted((PROMETHEUS / "tests").glob("*.yml"))
    return [
        run_tool("Prometheus takes its configuration and rules", "promtool", "check", "config", config),
        run_tool("the tests of the rules pass", "promtool", "test", "rules", *tests),
        run_tool("Alertmanager takes its configuration", "amtool", "check-config", ALERTMANAGER),
    ]


def run_tool(claim: str, tool: str, *arguments: str | Path) -> Step:
    """Run a tool; what it is run for is so when it ends with 0."""
    program = find([tool])
    if not program:
        mend = f"sudo apt-get install --no-install-recommends {PACKAGES[tool]}"
        return Step(claim, ok=False, detail=f"{tool} is not on this machine; get it with: {mend}")
    command = [program, *map(str, arguments)]
    done = subprocess.run(  # noqa: S603 - a tool of the system
        command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    if done.returncode == 0:
        return Step(claim, ok=True, detail=f"{tool} {arguments[0]}")
    return Step(claim, ok=False, detail=" ".join(f"{done.stdout} {done.stderr}".split()))
