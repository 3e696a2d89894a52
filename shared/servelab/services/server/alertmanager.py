"""Alertmanager, alone and not in a cluster, with a configuration of the caller's or one that notifies nobody.

Leaves out: where notifications go; a receiver must be listening.
"""

from collections.abc import Callable

from servelab.services.definition import Service
from servelab.services.http import ask, ask_field
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK

NOBODY = """\
route:
  receiver: nobody
receivers:
  - name: nobody
"""


def planner(config: str) -> Callable[[Place], Plan]:
    """Return what plans it with a configuration."""

    def plan(place: Place) -> Plan:
        return Plan(
            url=place.url("http"),
            command=(
                place.program,
                f"--config.file={place.write('alertmanager.yml', config)}",
                f"--storage.path={place.scratch / 'data'}",
                f"--web.listen-address={LOOPBACK}:{place.ports['main']}",
                "--cluster.listen-address=",
            ),
        )

    return plan


def check(plan: Plan) -> str:
    """Ask it at `/-/ready`, and for its status."""
    ask(f"{plan.url}/-/ready")
    return ask_field(f"{plan.url}/api/v2/status", "versionInfo", "version")


ALERTMANAGER = Service(
    name="alertmanager",
    package="prometheus-alertmanager",
    programs=("prometheus-alertmanager", "alertmanager"),
    plan=planner(NOBODY),
    check=check,
    variable="ALERTMANAGER_URL",
)
