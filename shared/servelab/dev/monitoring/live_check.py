"""The live proof: every panel of every dashboard, against a real Prometheus that watches real services.

Leaves out: Grafana itself, which no package brings; that it draws what its SDK made is not shown here.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from servelab.dev.monitoring.live_stack import EVERY_S, LiveStack, live_stack
from servelab.dev.monitoring.panel_check import Finding, look_at_all
from servelab.dev.monitoring.panel_query import panel_queries
from servelab.dev.monitoring.prometheus_api import PrometheusApi, open_api
from servelab.dev.monitoring.step import Step

LIVE = "every panel has data"
# The slowest is RabbitMQ, which looks at its queues every 5 s.
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Seen:
    """What the live proof saw.

    Attributes:
        step: whether all panels have data, and what ran.
        findings: of every panel; none when the services could not be started.
    """

    step: Step
    findings: tuple[Finding, ...]


def look_live() -> Seen:
    """Start everything, and look at every panel.

    Raises:
        LackingServiceError: this machine has not all of it.
        FailedServiceError: a service failed.
    """
    questions = panel_queries()
    with live_stack() as started, open_api(started.url) as client:
        api = PrometheusApi(client)
        again = patience(time.monotonic, time.sleep, PATIENCE_S)
        findings = look_at_all(questions, api.ask, again)
        down = api.down()
    return Seen(_judge(started, findings, down), tuple(findings))


def patience(
    clock: Callable[[], float], sleep: Callable[[float], None], limit_s: float
) -> Callable[[], bool]:
    """Return a function that waits for the next scrape, and says whether it is worth asking again."""
    deadline_s = clock() + limit_s

    def again() -> bool:
        sleep(EVERY_S)
        return clock() < deadline_s

    return again


def _judge(started: LiveStack, findings: list[Finding], down: list[str]) -> Step:
    empty = [each for each in findings if not each.ok]
    wrong = [f"no data in {len(empty)} of {len(findings)} queries"] if empty else []
    wrong += [f"not scraped: {each}" for each in down]
    ran = f"{', '.join(started.running)}; no target here for {', '.join(started.left_out)}"
    right = f"{len(findings)} queries give data"
    return Step(LIVE, ok=not wrong, detail=f"{'; '.join(wrong) or right} ({ran})")
