"""Services for tests and learners: real servers that start in a moment and leave nothing behind.

    with services.redis() as running:
        client = redis.Redis.from_url(running.url)

| function                    | `url`    | `urls`              | taken from the first of                 |
|-----------------------------|----------|---------------------|-----------------------------------------|
| `redis()`                   | redis:// | unix                | REDIS_URL, binary, container, Valkey    |
| `rabbitmq()`                | amqp://  | management, metrics | RABBITMQ_URL, binary, container         |
| `prometheus(config)`        | http://  |                     | PROMETHEUS_URL, binary, container       |
| `alertmanager(config)`      | http://  |                     | ALERTMANAGER_URL, binary                |
| `postgresql()`              | postgresql:// or sqlite:// |   | DATABASE_URL, binary, SQLite            |
| `nginx(config)`             | http://  |                     | binary, container                       |
| `haproxy(config)`           | http://  | admin               | binary                                  |
| `redis_exporter(redis_url)` | http://  | metrics             | binary                                  |
| `otlp_collector()`          | http://  | grpc                | this process: a stand-in for Jaeger     |

Each is a context manager that yields a `Running`. In the texts of configurations
`{{main}}` and `{{scratch}}` stand for the server's port and folder; with a configuration
of the caller's the environment is not asked.
What can't be had raises LackingServiceError, a sentence with the command that fixes it.
"""

from contextlib import AbstractContextManager

from servelab.services.errors import FailedServiceError, LackingServiceError, ServiceError
from servelab.services.otlp.collector import Collector
from servelab.services.otlp.collector import collector as otlp_collector
from servelab.services.running import Running
from servelab.services.server import alertmanager as _alertmanager
from servelab.services.server import haproxy as _haproxy
from servelab.services.server import nginx as _nginx
from servelab.services.server import prometheus as _prometheus
from servelab.services.server import redis_exporter as _redis_exporter
from servelab.services.server.postgresql import POSTGRESQL
from servelab.services.server.rabbitmq import RABBITMQ
from servelab.services.server.redis import REDIS
from servelab.services.supply import supply as _supply

__all__ = [
    "Collector",
    "FailedServiceError",
    "LackingServiceError",
    "Running",
    "ServiceError",
    "alertmanager",
    "haproxy",
    "nginx",
    "otlp_collector",
    "postgresql",
    "prometheus",
    "rabbitmq",
    "redis",
    "redis_exporter",
]


def redis() -> AbstractContextManager[Running]:
    """Have a Redis, or Valkey in its place, as long as the block runs."""
    return _supply(REDIS)


def rabbitmq() -> AbstractContextManager[Running]:
    """Have a RabbitMQ as long as the block runs."""
    return _supply(RABBITMQ)


def postgresql() -> AbstractContextManager[Running]:
    """Have a PostgreSQL, or SQLite in its place, as long as the block runs."""
    return _supply(POSTGRESQL)


def prometheus(config: str | None = None) -> AbstractContextManager[Running]:
    """Have a Prometheus as long as the block runs.

    Args:
        config: text; None scrapes Prometheus itself. Files that it names are absolute paths.
    """
    return _supply(_prometheus.PROMETHEUS if config is None else _prometheus.configured(config))


def alertmanager(config: str | None = None) -> AbstractContextManager[Running]:
    """Have an Alertmanager as long as the block runs.

    Args:
        config: text; None notifies nobody.
    """
    service = _alertmanager.ALERTMANAGER
    return _supply(service if config is None else service.configured(_alertmanager.planner(config)))


def nginx(config: str) -> AbstractContextManager[Running]:
    """Have an nginx as long as the block runs.

    Args:
        config: content of its `http` block; a server in it listens on `127.0.0.1:{{main}}`.
    """
    return _supply(_nginx.NGINX.configured(_nginx.planner(config)))


def haproxy(config: str) -> AbstractContextManager[Running]:
    """Have an HAProxy as long as the block runs.

    Args:
        config: its frontends and backends; a frontend binds to `127.0.0.1:{{main}}`.
    """
    return _supply(_haproxy.HAPROXY.configured(_haproxy.planner(config)))


def redis_exporter(redis_url: str) -> AbstractContextManager[Running]:
    """Have an exporter of a Redis as long as the block runs.

    Args:
        redis_url: the `url` of a Redis that answers.
    """
    return _supply(_redis_exporter.REDIS_EXPORTER.configured(_redis_exporter.planner(redis_url)))
