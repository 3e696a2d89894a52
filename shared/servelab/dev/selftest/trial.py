"""What the self-test tries: each service with what it needs to be useful, and each stand-in."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler

from servelab import services
from servelab.dev.selftest import use
from servelab.dev.selftest.span_use import otlp_collector
from servelab.services.definition import Service
from servelab.services.otlp.collector import NAME as OTLP
from servelab.services.running import Running
from servelab.services.server.postgresql import POSTGRESQL
from servelab.services.server.redis import REDIS
from servelab.services.supply import supply
from servelab.services.threaded_server import serving

NGINX = """\
upstream behind { server 127.0.0.1:BEHIND; }
server { listen 127.0.0.1:{{main}}; location / { proxy_pass http://behind; } }
"""
HAPROXY = """\
frontend front
    bind 127.0.0.1:{{main}}
    default_backend behind
backend behind
    server one 127.0.0.1:BEHIND
"""


@dataclass(frozen=True)
class Trial:
    """A service to be tried.

    Attributes:
        name: what it is listed as.
        open: returns what has it answer; what it needs beside goes on the stack.
        use: uses it, and says how.
    """

    name: str
    open: Callable[[ExitStack], AbstractContextManager[Running]]
    use: Callable[[Running], str]


def _stand_in(service: Service) -> Callable[[ExitStack], AbstractContextManager[Running]]:
    alone = replace(service, programs=(), image="", variable="")
    return lambda _: supply(alone)


TRIALS = (
    Trial("redis", lambda _: services.redis(), use.redis),
    Trial("rabbitmq", lambda _: services.rabbitmq(), use.rabbitmq),
    Trial("postgresql", lambda _: services.postgresql(), use.postgresql),
    Trial("prometheus", lambda _: services.prometheus(), use.prometheus),
    Trial("alertmanager", lambda _: services.alertmanager(), use.alertmanager),
    Trial("nginx", lambda stack: services.nginx(_behind(stack, NGINX)), use.proxy),
    Trial("haproxy", lambda stack: services.haproxy(_behind(stack, HAPROXY)), use.proxy),
    Trial(
        "redis-exporter",
        lambda stack: services.redis_exporter(stack.enter_context(services.redis()).url),
        use.redis_exporter,
    ),
    Trial("valkey (stand-in for redis)", _stand_in(REDIS), use.redis),
    Trial("sqlite (stand-in for postgresql)", _stand_in(POSTGRESQL), use.postgresql),
    Trial(OTLP, lambda _: services.otlp_collector(), otlp_collector),
)


def _behind(stack: ExitStack, config: str) -> str:
    """Return a proxy's configuration with the port of a server that answers every request with its path."""
    return config.replace("BEHIND", str(stack.enter_context(serving(_Echo))))


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer with the path."""
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""
