"""The real services in use, and a Prometheus that watches them by the committed configuration.

Leaves out: Grafana, Alertmanager and Jaeger; no dashboard is about them.
"""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from servelab import launch, services
from servelab.dev.monitoring.scrape_config import turn
from servelab.dev.monitoring.traffic import traffic
from servelab.errors import MisuseError
from servelab.grading import manifest
from servelab.services import Running
from servelab.services.port import LOOPBACK

EVERY_S: Final = 1
REPLICAS: Final = 2
# A configuration can't know Prometheus' own port; `servelab.services` fills it in.
OWN_TARGET: Final = "127.0.0.1:{{main}}"


@dataclass(frozen=True)
class LiveStack:
    """A Prometheus that watches services in use.

    Attributes:
        url: of Prometheus.
        left_out: jobs of the committed configuration that have no target here.
        running: what runs: name and version of each service.
    """

    url: str
    left_out: tuple[str, ...]
    running: tuple[str, ...]


@contextmanager
def live_stack() -> Iterator[LiveStack]:
    """Have everything running as long as the block runs.

    Raises:
        LackingServiceError: this machine has not all of it.
        FailedServiceError: a service failed.
    """
    with ExitStack() as stack:
        redis = stack.enter_context(services.redis())
        exporter = stack.enter_context(services.redis_exporter(redis.url))
        rabbitmq = stack.enter_context(services.rabbitmq())
        apis = [stack.enter_context(_prediction_api()) for _ in range(REPLICAS)]
        queues = _metrics_of(rabbitmq)
        turned = turn(
            {
                "exercise-01": [urlsplit(api).netloc for api in apis],
                "redis": [_metrics_of(exporter)],
                "rabbitmq": [queues],
                "rabbitmq-queues": [queues],
                "prometheus": [OWN_TARGET],
            },
            every_s=EVERY_S,
        )
        stack.enter_context(traffic(apis, redis.url, rabbitmq.url))
        prometheus = stack.enter_context(services.prometheus(turned.text))
        running = [f"{each.name} {each.version}" for each in (redis, exporter, rabbitmq, prometheus)]
        yield LiveStack(prometheus.url, turned.left_out, (*running, f"{REPLICAS} replicas of exercise 01"))


@contextmanager
def _prediction_api() -> Iterator[str]:
    """Yield the URL of a replica of exercise 01 on a TCP port, where Prometheus can scrape it."""
    exercise = manifest.exercise(1)
    with socket.create_server((LOOPBACK, 0)) as listener:
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        with launch.running(exercise.programs[0], exercise.solution, listener):
            yield url


def _metrics_of(running: Running) -> str:
    """Return host:port of a service's metrics."""
    if "metrics" not in running.urls:
        msg = f"{running.name} is the environment's, and where its metrics are is unknown; unset its variable"
        raise MisuseError(msg)
    return urlsplit(running.urls["metrics"]).netloc
