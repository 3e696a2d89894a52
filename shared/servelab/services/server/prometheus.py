"""Prometheus, with a configuration of the caller's or one that scrapes Prometheus itself.

Leaves out: what it scrapes; the targets must be listening before they can be up.
"""

from collections.abc import Callable
from pathlib import Path

from servelab.services.http import ask, ask_field
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK
from servelab.services.service import Service

ITSELF = """\
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ["127.0.0.1:{{main}}"]
"""


def planner(config: str | Path) -> Callable[[Place], Plan]:
    """Return what plans it with a configuration: text, or a file, beside which its rules are looked for."""

    def plan(place: Place) -> Plan:
        file = config if isinstance(config, Path) else place.write("prometheus.yml", config)
        return Plan(
            url=place.url("http"),
            command=(
                place.program,
                f"--config.file={file.absolute()}",
                f"--storage.tsdb.path={place.scratch / 'data'}",
                f"--web.listen-address={LOOPBACK}:{place.ports['main']}",
                "--web.enable-lifecycle",  # POST /-/reload
            ),
        )

    return plan


def check(plan: Plan) -> str:
    """Ask it at `/-/ready`, and for its build."""
    ask(f"{plan.url}/-/ready")
    return ask_field(f"{plan.url}/api/v1/status/buildinfo", "data", "version")


PROMETHEUS = Service(
    name="prometheus",
    package="prometheus",
    programs=("prometheus",),
    plan=planner(ITSELF),
    check=check,
    variable="PROMETHEUS_URL",
    image="prom/prometheus:v2.53.0",
)
