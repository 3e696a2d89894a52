"""All services that are servers, by name."""

from servelab.services.server.alertmanager import ALERTMANAGER
from servelab.services.server.haproxy import HAPROXY
from servelab.services.server.nginx import NGINX
from servelab.services.server.postgresql import POSTGRESQL
from servelab.services.server.prometheus import PROMETHEUS
from servelab.services.server.rabbitmq import RABBITMQ
from servelab.services.server.redis import REDIS
from servelab.services.server.redis_exporter import REDIS_EXPORTER

SERVICES = {
    service.name: service
    for service in (
        *(REDIS, RABBITMQ, POSTGRESQL, PROMETHEUS, ALERTMANAGER),
        *(NGINX, HAPROXY, REDIS_EXPORTER),
    )
}

PERSISTENT = {name: service for name, service in SERVICES.items() if service.variable}
"""Those that make sense without a configuration: a program finds them by a URL in its environment."""
