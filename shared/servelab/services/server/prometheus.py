"""Prometheus, with a configuration of the caller's or one that scrapes Prometheus itself.

Leaves out: what it scrapes; the targets must be listening before they can be up. Files
that a configuration names are not there in a container, and Prometheus takes a missing
file of rules for no rules at all: such a configuration is run by a program only.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from servelab.services.definition import Service
from servelab.services.http import ask, ask_field
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK

ITSELF = """\
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: prometheus
    static_configs:
      - targets: ["127.0.0.1:{{main}}"]
"""


NAMES_FILES = re.compile(r"files?[\"']?\s*:")  # rule_files, file_sd_configs' files, ca_file and others


def configured(config: str) -> Service:
    """Return it with a configuration of the caller's."""
    service = PROMETHEUS.configured(planner(config))
    return replace(service, image="") if NAMES_FILES.search(config) else service


def planner(config: str) -> Callable[[Place], Plan]:
    """Return what plans it with a configuration."""

    def plan(place: Place) -> Plan:
        return Plan(
            url=place.url("http"),
            command=(
                place.program,
                f"--config.file={place.write('prometheus.yml', config)}",
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
