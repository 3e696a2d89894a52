"""The exporter that turns what a Redis says of itself into metrics for Prometheus.

Leaves out: an embedded one, and its image; a Valkey is exported as well as a Redis.
"""

import re
from collections.abc import Callable

from servelab.services.definition import Service
from servelab.services.errors import NotReadyError
from servelab.services.http import ask
from servelab.services.plan import Place, Plan
from servelab.services.port import LOOPBACK


def planner(redis_url: str) -> Callable[[Place], Plan]:
    """Return what plans it for a Redis."""

    def plan(place: Place) -> Plan:
        address = f"{LOOPBACK}:{place.ports['main']}"
        return Plan(
            url=place.url("http"),
            urls={"metrics": f"{place.url('http')}/metrics"},
            command=(place.program, "-web.listen-address", address),
            # Not as an argument, which every user of the machine can read: a URL may hold a password.
            environment={"REDIS_ADDR": redis_url},
        )

    return plan


def check(plan: Plan) -> str:
    """Ask it for its metrics, and whether it reaches its Redis."""
    metrics = ask(f"{plan.url}/metrics").text
    if not re.search(r"^redis_up 1$", metrics, re.MULTILINE):
        msg = "it does not reach its Redis"
        raise NotReadyError(msg)
    found = re.search(r'redis_exporter_build_info.*?[{,]version="([^"]+)"', metrics)
    return found[1] if found else "unknown"


REDIS_EXPORTER = Service(
    name="redis-exporter",
    package="prometheus-redis-exporter",
    programs=("prometheus-redis-exporter", "redis_exporter"),
    plan=planner("redis://127.0.0.1:6379"),
    check=check,
)
